// Defines what a question looks like to each revision, as data.
//   PromptTemplate
//   PromptTemplateOf

#ifndef MD2_CORE_TEXT_PROMPT_TABLE_H_
#define MD2_CORE_TEXT_PROMPT_TABLE_H_

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "core/base/revision.h"
#include "core/text/token_id.h"

namespace md2::text {

// What follows the image: ids_before, tokens of the text `before` + question + `after` as one text,
// and ids_after. A revision uses the ids or the texts. Ids are those of the vocabulary that the
// revision was published with.
struct PromptTemplate {
  absl::string_view before;
  absl::string_view after;
  absl::Span<const TokenId> ids_before;
  absl::Span<const TokenId> ids_after;
  absl::string_view before_answer;  // tokenised with the answer as one text
};

const PromptTemplate& PromptTemplateOf(base::Revision revision);

}  // namespace md2::text

#endif  // MD2_CORE_TEXT_PROMPT_TABLE_H_
