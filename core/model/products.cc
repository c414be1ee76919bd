#include "core/model/products.h"

#include <ATen/ops/mm.h>

#include "core/model/tiled_product.h"
#include "core/model/weight_gradient.h"

namespace md2::model {

at::Tensor TimesTransposed(const at::Tensor& x, const at::Tensor& w) {
  return TiledProductFits(x, w) ? TiledProduct(x, w, {}, Activation::kNone) : at::mm(x, w.t());
}

at::Tensor Times(const at::Tensor& x, const at::Tensor& w) {
  return TiledProductFits(x, w) ? TiledInputGradient(x, w) : at::mm(x, w);
}

void AddOuterProduct(const at::Tensor& y, const at::Tensor& x, const at::Tensor& to) {
  if (WeightGradientFits(y, x)) {
    AddWeightGradient(y, x, to, {});
  } else {
    to.add_(at::mm(y.t(), x));
  }
}

}  // namespace md2::model
