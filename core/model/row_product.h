// Defines RowProduct: a few rows times a weight matrix at the speed at which memory is read.
//
// One row of a sequence is decoded at a time, and the whole model is read for it: the matrix
// product is bound by memory, where LibTorch's linear reaches a half to three quarters of the
// bandwidth. This kernel (AVX-512, accumulation in fp32, weights in rows as they are stored)
// reaches all of it.

#ifndef MD2_CORE_MODEL_ROW_PRODUCT_H_
#define MD2_CORE_MODEL_ROW_PRODUCT_H_

#include <ATen/core/Tensor.h>

namespace md2::model {

// Rows above which LibTorch's linear is the better choice.
inline constexpr int64_t kMaxProductRows = 4;

// Whether this processor, these tensors (CPU, contiguous, one dtype of fp32, bf16, fp16, inner size
// a multiple of 16) and this number of rows are the kernel's.
bool RowProductFits(const at::Tensor& x, const at::Tensor& weight);

// x [R, in], weight [out, in], bias [out] -> [R, out] in `out_type`, which is that of x or fp32; no
// gradient. Sums are in fp32 and rounded once; a row's do not depend on how many rows there are.
// Subnormal bf16 may count as 0. REQUIRES: RowProductFits(x, weight).
at::Tensor RowProduct(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias,
                      at::ScalarType out_type);

}  // namespace md2::model

#endif  // MD2_CORE_MODEL_ROW_PRODUCT_H_
