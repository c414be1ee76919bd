// Defines AddWeightGradient: the gradient of a linear layer's weights.
//
// LibTorch's product would round it to the dtype of the pass, and another pass over memory would
// add it up. This kernel (AVX-512) sums in fp32 and adds where the gradient lies.

#ifndef MD2_CORE_MODEL_WEIGHT_GRADIENT_H_
#define MD2_CORE_MODEL_WEIGHT_GRADIENT_H_

#include <ATen/core/Tensor.h>

namespace md2::model {

// Whether this processor and these tensors (CPU, contiguous, one dtype of fp32 or bf16) are the
// kernel's.
bool WeightGradientFits(const at::Tensor& dy, const at::Tensor& x);

// weight += dy^T x, and bias += the column sums of dy. dy [R, out], x [R, in]; weight [out, in] and
// bias [out], fp32, contiguous; bias may be undefined. Sums do not depend on the number of threads.
// Subnormal bf16 count as 0 in products. REQUIRES: WeightGradientFits(dy, x).
void AddWeightGradient(const at::Tensor& dy, const at::Tensor& x, const at::Tensor& weight,
                       const at::Tensor& bias);

}  // namespace md2::model

#endif  // MD2_CORE_MODEL_WEIGHT_GRADIENT_H_
