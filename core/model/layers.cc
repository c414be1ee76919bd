#include "core/model/layers.h"

#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/ops/gelu.h>
#include <ATen/ops/layer_norm.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/native_layer_norm.h>

#include "core/model/gelu_kernel.h"
#include "core/model/norm_kernel.h"
#include "core/model/products.h"
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

// Without the adapter.
at::Tensor Product(const LinearWeights& w, const at::Tensor& x) {
  if (RowProductFits(x, w.weight)) return RowProduct(x, w.weight, w.bias, x.scalar_type());
  if (TiledProductFits(x, w.weight)) return TiledProduct(x, w.weight, w.bias, Activation::kNone);
  return at::linear(x, w.weight, w.bias);
}

at::Tensor LinearGelu(const LinearWeights& w, const at::Tensor& x) {
  if (TiledProductFits(x, w.weight)) return TiledProduct(x, w.weight, w.bias, Activation::kGelu);
  if (x.device().is_cpu() && x.scalar_type() == at::kBFloat16 && !RowProductFits(x, w.weight)) {
    return FusedLinearGelu(w, x);
  }
  at::Tensor h = Linear(w, x);
  return at::gelu_(h, "tanh");
}

// Both, for the way back. GELU is of the product as it was rounded, so that it can be computed
// again from what was kept.
GeluProduct LinearThenGelu(const LinearWeights& w, const at::Tensor& x, const DropoutKey& dropout) {
  if (!w.adapter.is_there() && TiledProductFits(x, w.weight)) {
    return TiledGeluProduct(x, w.weight, w.bias);
  }
  const at::Tensor h = Linear(w, x, dropout);
  return {h, RunGelu(h)};
}

}  // namespace

LinearWeights LinearWeights::Find(const Weights& weights, const std::string& name) {
  LinearWeights found = {weights.Find(name + ".weight"), weights.Find(name + ".bias"), {}};
  found.adapter = {weights.Find(name + kAdapterA), weights.Find(name + kAdapterB),
                   weights.adapter_scale()};
  return found;
}

LinearWeights LinearWeights::Outputs(int64_t first, int64_t count) const {
  const auto part = [&](const at::Tensor& x) {
    return x.defined() ? x.narrow(0, first, count) : x;
  };
  return {part(weight), part(bias), {adapter.a, part(adapter.b), adapter.scale, adapter.layer}};
}

NormWeights NormWeights::Find(const Weights& weights, const std::string& name, double eps) {
  return {weights.Find(name + ".weight"), weights.Find(name + ".bias"), eps};
}

MlpWeights MlpWeights::Find(const Weights& weights, const std::string& name) {
  return {LinearWeights::Find(weights, name + "fc1"), LinearWeights::Find(weights, name + "fc2")};
}

at::Tensor Linear(const LinearWeights& w, const at::Tensor& x, const DropoutKey& dropout) {
  at::Tensor y = Product(w, x);
  const AdapterWeights& adapter = w.adapter;
  if (!adapter.is_there()) return y;
  const at::Tensor inner = TimesTransposed(Dropout(x, dropout.For(adapter.layer)), adapter.a);
  return y.add_(TimesTransposed(inner, adapter.b), adapter.scale);
}

at::Tensor LinearToFp32(const LinearWeights& w, const at::Tensor& x) {
  return RowProductFits(x, w.weight) ? RowProduct(x, w.weight, w.bias, at::kFloat)
                                     : at::linear(x, w.weight, w.bias).to(at::kFloat);
}

at::Tensor LayerNorm(const NormWeights& w, const at::Tensor& x, NormTape* tape) {
  if (tape != nullptr) tape->x = x;
  NormStatistics* statistics = tape == nullptr ? nullptr : &tape->statistics;
  if (NormKernelFits(x)) return RunNormKernel(x, w.weight, w.bias, w.eps, statistics);
  if (tape == nullptr) return at::layer_norm(x, w.weight.sizes(), w.weight, w.bias, w.eps);
  // Weights in fp32 make the statistics fp32, whatever x is.
  auto [y, mean, rstd] = at::native_layer_norm(x, w.weight.sizes(), w.weight.to(at::kFloat),
                                               w.bias.to(at::kFloat), w.eps);
  *statistics = {mean, rstd};
  return y;
}

at::Tensor Mlp(const MlpWeights& w, const at::Tensor& x, const DropoutKey& dropout, MlpTape* tape) {
  if (tape == nullptr && !w.fc1.adapter.is_there())
    return Linear(w.fc2, LinearGelu(w.fc1, x), dropout);
  const GeluProduct h = LinearThenGelu(w.fc1, x, dropout);
  if (tape != nullptr) *tape = {h.product, h.gelu};
  return Linear(w.fc2, h.gelu, dropout);
}

}  // namespace md2::model
