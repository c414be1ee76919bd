#include "core/model/layers.h"

#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/ops/gelu.h>
#include <ATen/ops/layer_norm.h>
#include <ATen/ops/linear.h>

#include "core/model/row_product.h"
#include "core/model/tiled_product.h"

namespace md2::model {
namespace {

// oneDNN's product, which applies GELU while a block of the result is still in the cache: on its
// own, GELU would cost a tenth of the product. Not in LibTorch's headers, so found by its name.
at::Tensor FusedLinearGelu(const LinearWeights& w, const at::Tensor& x) {
  using Signature = at::Tensor(
      const at::Tensor&, const at::Tensor&, const std::optional<at::Tensor>&, c10::string_view,
      c10::List<std::optional<at::Scalar>>, std::optional<c10::string_view>);
  static const auto product = c10::Dispatcher::singleton()
                                  .findSchemaOrThrow("mkldnn::_linear_pointwise", "")
                                  .typed<Signature>();
  return product.call(x, w.weight, w.bias, "gelu", c10::List<std::optional<at::Scalar>>(), "tanh");
}

at::Tensor LinearGelu(const LinearWeights& w, const at::Tensor& x) {
  if (TiledProductFits(x, w.weight)) return TiledProduct(x, w.weight, w.bias, Activation::kGelu);
  if (x.device().is_cpu() && x.scalar_type() == at::kBFloat16 && !RowProductFits(x, w.weight)) {
    return FusedLinearGelu(w, x);
  }
  at::Tensor h = Linear(w, x);
  return at::gelu_(h, "tanh");
}

}  // namespace

LinearWeights LinearWeights::Find(const Weights& weights, const std::string& name) {
  return {weights.Get(name + ".weight"), weights.Get(name + ".bias")};
}

LinearWeights LinearWeights::Outputs(int64_t first, int64_t count) const {
  return {weight.narrow(0, first, count), bias.narrow(0, first, count)};
}

NormWeights NormWeights::Find(const Weights& weights, const std::string& name, double eps) {
  return {weights.Get(name + ".weight"), weights.Get(name + ".bias"), eps};
}

MlpWeights MlpWeights::Find(const Weights& weights, const std::string& name) {
  return {LinearWeights::Find(weights, name + "fc1"), LinearWeights::Find(weights, name + "fc2")};
}

at::Tensor Linear(const LinearWeights& w, const at::Tensor& x) {
  if (RowProductFits(x, w.weight)) return RowProduct(x, w.weight, w.bias, x.scalar_type());
  if (TiledProductFits(x, w.weight)) return TiledProduct(x, w.weight, w.bias, Activation::kNone);
  return at::linear(x, w.weight, w.bias);
}

at::Tensor LinearToFp32(const LinearWeights& w, const at::Tensor& x) {
  return RowProductFits(x, w.weight) ? RowProduct(x, w.weight, w.bias, at::kFloat)
                                     : at::linear(x, w.weight, w.bias).to(at::kFloat);
}

at::Tensor LayerNorm(const NormWeights& w, const at::Tensor& x) {
  return at::layer_norm(x, w.weight.sizes(), w.weight, w.bias, w.eps);
}

at::Tensor Mlp(const MlpWeights& w, const at::Tensor& x) {
  return Linear(w.fc2, LinearGelu(w.fc1, x));
}

}  // namespace md2::model
