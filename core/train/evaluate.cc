#include "core/train/evaluate.h"

#include <utility>

#include "core/base/status_macros.h"
#include "core/train/metrics_of_text.h"

namespace md2::train {

EvaluationReport ScoreAnswers(absl::Span<const AskedRow> rows, absl::Span<const RowAnswer> answers,
                              int64_t num_samples) {
  EvaluationReport report;
  if (rows.empty()) return report;
  AnswerScores scores;
  for (size_t i = 0; i < rows.size(); ++i) {
    const AskedRow& row = rows[i];
    scores.Add(answers[i].text, row.reference);
    if (static_cast<int64_t>(i) >= num_samples) continue;
    report.samples.push_back({.row = row.row + 1,
                              .question = row.question,
                              .reference = row.reference,
                              .answer = answers[i].text});
  }
  report.exact_match = scores.exact_match();
  report.anls = scores.anls();
  report.char_accuracy = scores.char_accuracy();
  return report;
}

absl::StatusOr<Evaluation> Evaluate(const Answering& answering, absl::Span<const AskedRow> rows,
                                    int64_t num_samples, const GenerateAnswersOptions& options) {
  Evaluation evaluation;
  MD2_ASSIGN_OR_RETURN(evaluation.answers, GenerateAnswers(answering, rows, options));
  evaluation.report = ScoreAnswers(rows, evaluation.answers, num_samples);
  return evaluation;
}

}  // namespace md2::train
