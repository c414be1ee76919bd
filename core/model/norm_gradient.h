// Defines the way back through layer norm, as a kernel (AVX-512).
//   NormGradientFits
//   RunNormGradient

#ifndef MD2_CORE_MODEL_NORM_GRADIENT_H_
#define MD2_CORE_MODEL_NORM_GRADIENT_H_

#include <ATen/core/Tensor.h>

#include "core/model/norm_kernel.h"

namespace md2::model {

struct NormGradientCall {
  at::Tensor x;  // [R, dim], what the norm got
  NormStatistics statistics;
  at::Tensor weight;  // [dim], as x
  at::Tensor dy;      // [R, dim], as x
  at::Tensor beside;  // [R, dim], as x, or undefined: added to the result before it is rounded
  // fp32 [dim], added to; undefined where it is not trained.
  at::Tensor weight_gradient;
  at::Tensor bias_gradient;
};

bool NormGradientFits(const NormGradientCall& call);

// With y = (x - mean) rstd and g = dy weight: rstd (g - mean(g) - y mean(g y)) + beside, [R, dim].
// The gradients are sums of dy y and dy over fixed blocks of rows, so that they do not depend on
// the number of threads. REQUIRES: NormGradientFits(call).
at::Tensor RunNormGradient(const NormGradientCall& call);

}  // namespace md2::model

#endif  // MD2_CORE_MODEL_NORM_GRADIENT_H_
