#include "core/text/prompt_table.h"

namespace md2::text {
namespace {

// "\n\nQuestion:" and "\n\nAnswer:" in the vocabulary of the revisions up to 2025-04-14.
constexpr TokenId kQuestionIds[] = {198, 198, 24361, 25};
constexpr TokenId kAnswerIds[] = {198, 198, 33706, 25};

// <|md_reserved_0|>query<|md_reserved_1|> and twice <|md_reserved_2|>. The published code sends the
// last id twice when it does not reason; it is said that the model was trained so, and we send it
// twice too.
constexpr TokenId kStarmieBefore[] = {1, 15381, 2};
constexpr TokenId kStarmieAfter[] = {3, 3};

constexpr PromptTemplate k2024 = {.before = "\n\nQuestion: ",
                                  .after = "\n\nAnswer:",
                                  .ids_before = {},
                                  .ids_after = {},
                                  .before_answer = " "};

// The question without a leading space: the one revision where it differs from the texts of 2024.
constexpr PromptTemplate k2025January = {.before = "",
                                         .after = "",
                                         .ids_before = kQuestionIds,
                                         .ids_after = kAnswerIds,
                                         .before_answer = " "};

constexpr PromptTemplate k2025Spring = {.before = " ",
                                        .after = "",
                                        .ids_before = kQuestionIds,
                                        .ids_after = kAnswerIds,
                                        .before_answer = " "};

// Words follow control tokens without a space here, so the answer has none either. Nobody published
// how its answers were tokenised in training: this is our decision.
constexpr PromptTemplate k2025June = {.before = "",
                                      .after = "",
                                      .ids_before = kStarmieBefore,
                                      .ids_after = kStarmieAfter,
                                      .before_answer = ""};

}  // namespace

const PromptTemplate& PromptTemplateOf(base::Revision revision) {
  switch (revision) {
    case base::Revision::k2024_07_23:
    case base::Revision::k2024_08_26:
      break;
    case base::Revision::k2025_01_09:
      return k2025January;
    case base::Revision::k2025_03_27:
    case base::Revision::k2025_04_14:
      return k2025Spring;
    case base::Revision::k2025_06_21:
      return k2025June;
  }
  return k2024;
}

}  // namespace md2::text
