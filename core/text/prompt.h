// Defines the token sequences of questions and examples; training, evaluation and answering all
// take them from here.
//   CheckQuestion   whether a text may be asked
//   BuildPrompt     the ids between the image and the answer
//   Example, BuildExample   the same with the answer, and which ids are trained
//   AnswerText       what a person reads of the ids that a model answered with
//
// A whole sequence is BOS, the image's positions, and these ids. BOS and the end id are the
// model's, never tokenised text.

#ifndef MD2_CORE_TEXT_PROMPT_H_
#define MD2_CORE_TEXT_PROMPT_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "core/base/revision.h"
#include "core/text/token_id.h"
#include "core/text/tokenizer.h"

namespace md2::text {

// QUESTION_INVALID when it is empty or white space only, is not UTF-8, is too long to be tokenised,
// or holds a reserved marker: "<image>", on which the published code breaks, "<|endoftext|>", by
// which it is deceived, or any special token of the tokenizer. All markers are named.
absl::Status CheckQuestion(const Tokenizer& tokenizer, absl::string_view question);

// QUESTION_INVALID when it is not UTF-8, is too long to be tokenised, or holds "<|endoftext|>" or a
// special token of the tokenizer, at which a model trained on it would stop. It may be empty.
absl::Status CheckAnswer(const Tokenizer& tokenizer, absl::string_view answer);

// The question as it is, neither stripped nor tidied, in the template of the revision. The reasons
// of CheckQuestion, or TOKENIZER_INVALID when the template's ids are not the tokenizer's.
absl::StatusOr<std::vector<TokenId>> BuildPrompt(const Tokenizer& tokenizer,
                                                 base::Revision revision,
                                                 absl::string_view question);

struct Example {
  std::vector<TokenId> ids;  // prompt, answer, end id
  // The labels are ids[num_prompt_ids] to the last: the answer and its end, nothing else.
  size_t num_prompt_ids = 0;
};

// The answer is tokenised apart from the question, with one space before it where the revision has
// one, and `end_id` follows. The reasons of BuildPrompt and CheckAnswer.
absl::StatusOr<Example> BuildExample(const Tokenizer& tokenizer, base::Revision revision,
                                     absl::string_view question, absl::string_view answer,
                                     TokenId end_id);

// Without special tokens, cleaned up, and without white space at both ends.
std::string AnswerText(const Tokenizer& tokenizer, absl::Span<const TokenId> ids);

}  // namespace md2::text

#endif  // MD2_CORE_TEXT_PROMPT_H_
