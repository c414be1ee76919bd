// Defines products of many rows with the weight matrix of a linear layer.
//   TiledProduct, TiledGeluProduct            there
//   TiledInputGradient, TiledGeluGradient     back
//
// LibTorch's linear takes up to twice as long in fp32 on processors of AMD, and in bf16, where it
// is as fast with large matrices, some ten microseconds to find its way: as long as a product of a
// small model takes. This kernel (AVX-512, accumulation in fp32) lays a few columns of the weights
// out in the cache, multiplies all rows by them, and applies what follows before it stores them.
//
// R rows, all tensors contiguous and of the dtype of the first, as the results. Sums are in fp32
// and rounded once; a row's do not depend on how many rows there are. Subnormal bf16 count as 0.
// Nothing takes part in autograd. REQUIRES: TiledProductFits(first, weight).

#ifndef MD2_CORE_MODEL_TILED_PRODUCT_H_
#define MD2_CORE_MODEL_TILED_PRODUCT_H_

#include <ATen/core/Tensor.h>

namespace md2::model {

// Whether this processor and these tensors (CPU, contiguous, one dtype of fp32 or bf16, the rows of
// `rows` of an even size, at least 4 of them) are the kernel's, and, in bf16, whether the product
// is so small that it is the better choice.
bool TiledProductFits(const at::Tensor& rows, const at::Tensor& weight);

// The same of `num_rows` rows that are as they should be, there.
bool TiledProductTakes(int64_t num_rows, const at::Tensor& weight);

enum class Activation {
  kNone,
  kGelu,  // as in Mlp, in fp32 before the result is rounded
};

// x [R, in], weight [out, in], bias [out] or undefined -> [R, out].
at::Tensor TiledProduct(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias,
                        Activation activation);

struct GeluProduct {
  at::Tensor product;  // [R, out]
  at::Tensor gelu;     // of the product as it was rounded, as RunGelu gives it
};

GeluProduct TiledGeluProduct(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias);

// dy [R, out], weight [out, in] -> dy weight, [R, in].
at::Tensor TiledInputGradient(const at::Tensor& dy, const at::Tensor& weight);

// The same times the slope of GELU at `x` [R, in], before it is rounded.
at::Tensor TiledGeluGradient(const at::Tensor& dy, const at::Tensor& weight, const at::Tensor& x);

}  // namespace md2::model

#endif  // MD2_CORE_MODEL_TILED_PRODUCT_H_
