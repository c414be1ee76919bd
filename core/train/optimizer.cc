#include "core/train/optimizer.h"

#include <ATen/Parallel.h>
#include <ATen/ops/_fused_adamw.h>
#include <ATen/ops/full.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "core/base/error.h"
#include "core/base/status_macros.h"

namespace md2::train {
namespace {

// What a thread steps at a time; it stays in its cache.
constexpr int64_t kChunk = Moments::kChunk;
constexpr int64_t kChunksPerThread = 4;

int64_t NumChunks(const at::Tensor& tensor) { return (tensor.numel() + kChunk - 1) / kChunk; }

double SumOfSquares(const float* values, int64_t count) {
  // Sixteen sums side by side, so that the loop uses whole registers.
  float sums[16] = {};
  int64_t i = 0;
  for (; i + 16 <= count; i += 16) {
    for (int64_t k = 0; k < 16; ++k) sums[k] += values[i + k] * values[i + k];
  }
  double sum = 0;
  for (; i < count; ++i) sum += static_cast<double>(values[i]) * values[i];
  for (const float part : sums) sum += part;
  return sum;
}

// Chunk by chunk, added up in order.
double SumOfSquares(const at::Tensor& tensor) {
  if (!tensor.device().is_cpu()) return tensor.square().sum(at::kDouble).item<double>();
  std::vector<double> sums(NumChunks(tensor));
  const auto* values = tensor.const_data_ptr<float>();
  at::parallel_for(
      0, static_cast<int64_t>(sums.size()), kChunksPerThread, [&](int64_t begin, int64_t end) {
        for (int64_t c = begin; c < end; ++c) {
          const int64_t first = c * kChunk;
          sums[c] = SumOfSquares(values + first, std::min(kChunk, tensor.numel() - first));
        }
      });
  double sum = 0;
  for (const double part : sums) sum += part;
  return sum;
}

// Rounds masters into the model's type and counts those that changed there.
template <typename Value>
int64_t Publish(const float* master, int64_t count, Value* model) {
  int64_t moved = 0;
  for (int64_t i = 0; i < count; ++i) {
    const Value value(master[i]);
    moved += value.x != model[i].x;
    model[i] = value;
  }
  return moved;
}

int64_t CountMoved(const float* before, const float* after, int64_t count) {
  int64_t moved = 0;
  for (int64_t i = 0; i < count; ++i) moved += before[i] != after[i];
  return moved;
}

// One chunk: step, round, count.
int64_t StepChunk(const TrainedTensor& tensor, int64_t first, int64_t count, const AdamWStep& step,
                  float* first_moment, float* second_moment) {
  auto* master = tensor.master.mutable_data_ptr<float>() + first;
  const auto* gradient = tensor.gradient.const_data_ptr<float>() + first;
  float before[kChunk];
  std::memcpy(before, master, count * sizeof(float));
  ApplyAdamW(step, count, gradient, first_moment, second_moment, master);
  switch (tensor.model.scalar_type()) {
    case at::kBFloat16:
      return Publish(master, count, tensor.model.mutable_data_ptr<at::BFloat16>() + first);
    case at::kHalf:
      return Publish(master, count, tensor.model.mutable_data_ptr<at::Half>() + first);
    default:
      return CountMoved(before, master, count);
  }
}

}  // namespace

absl::StatusOr<std::unique_ptr<Optimizer>> Optimizer::Create(const TrainableModel& model,
                                                             const AdamWOptions& options,
                                                             int64_t moment_bits) {
  std::unique_ptr<Optimizer> optimizer(new Optimizer(model, options));
  for (const TrainedTensor& tensor : model.tensors()) {
    optimizer->num_values_ += tensor.master.numel();
    if (moment_bits == 8 && !tensor.master.device().is_cpu()) {
      return base::MakeError(absl::StatusCode::kInvalidArgument, base::Reason::kSettingInvalid,
                             "expected moment_bits 32 on a GPU, found 8: moments of 8 bits are "
                             "stepped on the CPU only");
    }
  }
  MD2_ASSIGN_OR_RETURN(optimizer->moments_, Moments::Create(model.tensors(), moment_bits));
  return optimizer;
}

GradientNorm Optimizer::Norm() const {
  GradientNorm norm;
  double sum = 0;
  for (const TrainedTensor& tensor : tensors_) {
    const double squares = SumOfSquares(tensor.gradient);
    if (!std::isfinite(squares) && norm.not_finite.empty()) norm.not_finite = tensor.name;
    sum += squares;
  }
  norm.norm = std::sqrt(sum);
  return norm;
}

int64_t Optimizer::Apply(const UpdateStep& step) {
  const AdamWStep text(options_, step.rate, step.update, step.gradient_factor);
  const AdamWStep vision(options_, step.vision_rate, step.update, step.gradient_factor);
  int64_t moved = 0;
  for (size_t i = 0; i < tensors_.size(); ++i) {
    const TrainedTensor& tensor = tensors_[i];
    moved += tensor.master.device().is_cpu()
                 ? ApplyOnCpu(tensor, i, step.update, tensor.is_vision ? vision : text)
                 : ApplyOnDevice(tensor, i, step);
  }
  return moved;
}

int64_t Optimizer::ApplyOnCpu(const TrainedTensor& tensor, size_t i, int64_t update,
                              const AdamWStep& step) {
  std::vector<int64_t> moved(NumChunks(tensor.master));
  const auto step_chunk = [&](int64_t begin, int64_t count) {
    return moments_.Update(i, begin, count, update, [&](float* first, float* second) {
      return StepChunk(tensor, begin, count, step, first, second);
    });
  };
  at::parallel_for(
      0, static_cast<int64_t>(moved.size()), kChunksPerThread, [&](int64_t begin, int64_t end) {
        for (int64_t c = begin; c < end; ++c) {
          moved[c] = step_chunk(c * kChunk, std::min(kChunk, tensor.master.numel() - c * kChunk));
        }
      });
  int64_t sum = 0;
  for (const int64_t part : moved) sum += part;
  return sum;
}

int64_t Optimizer::ApplyOnDevice(const TrainedTensor& tensor, size_t i, const UpdateStep& step) {
  const at::Tensor gradient = tensor.gradient.mul(step.gradient_factor);
  const at::Tensor t = at::full({}, static_cast<double>(step.update), tensor.master.options());
  const at::Tensor before = tensor.model.clone();
  const double rate = tensor.is_vision ? step.vision_rate : step.rate;
  at::_fused_adamw_({tensor.master}, {gradient}, {moments_.first(i)}, {moments_.second(i)}, {}, {t},
                    rate, options_.beta1, options_.beta2, options_.weight_decay, options_.epsilon,
                    /*amsgrad=*/false,
                    /*maximize=*/false);
  tensor.model.copy_(tensor.master);
  return before.ne(tensor.model).sum().item<int64_t>();
}

}  // namespace md2::train
