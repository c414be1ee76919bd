// Defines the layer norm of processors with AVX-512: LibTorch's takes as long to begin as a small
// model's rows take.

#ifndef MD2_CORE_MODEL_NORM_KERNEL_H_
#define MD2_CORE_MODEL_NORM_KERNEL_H_

#include <ATen/core/Tensor.h>

namespace md2::model {

// Whether this processor and this tensor (CPU, contiguous, two dimensions, fp32, bf16 or fp16) are
// the kernel's.
bool NormKernelFits(const at::Tensor& x);

struct NormStatistics {
  at::Tensor mean;  // [R, 1], fp32, as rstd, which is 1 / sqrt(variance + eps)
  at::Tensor rstd;
};

// x [R, dim], weight and bias [dim] of one dtype -> (x - mean) * rstd * weight + bias in that
// dtype; all between in fp32. Fills `statistics` if there are such. A row's result does not depend
// on the others. REQUIRES: NormKernelFits(x).
at::Tensor RunNormKernel(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias,
                         double eps, NormStatistics* statistics);

}  // namespace md2::model

#endif  // MD2_CORE_MODEL_NORM_KERNEL_H_
