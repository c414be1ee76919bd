// Defines the layers that vision tower, projector and text model are made of.
//   LinearWeights, NormWeights, MlpWeights   a layer's tensors, found by name
//   Linear, LinearToFp32, LayerNorm, Mlp      what it computes
//
// R rows of any number of sequences or images lie one after another: layers do not care whose they
// are. All tensors are of one dtype and on one device; nothing here takes part in autograd.
// LibTorch may throw.

#ifndef MD2_CORE_MODEL_LAYERS_H_
#define MD2_CORE_MODEL_LAYERS_H_

#include <ATen/core/Tensor.h>

#include <string>

#include "core/model/weights.h"

namespace md2::model {

struct LinearWeights {
  at::Tensor weight;  // [out, in]
  at::Tensor bias;    // [out]

  // `name`.weight and `name`.bias.
  static LinearWeights Find(const Weights& weights, const std::string& name);
  // Rows [first, first + count) of both: the part of the layer that computes those outputs.
  LinearWeights Outputs(int64_t first, int64_t count) const;
};

struct NormWeights {
  at::Tensor weight;  // [dim]
  at::Tensor bias;    // [dim]
  double eps = 0;

  static NormWeights Find(const Weights& weights, const std::string& name, double eps);
};

struct MlpWeights {
  LinearWeights fc1;
  LinearWeights fc2;

  static MlpWeights Find(const Weights& weights, const std::string& name);
};

// [R, in] -> [R, out].
at::Tensor Linear(const LinearWeights& w, const at::Tensor& x);

// The same in fp32, for logits: in half precision many would be equal.
at::Tensor LinearToFp32(const LinearWeights& w, const at::Tensor& x);

// [R, dim] -> [R, dim]; statistics in fp32.
at::Tensor LayerNorm(const NormWeights& w, const at::Tensor& x);

// fc2(gelu(fc1(x))), with gelu(x) = x / 2 (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))).
at::Tensor Mlp(const MlpWeights& w, const at::Tensor& x);

}  // namespace md2::model

#endif  // MD2_CORE_MODEL_LAYERS_H_
