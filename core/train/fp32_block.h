// Defines Fp32Block, fp32 tensors that lie beside one another.

#ifndef MD2_CORE_TRAIN_FP32_BLOCK_H_
#define MD2_CORE_TRAIN_FP32_BLOCK_H_

#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"

namespace md2::train {

// Zeros of the given shapes, in memory that is taken at once and lives as long as one of them. Each
// begins at a multiple of model::kWeightAlignment bytes. OUT_OF_MEMORY (ResourceExhausted).
absl::StatusOr<std::vector<at::Tensor>> MakeFp32Block(
    const std::vector<std::vector<int64_t>>& shapes, c10::Device device);

}  // namespace md2::train

#endif  // MD2_CORE_TRAIN_FP32_BLOCK_H_
