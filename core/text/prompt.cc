#include "core/text/prompt.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/base/error.h"
#include "core/base/quoted.h"
#include "core/base/status_macros.h"
#include "core/text/clean_up.h"
#include "core/text/prompt_table.h"
#include "core/text/reserved_markers.h"

namespace md2::text {
namespace {

absl::Status Refuse(absl::string_view text) {
  return base::MakeError(absl::StatusCode::kInvalidArgument, base::Reason::kQuestionInvalid, text);
}

// `kind` is "a question" or "an answer".
absl::Status RefuseMarkers(absl::string_view text, const std::vector<std::string>& markers,
                           absl::string_view kind) {
  std::vector<std::string> found;
  for (const std::string& marker : markers) {
    const size_t at = text.find(marker);
    if (at == absl::string_view::npos) continue;
    found.push_back(absl::StrCat(base::Quoted(marker), " at byte ", at));
  }
  if (found.empty()) return absl::OkStatus();
  return Refuse(absl::StrCat("expected ", kind, " without reserved markers; take out ",
                             absl::StrJoin(found, ", ")));
}

std::vector<std::string> MarkersOf(const Tokenizer& tokenizer) {
  std::vector<std::string> markers = {std::string(kEndOfText)};
  for (const std::string& content : tokenizer.special_contents()) {
    if (content != kEndOfText) markers.push_back(content);
  }
  return markers;
}

absl::Status CheckTemplateIds(const Tokenizer& tokenizer, base::Revision revision,
                              absl::Span<const TokenId> ids) {
  for (const TokenId id : ids) {
    if (id >= 0 && static_cast<size_t>(id) < tokenizer.num_ids()) continue;
    return base::MakeError(
        absl::StatusCode::kInvalidArgument, base::Reason::kTokenizerInvalid,
        absl::StrCat("expected the tokenizer that revision ", base::RevisionName(revision),
                     " was published with, since prompts of this revision hold the id ", id,
                     "; found one with ", tokenizer.num_ids(), " ids"));
  }
  return absl::OkStatus();
}

void Append(absl::Span<const TokenId> more, std::vector<TokenId>& ids) {
  ids.insert(ids.end(), more.begin(), more.end());
}

}  // namespace

absl::Status CheckQuestion(const Tokenizer& tokenizer, absl::string_view question) {
  if (question.empty()) return Refuse("expected a question, found an empty text");
  if (StripWhiteSpace(question).empty()) {
    return Refuse("expected a question, found white space only");
  }
  std::vector<std::string> markers = MarkersOf(tokenizer);
  markers.insert(markers.begin(), std::string(kImageMarker));
  MD2_RETURN_IF_ERROR(RefuseMarkers(question, markers, "a question"));
  return tokenizer.CheckText(question);
}

absl::Status CheckAnswer(const Tokenizer& tokenizer, absl::string_view answer) {
  MD2_RETURN_IF_ERROR(RefuseMarkers(answer, MarkersOf(tokenizer), "an answer"));
  return tokenizer.CheckText(answer);
}

absl::StatusOr<std::vector<TokenId>> BuildPrompt(const Tokenizer& tokenizer,
                                                 base::Revision revision,
                                                 absl::string_view question) {
  MD2_RETURN_IF_ERROR(CheckQuestion(tokenizer, question));
  const PromptTemplate& form = PromptTemplateOf(revision);
  MD2_RETURN_IF_ERROR(CheckTemplateIds(tokenizer, revision, form.ids_before));
  MD2_RETURN_IF_ERROR(CheckTemplateIds(tokenizer, revision, form.ids_after));
  MD2_ASSIGN_OR_RETURN(const std::vector<TokenId> middle,
                       tokenizer.Encode(absl::StrCat(form.before, question, form.after)));
  std::vector<TokenId> ids;
  Append(form.ids_before, ids);
  Append(middle, ids);
  Append(form.ids_after, ids);
  return ids;
}

absl::StatusOr<Example> BuildExample(const Tokenizer& tokenizer, base::Revision revision,
                                     absl::string_view question, absl::string_view answer,
                                     TokenId end_id) {
  MD2_RETURN_IF_ERROR(CheckAnswer(tokenizer, answer));
  Example example;
  MD2_ASSIGN_OR_RETURN(example.ids, BuildPrompt(tokenizer, revision, question));
  example.num_prompt_ids = example.ids.size();
  const PromptTemplate& form = PromptTemplateOf(revision);
  MD2_ASSIGN_OR_RETURN(const std::vector<TokenId> answer_ids,
                       tokenizer.Encode(absl::StrCat(form.before_answer, answer)));
  Append(answer_ids, example.ids);
  example.ids.push_back(end_id);
  return example;
}

std::string AnswerText(const Tokenizer& tokenizer, absl::Span<const TokenId> ids) {
  const std::string decoded = tokenizer.Decode(ids);
  return std::string(StripWhiteSpace(decoded));
}

}  // namespace md2::text
