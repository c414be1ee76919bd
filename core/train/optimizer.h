// Defines Optimizer: AdamW over the trained tensors of a model, and its moments.

#ifndef MD2_CORE_TRAIN_OPTIMIZER_H_
#define MD2_CORE_TRAIN_OPTIMIZER_H_

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "core/train/adamw.h"
#include "core/train/moments.h"
#include "core/train/trainable_model.h"

namespace md2::train {

// What one update does.
struct UpdateStep {
  int64_t update = 1;          // from 1; updates that were skipped are not counted
  double rate = 0;             // of the text model and adapters
  double vision_rate = 0;      // of projector and tower
  double gradient_factor = 1;  // the clip and the loss scale
};

struct GradientNorm {
  double norm = 0;         // of all gradients together; not finite when one is not
  std::string not_finite;  // the first tensor with a gradient that is not finite
};

// Works on the tensors of one model, which must outlive it. On the CPU the results do not depend on
// the number of threads. One thread at a time. LibTorch may throw.
class Optimizer {
 public:
  // Moments are zeros, of 32 or 8 bits. OUT_OF_MEMORY; SETTING_INVALID (InvalidArgument) for 8 bits
  // on another device than the CPU.
  static absl::StatusOr<std::unique_ptr<Optimizer>> Create(const TrainableModel& model,
                                                           const AdamWOptions& options,
                                                           int64_t moment_bits);

  GradientNorm Norm() const;

  // Steps every tensor, and writes the model's from the masters. Returns how many values of the
  // model changed.
  int64_t Apply(const UpdateStep& step);

  const Moments& moments() const { return moments_; }

  // Of all trained tensors.
  int64_t num_values() const { return num_values_; }

 private:
  Optimizer(const TrainableModel& model, const AdamWOptions& options)
      : tensors_(model.tensors()), options_(options) {}

  int64_t ApplyOnCpu(const TrainedTensor& tensor, size_t i, int64_t update, const AdamWStep& step);
  int64_t ApplyOnDevice(const TrainedTensor& tensor, size_t i, const UpdateStep& step);

  const std::vector<TrainedTensor>& tensors_;
  const AdamWOptions options_;
  Moments moments_;
  int64_t num_values_ = 0;
};

}  // namespace md2::train

#endif  // MD2_CORE_TRAIN_OPTIMIZER_H_
