// Defines MakeStateBlock, tensors of one training run that lie beside one another.

#ifndef MD2_CORE_TRAIN_STATE_BLOCK_H_
#define MD2_CORE_TRAIN_STATE_BLOCK_H_

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"

namespace md2::train {

// Zeros of the given shapes and of one dtype on one device, in memory that is taken at once and
// lives as long as one of them. Each begins at a multiple of model::kWeightAlignment bytes.
// OUT_OF_MEMORY (ResourceExhausted).
absl::StatusOr<std::vector<at::Tensor>> MakeStateBlock(
    const std::vector<std::vector<int64_t>>& shapes, const at::TensorOptions& options);

}  // namespace md2::train

#endif  // MD2_CORE_TRAIN_STATE_BLOCK_H_
