// Defines how a model answers many rows:
//   AskedRow          a question about an image, and its reference
//   RowAnswer         what the model answered
//   GenerateAnswers   rows in, answers out
//
// Prompts, the rule of stopping and the text of an answer are those of training and of
// `md2-worker answer`: core/text/prompt.h, core/model/prefix_reader.h, core/model/generate.h.

#ifndef MD2_CORE_TRAIN_GENERATE_ANSWERS_H_
#define MD2_CORE_TRAIN_GENERATE_ANSWERS_H_

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "core/base/cancel.h"
#include "core/base/revision.h"
#include "core/model/generate.h"
#include "core/model/moondream.h"
#include "core/text/token_id.h"
#include "core/text/tokenizer.h"
#include "core/train/feature_source.h"

namespace md2::train {

struct AskedRow {
  int64_t row = 0;  // from 0, as the FeatureSource counts; texts say one more
  // A name of the image; rows that follow each other with the same one share its reading.
  std::string image;
  std::string question;
  std::string reference;
};

struct RowAnswer {
  int64_t row = 0;                 // of the AskedRow
  std::vector<text::TokenId> ids;  // without the end id
  model::FinishReason finish_reason = model::FinishReason::kLength;
  std::string text;
  at::Tensor first_logits;  // that chose the first token, [vocab], fp32; undefined unless asked for
};

// What answers; all outlives the call.
struct Answering {
  const model::Moondream& model;
  const text::Tokenizer& tokenizer;
  base::Revision revision;
  model::AttentionKind attention;
  FeatureSource& features;
};

struct GenerateAnswersOptions {
  // Changes results. Tokens of an answer; nothing: AutoMaxNewTokens of the longest reference.
  std::optional<int64_t> max_new_tokens;
  bool keep_first_logits = false;

  // Changes speed and memory. Rows that are answered together: this many, fewer when their keys and
  // values would take more bytes, but one at least.
  int64_t max_rows_together = 64;
  int64_t max_cache_bytes = int64_t{1} << 30;

  base::CancelToken cancel;  // looked at before every image and every token
  // Told from the calling thread how many of the rows are answered; may be null.
  std::function<void(int64_t done)> on_progress;
};

// An answer a row, in their order: the most likely token at every step. Answers do not depend on
// which rows are answered together, to rounding. Errors name the row: those of text::BuildExample
// and of the FeatureSource, CONTEXT_OVERFLOW. Besides CANCELLED within one token, OUT_OF_MEMORY,
// INTERNAL. Blocks; uses LibTorch's threads.
absl::StatusOr<std::vector<RowAnswer>> GenerateAnswers(const Answering& answering,
                                                       absl::Span<const AskedRow> rows,
                                                       const GenerateAnswersOptions& options);

}  // namespace md2::train

#endif  // MD2_CORE_TRAIN_GENERATE_ANSWERS_H_
