// Defines
//   ScoreAnswers   answers beside their references, as a report
//   Evaluate       rows in, such a report and the answers out

#ifndef MD2_CORE_TRAIN_EVALUATE_H_
#define MD2_CORE_TRAIN_EVALUATE_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "core/train/generate_answers.h"
#include "core/train/observer.h"

namespace md2::train {

// Exact match, ANLS and character accuracy of the answers, and the first `num_samples` rows.
// `update`, `loss` and `token_accuracy` are left to the caller, whose forward pass gives them.
// Without rows the metrics are absent. REQUIRES: an answer a row, in their order.
EvaluationReport ScoreAnswers(absl::Span<const AskedRow> rows, absl::Span<const RowAnswer> answers,
                              int64_t num_samples);

struct Evaluation {
  EvaluationReport report;         // of ScoreAnswers
  std::vector<RowAnswer> answers;  // a row each
};

// The errors of GenerateAnswers.
absl::StatusOr<Evaluation> Evaluate(const Answering& answering, absl::Span<const AskedRow> rows,
                                    int64_t num_samples, const GenerateAnswersOptions& options);

}  // namespace md2::train

#endif  // MD2_CORE_TRAIN_EVALUATE_H_
