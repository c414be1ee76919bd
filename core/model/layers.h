// Defines the layers that vision tower, projector and text model are made of.
//   LinearWeights, AdapterWeights, NormWeights, MlpWeights   a layer's tensors, found by name
//   NormTape, MlpTape                         what the way back needs of the way there
//   Linear, LinearToFp32, LayerNorm, Mlp      what a layer computes
//
// The same structs hold the gradients of a layer's tensors (core/model/layer_gradients.h).
// R rows of any number of sequences or images lie one after another: layers do not care whose they
// are. All tensors are of one dtype and on one device; nothing here takes part in autograd.
// LibTorch may throw.

#ifndef MD2_CORE_MODEL_LAYERS_H_
#define MD2_CORE_MODEL_LAYERS_H_

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>

#include "core/model/dropout.h"
#include "core/model/norm_kernel.h"
#include "core/model/weights.h"

namespace md2::model {

// What a low-rank adapter adds to a linear layer: scale * B(A(x)) (Hu et al., LoRA, 2021).
struct AdapterWeights {
  at::Tensor a;  // [rank, in]; undefined where there is no adapter
  at::Tensor b;  // [out, rank]
  double scale = 0;
  uint64_t layer = 0;  // its number in the model, for dropout

  bool is_there() const { return a.defined(); }
};

struct LinearWeights {
  at::Tensor weight;  // [out, in]
  at::Tensor bias;    // [out]
  AdapterWeights adapter;

  // `name`.weight, `name`.bias, and `name` with kAdapterA and kAdapterB where there are such.
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

struct NormTape {
  at::Tensor x;
  NormStatistics statistics;
};

struct MlpTape {
  at::Tensor fc1;   // [R, mlp]
  at::Tensor gelu;  // of fc1
};

// [R, in] -> [R, out]. `dropout` is of the adapter's inputs.
at::Tensor Linear(const LinearWeights& w, const at::Tensor& x, const DropoutKey& dropout = {});

// The same in fp32, for logits: in half precision many would be equal.
at::Tensor LinearToFp32(const LinearWeights& w, const at::Tensor& x);

// [R, dim] -> [R, dim]; statistics in fp32. Fills `tape` if there is one.
at::Tensor LayerNorm(const NormWeights& w, const at::Tensor& x, NormTape* tape = nullptr);

// fc2(gelu(fc1(x))), with gelu(x) = x / 2 (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))).
// Fills `tape` if there is one.
at::Tensor Mlp(const MlpWeights& w, const at::Tensor& x, const DropoutKey& dropout = {},
               MlpTape* tape = nullptr);

}  // namespace md2::model

#endif  // MD2_CORE_MODEL_LAYERS_H_
