// Defines EvaluatedRows, the rows of one evaluation with what the model sees of their images.

#ifndef MD2_CORE_TRAIN_EVALUATED_ROWS_H_
#define MD2_CORE_TRAIN_EVALUATED_ROWS_H_

#include <ATen/core/Tensor.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/data/ordered_work.h"
#include "core/data/prefetch.h"
#include "core/model/moondream.h"
#include "core/train/example.h"
#include "core/train/feature_source.h"
#include "core/train/row_loader.h"

namespace md2::train {

// Loads expected rows ahead on threads of its own; encodes images that no store has on the caller's
// thread, and stores them. Features of those are kept for as long as it lives, up to kMaxKeptBytes,
// so that the loss and the answers of one evaluation share them. What it is given must outlive it;
// the model must not change while it lives. One thread at a time.
class EvaluatedRows : public FeatureSource {
 public:
  static constexpr uint64_t kMaxKeptBytes = uint64_t{256} << 20;

  EvaluatedRows(const model::Moondream& model, const RowLoader& loader,
                const data::PrefetchOptions& ahead)
      : model_(model), loader_(loader), options_(ahead) {}

  absl::Status Expect(const std::vector<int64_t>& rows) override;

  // The errors of RowLoader::Load and Moondream::EncodeImage; CANCELLED.
  absl::StatusOr<at::Tensor> Get(int64_t row) override;

  // The row with its features. Errors as Get.
  absl::StatusOr<Example> Load(int64_t row);

 private:
  absl::StatusOr<Example> Take(int64_t row);
  absl::Status Encode(Example& example);

  const model::Moondream& model_;
  const RowLoader& loader_;
  const data::PrefetchOptions options_;
  std::map<int64_t, at::Tensor> kept_;
  uint64_t kept_bytes_ = 0;
  std::vector<int64_t> expected_;
  size_t num_taken_ = 0;                              // of those
  std::unique_ptr<data::Prefetcher<Example>> ahead_;  // last, so that its threads end first
};

}  // namespace md2::train

#endif  // MD2_CORE_TRAIN_EVALUATED_ROWS_H_
