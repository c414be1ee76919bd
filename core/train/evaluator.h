// Defines Evaluator, which scores a model that is being trained on rows that it is not trained on.

#ifndef MD2_CORE_TRAIN_EVALUATOR_H_
#define MD2_CORE_TRAIN_EVALUATOR_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "core/base/cancel.h"
#include "core/base/revision.h"
#include "core/model/moondream.h"
#include "core/text/tokenizer.h"
#include "core/train/evaluate.h"
#include "core/train/evaluated_rows.h"
#include "core/train/loss.h"
#include "core/train/row_loader.h"

namespace md2::train {

struct EvaluatorOptions {
  std::vector<uint32_t> rows;  // of the loader's data set, in the order in which they are asked
  base::Revision revision = base::Revision::k2024_07_23;
  model::AttentionKind attention = model::AttentionKind::kCausal;
  int64_t batch_size = 1;                 // rows of one pass for the loss
  std::optional<int64_t> max_new_tokens;  // as GenerateAnswersOptions
  int64_t num_samples = 8;                // answers that a report shows
  int num_threads = 2;                    // that load rows ahead
  base::CancelToken cancel;
  std::function<void(int64_t done, int64_t total)> on_progress;  // in rows; may be null
};

// What it is given must outlive it. One thread at a time.
class Evaluator {
 public:
  Evaluator(const model::Moondream& model, const text::Tokenizer& tokenizer,
            const RowLoader& loader, EvaluatorOptions options);

  int64_t num_rows() const { return static_cast<int64_t>(options_.rows.size()); }

  // Loss, token accuracy and generated answers with the model as it is now. `update` is left to the
  // caller. The errors of RowLoader::Load and GenerateAnswers; CANCELLED within one token;
  // OUT_OF_MEMORY when no thread can be started.
  absl::StatusOr<Evaluation> Run(bool keep_first_logits = false);

 private:
  absl::StatusOr<LossSums> ComputeLosses(EvaluatedRows& rows);
  absl::StatusOr<std::vector<AskedRow>> ReadRows() const;

  const model::Moondream& model_;
  const text::Tokenizer& tokenizer_;
  const RowLoader& loader_;
  const EvaluatorOptions options_;
};

}  // namespace md2::train

#endif  // MD2_CORE_TRAIN_EVALUATOR_H_
