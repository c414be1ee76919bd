// Defines the gradient of attention over whole sequences.
//   AttendedSequence   one sequence of a pass, with the gradient of what its attention gave
//   AttendBackward     gradients of queries, keys and values
//
// Legend: H heads, S queries, T keys, E width of a head.

#ifndef MD2_CORE_MODEL_ATTENTION_BACKWARD_H_
#define MD2_CORE_MODEL_ATTENTION_BACKWARD_H_

#include <ATen/core/Tensor.h>

#include <cstdint>

#include "absl/types/span.h"

namespace md2::model {

// Queries are the last S of T positions; position t sees the first max(t + 1, prefix) keys. All
// tensors are of one dtype and device, the last stride is 1.
struct AttendedSequence {
  at::Tensor q;         // [H, S, E]
  at::Tensor k;         // [H, T, E]
  at::Tensor v;         // [H, T, E]
  int64_t prefix = 0;   // 0 for a causal mask, T for none
  at::Tensor grad_out;  // [H, S, E], of softmax(q k^T / sqrt(E)) v
  at::Tensor grad_q;    // as q, k and v; overwritten
  at::Tensor grad_k;
  at::Tensor grad_v;
};

// With P the softmax and dP = grad_out v^T: grad_v = P^T grad_out, dS = P (dP - rowsum(P dP)) /
// sqrt(E), grad_q = dS k, grad_k = dS^T q (Dao et al., FlashAttention, 2022, appendix B). Softmax
// and its gradient are in fp32; they are computed anew, so that nothing is kept from the way there.
// A sequence's gradients do not depend on the others. LibTorch may throw.
void AttendBackward(absl::Span<const AttendedSequence> sequences);

}  // namespace md2::model

#endif  // MD2_CORE_MODEL_ATTENTION_BACKWARD_H_
