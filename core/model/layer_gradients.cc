#include "core/model/layer_gradients.h"

#include <ATen/ops/gelu_backward.h>
#include <ATen/ops/mm.h>
#include <ATen/ops/native_layer_norm_backward.h>

namespace md2::model {
namespace {

// With u = A(drop(x)): dB = scale dy^T u, du = scale dy B, dA = du^T drop(x). Adds what comes back
// through the adapter to dx.
void AdapterBackward(const AdapterWeights& w, const AdapterWeights& gradient, const at::Tensor& x,
                     const at::Tensor& dy, const DropoutKey& dropout, at::Tensor& dx) {
  const DropoutKey key = dropout.For(w.layer);
  const at::Tensor dropped = Dropout(x, key);
  const at::Tensor du = at::mm(dy, w.b).mul_(w.scale);
  if (gradient.a.defined()) gradient.a.add_(at::mm(du.t(), dropped));
  if (gradient.b.defined()) {
    gradient.b.add_(at::mm(dy.t(), at::mm(dropped, w.a.t())), w.scale);
  }
  dx.add_(Dropout(at::mm(du, w.a), key));
}

}  // namespace

void AddLinearGradients(const LinearWeights& gradient, const at::Tensor& x, const at::Tensor& dy) {
  if (gradient.weight.defined()) gradient.weight.add_(at::mm(dy.t(), x));
  if (gradient.bias.defined()) gradient.bias.add_(dy.sum(0, false, at::kFloat));
}

at::Tensor LinearBackward(const LinearWeights& w, const LinearWeights& gradient,
                          const at::Tensor& x, const at::Tensor& dy, const DropoutKey& dropout) {
  AddLinearGradients(gradient, x, dy);
  at::Tensor dx = at::mm(dy, w.weight);
  if (w.adapter.is_there()) AdapterBackward(w.adapter, gradient.adapter, x, dy, dropout, dx);
  return dx;
}

at::Tensor NormBackward(const NormWeights& w, const NormWeights& gradient, const NormTape& tape,
                        const at::Tensor& dy) {
  const bool is_trained = gradient.weight.defined();
  auto [dx, d_weight, d_bias] = at::native_layer_norm_backward(
      dy, tape.x, w.weight.sizes(), tape.statistics.mean, tape.statistics.rstd,
      w.weight.to(at::kFloat), w.bias.to(at::kFloat), {true, is_trained, is_trained});
  if (is_trained) {
    gradient.weight.add_(d_weight);
    gradient.bias.add_(d_bias);
  }
  return dx;
}

at::Tensor MlpBackward(const MlpWeights& w, const MlpWeights& gradient, const at::Tensor& x,
                       const MlpTape& tape, const at::Tensor& dy, const DropoutKey& dropout) {
  const at::Tensor dg = LinearBackward(w.fc2, gradient.fc2, tape.gelu, dy, dropout);
  const at::Tensor dh = at::gelu_backward(dg, tape.fc1, "tanh");
  return LinearBackward(w.fc1, gradient.fc1, x, dh, dropout);
}

}  // namespace md2::model
