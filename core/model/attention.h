// Defines attention over keys that lie in several places.
//   Heads      queries, keys or values of one sequence
//   KeyValues  one stretch of keys and values
//   Attend     softmax(q k^T / sqrt(E)) v
//
// Legend: H heads, S queries, T keys, E width of a head.

#ifndef MD2_CORE_MODEL_ATTENTION_H_
#define MD2_CORE_MODEL_ATTENTION_H_

#include <ATen/core/Tensor.h>

#include "absl/types/span.h"

namespace md2::model {

// Both [H, T, E], fp32, bf16 or fp16; any strides as long as the last is 1.
struct KeyValues {
  at::Tensor k;
  at::Tensor v;
};

enum class Mask {
  kNone,    // every query sees every key
  kCausal,  // the last query sees all keys, each one before it one key less
};

// q as KeyValues::k, [H, S, E] -> [S, H * E], contiguous, in the dtype of q. `past` are keys that
// every query sees; `own` come after them and are what the mask speaks of: with kCausal own.k has
// at least S keys. Scores, softmax and sums are in fp32. No gradient. LibTorch may throw.
at::Tensor Attend(const at::Tensor& q, absl::Span<const KeyValues> past, const KeyValues& own,
                  Mask mask);

}  // namespace md2::model

#endif  // MD2_CORE_MODEL_ATTENTION_H_
