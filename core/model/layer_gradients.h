// Defines the way back through layers.
//   LinearBackward, NormBackward, MlpBackward
//   AddLinearGradients   the first without the gradient of what the layer got
//
// Each takes the gradient of what its layer gave and returns that of what the layer got, in the
// dtype of the pass. The gradients of the layer's own tensors are fp32, lie in structs of the same
// type as the weights, and are added to; an undefined tensor is one that is not trained. R rows,
// as in core/model/layers.h. LibTorch may throw.

#ifndef MD2_CORE_MODEL_LAYER_GRADIENTS_H_
#define MD2_CORE_MODEL_LAYER_GRADIENTS_H_

#include <ATen/core/Tensor.h>

#include "core/model/dropout.h"
#include "core/model/layers.h"

namespace md2::model {

// x [R, in] is what Linear got, dy [R, out]; `dropout` as there. -> [R, in].
at::Tensor LinearBackward(const LinearWeights& w, const LinearWeights& gradient,
                          const at::Tensor& x, const at::Tensor& dy,
                          const DropoutKey& dropout = {});

void AddLinearGradients(const LinearWeights& gradient, const at::Tensor& x, const at::Tensor& dy);

// dy [R, dim] -> [R, dim], and `beside` added to it if there is one: the gradient of what went past
// the norm.
at::Tensor NormBackward(const NormWeights& w, const NormWeights& gradient, const NormTape& tape,
                        const at::Tensor& dy, const at::Tensor& beside = {});

// x [R, dim] is what Mlp got, dy [R, dim] -> [R, dim].
at::Tensor MlpBackward(const MlpWeights& w, const MlpWeights& gradient, const at::Tensor& x,
                       const MlpTape& tape, const at::Tensor& dy, const DropoutKey& dropout = {});

}  // namespace md2::model

#endif  // MD2_CORE_MODEL_LAYER_GRADIENTS_H_
