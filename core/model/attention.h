// Defines attention over keys that lie in several places.
//   Heads      queries, keys or values of one sequence
//   KeyValues  one stretch of keys and values
//   Attention  queries of one sequence, and what they see
//   Attend     softmax(q k^T / sqrt(E)) v
//
// Legend: H heads, S queries, T keys, E width of a head.

#ifndef MD2_CORE_MODEL_ATTENTION_H_
#define MD2_CORE_MODEL_ATTENTION_H_

#include <ATen/core/Tensor.h>

#include <vector>

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

struct Attention {
  at::Tensor q;                 // as KeyValues::k, [H, S, E]
  std::vector<KeyValues> past;  // seen by every query
  KeyValues own;  // after them; of these the mask speaks: with kCausal at least S keys
  Mask mask = Mask::kNone;
};

// -> [S of all parts, H * E], one part after another, contiguous, in the dtype of q. Scores,
// softmax and sums are in fp32; a part's result does not depend on the others. No gradient.
// LibTorch may throw. REQUIRES: there is a part; H, E, dtype and device of all are the same.
at::Tensor Attend(absl::Span<const Attention> parts);

}  // namespace md2::model

#endif  // MD2_CORE_MODEL_ATTENTION_H_
