#include "core/data/row_check.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/types/span.h"
#include "core/base/error.h"
#include "core/base/quoted.h"
#include "core/base/status_macros.h"
#include "core/data/legibility.h"
#include "core/text/clean_up.h"
#include "core/text/prompt.h"

namespace md2::data {
namespace {

using text::TokenId;

void AddError(RowCheck& check, absl::string_view field, std::string message) {
  check.notes.push_back({true, std::string(field), std::move(message)});
}

void AddWarning(RowCheck& check, absl::string_view field, std::string message) {
  check.notes.push_back({false, std::string(field), std::move(message)});
}

// Adds why a field is refused; whether it is.
bool AddRefusal(RowCheck& check, absl::string_view field, const absl::Status& status) {
  if (status.ok()) return false;
  AddError(check, field, absl::StrCat(status.message(), "; mend it or drop the row"));
  return true;
}

bool HasErrors(const RowCheck& check) {
  return std::any_of(check.notes.begin(), check.notes.end(),
                     [](const RowNote& note) { return note.is_error; });
}

}  // namespace

absl::StatusOr<RowCheck> RowChecker::Check(const Dataset& dataset, int64_t row) {
  RowCheck check;
  MD2_ASSIGN_OR_RETURN(ParsedRow parsed, dataset.Parse(row));
  if (!parsed.problems.empty()) {
    for (RowProblem& problem : parsed.problems) {
      check.notes.push_back({true, std::move(problem.field), std::move(problem.message)});
    }
    return check;
  }
  check.row = std::move(parsed.row);
  MD2_RETURN_IF_ERROR(CheckImage(check));
  CheckTexts(check);
  check.checked.is_usable = !HasErrors(check);
  return check;
}

absl::Status RowChecker::CheckImage(RowCheck& check) {
  const absl::StatusOr<ImageFacts> facts = images_.Check(check.row.image);
  if (base::ReasonOf(facts.status()) == base::Reason::kOutOfMemory) return facts.status();
  if (AddRefusal(check, "image", facts.status())) return absl::OkStatus();
  check.checked.image = facts->digest;
  check.checked.image_width = facts->width;
  check.checked.image_height = facts->height;
  const Shrinking shrinking = ShrinkingOf(facts->width, facts->height, model_.crop, options_.tiles);
  if (!IsTextTooSmall(shrinking)) return absl::OkStatus();
  AddWarning(check, "image",
             absl::StrFormat("expected text that can be read, found %d x %d pixels that become "
                             "%d x %d: letters of less than %d pixels are lost; if there are any, "
                             "cut the image into parts",
                             facts->width, facts->height, shrinking.width, shrinking.height,
                             static_cast<int>(std::ceil(kLegiblePixels * shrinking.factor))));
  return absl::OkStatus();
}

void RowChecker::CheckTexts(RowCheck& check) const {
  const bool bad_question =
      AddRefusal(check, "question", text::CheckQuestion(*model_.tokenizer, check.row.question));
  const bool bad_answer =
      AddRefusal(check, "answer", text::CheckAnswer(*model_.tokenizer, check.row.answer));
  if (!bad_question && !bad_answer) CheckTokens(check);
}

void RowChecker::CheckTokens(RowCheck& check) const {
  const absl::StatusOr<text::Example> example = text::BuildExample(
      *model_.tokenizer, model_.revision, check.row.question, check.row.answer, model_.end_id);
  if (AddRefusal(check, "", example.status())) return;
  const auto length = model_.prefix_tokens + static_cast<int64_t>(example->ids.size());
  const auto num_prompt_ids = static_cast<int64_t>(example->num_prompt_ids);
  check.checked.prompt_tokens = static_cast<int32_t>(model_.prefix_tokens + num_prompt_ids);
  check.checked.answer_tokens = static_cast<int32_t>(length - check.checked.prompt_tokens);
  const TokenId largest = *std::max_element(example->ids.begin(), example->ids.end());
  if (largest >= model_.vocab) {
    AddError(
        check, "",
        absl::StrCat("expected tokens below ", model_.vocab, ", the model's vocabulary, found ",
                     largest, ": use the tokenizer that belongs to the model"));
  }
  if (length > model_.max_positions) {
    AddError(check, "",
             absl::StrCat("expected at most ", model_.max_positions,
                          " tokens, the model's positions, found ", length, ": ",
                          model_.prefix_tokens, " of the image, ", num_prompt_ids,
                          " of the question, ", check.checked.answer_tokens,
                          " of the answer; shorten the texts or drop the row"));
  }
  CheckThatAnswerComesBack(check,
                           absl::MakeConstSpan(example->ids).subspan(example->num_prompt_ids));
}

void RowChecker::CheckThatAnswerComesBack(RowCheck& check, absl::Span<const TokenId> answer) const {
  const absl::Span<const TokenId> ids = answer.first(answer.size() - 1);  // without the end
  const std::string decoded = model_.tokenizer->Decode(ids);
  const absl::string_view shown = text::StripWhiteSpace(decoded);
  if (shown != text::StripWhiteSpace(check.row.answer)) {
    AddWarning(check, "answer",
               absl::StrCat("expected an answer that the model can give, found one that it would "
                            "give as ",
                            base::Quoted(shown), ": write it so, or it never counts as exact"));
  }
  const auto num_ids = static_cast<int64_t>(ids.size());
  if (options_.max_new_tokens.has_value() && num_ids > *options_.max_new_tokens) {
    AddWarning(check, "answer",
               absl::StrCat("expected an answer of at most max_new_tokens ",
                            *options_.max_new_tokens, " tokens, found ", num_ids,
                            ": raise max_new_tokens, or it never counts as exact"));
  }
}

}  // namespace md2::data
