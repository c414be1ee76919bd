// Defines Dropout, which sets some values to zero while a model is trained.
//   DropoutKey        how many, and what the draws depend on
//   Dropout

#ifndef MD2_CORE_MODEL_DROPOUT_H_
#define MD2_CORE_MODEL_DROPOUT_H_

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace md2::model {

struct DropoutKey {
  double share = 0;   // in [0, 1); 0: nothing is dropped
  uint64_t seed = 0;  // of one pass

  // The key of one of the layers of that pass.
  DropoutKey For(uint64_t layer) const;
};

// x * m / (1 - share), where m is 0 with probability `share`, else 1: a pure function of seed and
// place, so that the way back and a second computation see the same. Returns x itself where nothing
// is dropped. x [R, n], contiguous. LibTorch may throw.
at::Tensor Dropout(const at::Tensor& x, const DropoutKey& key);

}  // namespace md2::model

#endif  // MD2_CORE_MODEL_DROPOUT_H_
