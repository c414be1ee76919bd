#include "core/train/evaluator.h"

#include <algorithm>
#include <utility>

#include "core/base/status_macros.h"
#include "core/train/example.h"
#include "core/train/loss_pass.h"

namespace md2::train {

Evaluator::Evaluator(const model::Moondream& model, const text::Tokenizer& tokenizer,
                     const RowLoader& loader, EvaluatorOptions options)
    : model_(model), tokenizer_(tokenizer), loader_(loader), options_(std::move(options)) {}

absl::StatusOr<LossSums> Evaluator::ComputeLosses(EvaluatedRows& rows) {
  LossSums sums;
  MD2_RETURN_IF_ERROR(rows.Expect({options_.rows.begin(), options_.rows.end()}));
  for (int64_t first = 0; first < num_rows(); first += options_.batch_size) {
    MD2_RETURN_IF_ERROR(options_.cancel.ToStatus());
    std::vector<Example> examples;
    for (int64_t i = first; i < std::min(first + options_.batch_size, num_rows()); ++i) {
      MD2_ASSIGN_OR_RETURN(Example example, rows.Load(options_.rows[i]));
      examples.push_back(std::move(example));
    }
    MD2_ASSIGN_OR_RETURN(const LossSums batch, ComputeLoss(model_, examples, options_.attention));
    sums += batch;
  }
  return sums;
}

absl::StatusOr<std::vector<AskedRow>> Evaluator::ReadRows() const {
  std::vector<AskedRow> asked;
  for (const uint32_t row : options_.rows) {
    MD2_ASSIGN_OR_RETURN(data::Row read, loader_.dataset().Read(row));
    asked.push_back({row, std::move(read.image), std::move(read.question), std::move(read.answer)});
  }
  return asked;
}

absl::StatusOr<Evaluation> Evaluator::Run(bool keep_first_logits) {
  EvaluatedRows rows(
      model_, loader_,
      {options_.num_threads, std::max<int64_t>(4, 2 * options_.batch_size), options_.cancel});
  MD2_ASSIGN_OR_RETURN(const LossSums sums, ComputeLosses(rows));
  MD2_ASSIGN_OR_RETURN(const std::vector<AskedRow> asked, ReadRows());
  GenerateAnswersOptions generate;
  generate.max_new_tokens = options_.max_new_tokens;
  generate.keep_first_logits = keep_first_logits;
  generate.cancel = options_.cancel;
  if (options_.on_progress) {
    generate.on_progress = [this](int64_t done) { options_.on_progress(done, num_rows()); };
  }
  const Answering answering = {model_, tokenizer_, options_.revision, options_.attention, rows};
  MD2_ASSIGN_OR_RETURN(Evaluation evaluation,
                       Evaluate(answering, asked, options_.num_samples, generate));
  const auto tokens = static_cast<double>(std::max<int64_t>(1, sums.tokens));
  evaluation.report.loss = sums.loss / tokens;
  evaluation.report.token_accuracy = static_cast<double>(sums.correct) / tokens;
  return evaluation;
}

}  // namespace md2::train
