// Defines GELU of many values, and its derivative, as core/model/layers.h states it.
//
// LibTorch's take as long as the product before them does in a small model; these (AVX-512) take
// the time in which memory is read. On a processor without it LibTorch's are called.

#ifndef MD2_CORE_MODEL_GELU_KERNEL_H_
#define MD2_CORE_MODEL_GELU_KERNEL_H_

#include <ATen/core/Tensor.h>

namespace md2::model {

// In fp32, rounded once; of one value, the same wherever it stands.
at::Tensor RunGelu(const at::Tensor& x);

// d times the derivative at x; both of one shape and dtype.
at::Tensor RunGeluGradient(const at::Tensor& d, const at::Tensor& x);

}  // namespace md2::model

#endif  // MD2_CORE_MODEL_GELU_KERNEL_H_
