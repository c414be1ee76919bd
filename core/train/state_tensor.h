// Defines StateTensor, a tensor that a checkpoint holds.

#ifndef MD2_CORE_TRAIN_STATE_TENSOR_H_
#define MD2_CORE_TRAIN_STATE_TENSOR_H_

#include <ATen/core/Tensor.h>

#include <string>

namespace md2::train {

// fp32 or uint8, contiguous, on any device, no gradient; shares memory with whoever gave it.
struct StateTensor {
  std::string name;
  at::Tensor tensor;
};

}  // namespace md2::train

#endif  // MD2_CORE_TRAIN_STATE_TENSOR_H_
