// Defines RotaryTable, the rotary position embedding.

#ifndef MD2_CORE_MODEL_ROTARY_H_
#define MD2_CORE_MODEL_ROTARY_H_

#include <ATen/core/Tensor.h>

#include "core/model/sizes.h"

namespace md2::model {

// Angle of pair j at position p: p * theta^(-2 j / rotary_dim). Within the first rotary_dim values
// of each head, (x_j, x_{j + rotary_dim / 2}) is turned by it; the rest is left alone. Cosine and
// sine are computed in fp32 and rounded to the model's dtype. Immutable, share freely.
class RotaryTable {
 public:
  RotaryTable(const TextSizes& sizes, const at::TensorOptions& options);

  // Turns x [R, heads, E] in place; `positions` [R], int64, on the device of x, each below
  // max_positions. LibTorch may throw.
  void Rotate(at::Tensor& x, const at::Tensor& positions) const { Turn(x, positions, 1); }
  // The other way, as gradients are turned.
  void RotateBack(at::Tensor& x, const at::Tensor& positions) const { Turn(x, positions, -1); }

 private:
  // By the angle times `sign`.
  void Turn(at::Tensor& x, const at::Tensor& positions, int sign) const;

  int64_t half_;
  at::Tensor cos_;  // [max_positions, half]
  at::Tensor sin_;
};

}  // namespace md2::model

#endif  // MD2_CORE_MODEL_ROTARY_H_
