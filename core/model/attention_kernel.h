// Defines the attention kernel for processors with AVX-512.
//
// It multiplies in bf16 pairs and keeps scores and sums in fp32: two to three times as fast as
// LibTorch's fused attention in bf16. And it reads keys from several places, so that questions
// share an image's without a copy.

#ifndef MD2_CORE_MODEL_ATTENTION_KERNEL_H_
#define MD2_CORE_MODEL_ATTENTION_KERNEL_H_

#include "core/model/attention.h"

namespace md2::model {

// Whether this processor and q (CPU, heads of an even width up to 128) are the kernel's.
bool AttentionKernelFits(const at::Tensor& q);

// As Attend. REQUIRES: AttentionKernelFits of every part's q.
at::Tensor RunAttentionKernel(absl::Span<const Attention> parts);

}  // namespace md2::model

#endif  // MD2_CORE_MODEL_ATTENTION_KERNEL_H_
