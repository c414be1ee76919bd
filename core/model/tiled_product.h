// Defines TiledProduct: many rows times a weight matrix.
//
// LibTorch's linear takes up to twice as long in fp32 on processors of AMD, and in bf16, where it
// is as fast with large matrices, some ten microseconds to find its way: as long as a product of a
// small model takes. This kernel (AVX-512, accumulation in fp32) lays a few columns of the weights
// out in the cache and multiplies all rows by them.

#ifndef MD2_CORE_MODEL_TILED_PRODUCT_H_
#define MD2_CORE_MODEL_TILED_PRODUCT_H_

#include <ATen/core/Tensor.h>

namespace md2::model {

// Whether this processor and these tensors (CPU, contiguous, one dtype of fp32 or bf16, inner size
// even, at least 4 rows) are the kernel's, and, in bf16, whether the product is so small that it is
// the better choice.
bool TiledProductFits(const at::Tensor& x, const at::Tensor& weight);

enum class Activation {
  kNone,
  kGelu,  // as in Mlp, in fp32 before the result is rounded
};

// x [R, in], weight [out, in], bias [out] -> [R, out] in the dtype of x; no gradient. Sums are in
// fp32 and rounded once; a row's do not depend on how many rows there are. Subnormal bf16
// count as 0. REQUIRES: TiledProductFits(x, weight).
at::Tensor TiledProduct(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias,
                        Activation activation);

}  // namespace md2::model

#endif  // MD2_CORE_MODEL_TILED_PRODUCT_H_
