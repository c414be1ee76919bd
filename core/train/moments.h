// Defines Moments, what AdamW remembers of every trained value: in fp32, or in 8 bits
// (core/train/moments8.h).

#ifndef MD2_CORE_TRAIN_MOMENTS_H_
#define MD2_CORE_TRAIN_MOMENTS_H_

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "core/train/state_tensor.h"
#include "core/train/trainable_model.h"

namespace md2::train {

// One thread a chunk; chunks of one tensor may be worked on by several threads.
class Moments {
 public:
  // Values of a chunk; a chunk begins at a multiple of it.
  static constexpr int64_t kChunk = 4096;

  // Zeros. `bits` is 32 or 8. OUT_OF_MEMORY.
  static absl::StatusOr<Moments> Create(const std::vector<TrainedTensor>& tensors, int64_t bits);

  // Calls `step(first, second)` with the moments of values [begin, begin + count) of tensor `i`, in
  // fp32, to be changed in place. `update` decides how 8 bits are rounded. On the CPU.
  // REQUIRES: begin is a multiple of kChunk, count at most that.
  template <typename Step>
  int64_t Update(size_t i, int64_t begin, int64_t count, int64_t update, const Step& step) {
    if (pairs_[i].first_scales.defined()) return UpdateIn8Bits(i, begin, count, update, step);
    return step(pairs_[i].first.template mutable_data_ptr<float>() + begin,
                pairs_[i].second.template mutable_data_ptr<float>() + begin);
  }

  // fp32, of the tensor's shape. REQUIRES: 32 bits.
  const at::Tensor& first(size_t i) const { return pairs_[i].first; }
  const at::Tensor& second(size_t i) const { return pairs_[i].second; }

  // All of it, under the tensors' names with ".first", ".second" and, for 8 bits, ".first_scales"
  // and ".second_scales".
  std::vector<StateTensor> State() const;

 private:
  struct Pair {
    std::string name;
    at::Tensor first;         // fp32 of the tensor's shape, or uint8 codes
    at::Tensor second;        // as first
    at::Tensor first_scales;  // fp32, one a block; undefined for 32 bits
    at::Tensor second_scales;
  };

  template <typename Step>
  int64_t UpdateIn8Bits(size_t i, int64_t begin, int64_t count, int64_t update, const Step& step) {
    float first[kChunk], second[kChunk];
    Unpack(i, begin, count, first, second);
    const int64_t result = step(first, second);
    Pack(i, begin, count, update, first, second);
    return result;
  }
  void Unpack(size_t i, int64_t begin, int64_t count, float* first, float* second) const;
  void Pack(size_t i, int64_t begin, int64_t count, int64_t update, const float* first,
            const float* second);

  std::vector<Pair> pairs_;
};

}  // namespace md2::train

#endif  // MD2_CORE_TRAIN_MOMENTS_H_
