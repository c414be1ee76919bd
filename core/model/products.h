// Defines products of matrices by whichever kernel suits.
//   TimesTransposed   x w^T
//   Times             x w
//   AddOuterProduct   to += y^T x
//
// R rows; all of one dtype, in which the results are, but `to`, which is fp32. LibTorch may throw.

#ifndef MD2_CORE_MODEL_PRODUCTS_H_
#define MD2_CORE_MODEL_PRODUCTS_H_

#include <ATen/core/Tensor.h>

namespace md2::model {

// x [R, in], w [out, in] -> [R, out].
at::Tensor TimesTransposed(const at::Tensor& x, const at::Tensor& w);

// x [R, out], w [out, in] -> [R, in].
at::Tensor Times(const at::Tensor& x, const at::Tensor& w);

// y [R, out], x [R, in], to [out, in].
void AddOuterProduct(const at::Tensor& y, const at::Tensor& x, const at::Tensor& to);

}  // namespace md2::model

#endif  // MD2_CORE_MODEL_PRODUCTS_H_
