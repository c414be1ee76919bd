#include "core/model/layer_gradients.h"

#include <ATen/ops/native_layer_norm_backward.h>

#include "core/model/gelu_kernel.h"
#include "core/model/norm_gradient.h"
#include "core/model/products.h"
#include "core/model/tiled_product.h"
#include "core/model/weight_gradient.h"

namespace md2::model {
namespace {

// With u = A(drop(x)): dB = scale dy^T u, du = scale dy B, dA = du^T drop(x). Adds what comes back
// through the adapter to dx.
void AdapterBackward(const AdapterWeights& w, const AdapterWeights& gradient, const at::Tensor& x,
                     const at::Tensor& dy, const DropoutKey& dropout, at::Tensor& dx) {
  const DropoutKey key = dropout.For(w.layer);
  const at::Tensor dropped = Dropout(x, key);
  const at::Tensor du = Times(dy, w.b).mul_(w.scale);
  if (gradient.a.defined()) AddOuterProduct(du, dropped, gradient.a);
  if (gradient.b.defined()) {
    AddOuterProduct(dy, TimesTransposed(dropped, w.a).mul_(w.scale), gradient.b);
  }
  dx.add_(Dropout(Times(du, w.a), key));
}

// The way back through fc2 and GELU.
at::Tensor GeluBackward(const LinearWeights& fc2, const LinearWeights& gradient,
                        const MlpTape& tape, const at::Tensor& dy, const DropoutKey& dropout) {
  if (!fc2.adapter.is_there() && TiledProductFits(dy, fc2.weight)) {
    AddLinearGradients(gradient, tape.gelu, dy);
    return TiledGeluGradient(dy, fc2.weight, tape.fc1);
  }
  return RunGeluGradient(LinearBackward(fc2, gradient, tape.gelu, dy, dropout), tape.fc1);
}

}  // namespace

void AddLinearGradients(const LinearWeights& gradient, const at::Tensor& x, const at::Tensor& dy) {
  if (gradient.weight.defined() && WeightGradientFits(dy, x)) {
    AddWeightGradient(dy, x, gradient.weight, gradient.bias);
    return;
  }
  if (gradient.weight.defined()) AddOuterProduct(dy, x, gradient.weight);
  if (gradient.bias.defined()) gradient.bias.add_(dy.sum(0, false, at::kFloat));
}

at::Tensor LinearBackward(const LinearWeights& w, const LinearWeights& gradient,
                          const at::Tensor& x, const at::Tensor& dy, const DropoutKey& dropout) {
  AddLinearGradients(gradient, x, dy);
  at::Tensor dx = Times(dy, w.weight);
  if (w.adapter.is_there()) AdapterBackward(w.adapter, gradient.adapter, x, dy, dropout, dx);
  return dx;
}

at::Tensor NormBackward(const NormWeights& w, const NormWeights& gradient, const NormTape& tape,
                        const at::Tensor& dy, const at::Tensor& beside) {
  const NormGradientCall call = {tape.x, tape.statistics, w.weight,     dy,
                                 beside, gradient.weight, gradient.bias};
  if (NormGradientFits(call)) return RunNormGradient(call);
  const bool is_trained = gradient.weight.defined();
  auto [dx, d_weight, d_bias] = at::native_layer_norm_backward(
      dy, tape.x, w.weight.sizes(), tape.statistics.mean, tape.statistics.rstd,
      w.weight.to(at::kFloat), w.bias.to(at::kFloat), {true, is_trained, is_trained});
  if (is_trained) {
    gradient.weight.add_(d_weight);
    gradient.bias.add_(d_bias);
  }
  return beside.defined() ? dx.add_(beside) : dx;
}

at::Tensor MlpBackward(const MlpWeights& w, const MlpWeights& gradient, const at::Tensor& x,
                       const MlpTape& tape, const at::Tensor& dy, const DropoutKey& dropout) {
  const at::Tensor dh = GeluBackward(w.fc2, gradient.fc2, tape, dy, dropout);
  return LinearBackward(w.fc1, gradient.fc1, x, dh, dropout);
}

}  // namespace md2::model
