#include "core/model/attention.h"

#include <ATen/ops/cat.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/scaled_dot_product_attention.h>

#include <vector>

#include "core/model/attention_kernel.h"

namespace md2::model {
namespace {

KeyValues Joined(absl::Span<const KeyValues> past, const KeyValues& own) {
  if (past.empty()) return own;
  std::vector<at::Tensor> k, v;
  for (const KeyValues& part : past) {
    k.push_back(part.k);
    v.push_back(part.v);
  }
  k.push_back(own.k);
  v.push_back(own.v);
  return {at::cat(k, 1), at::cat(v, 1)};
}

// LibTorch's fused attention, for devices and types that no kernel of ours serves.
at::Tensor AttendFused(const Attention& part) {
  const at::Tensor& q = part.q;
  const KeyValues all = Joined(part.past, part.own);
  const int64_t num_queries = q.size(1), num_keys = all.k.size(1);
  const bool masks = part.mask == Mask::kCausal && num_queries > 1;
  std::optional<at::Tensor> allowed;
  if (masks && num_queries < num_keys) {  // LibTorch's own causal mask begins at the first key
    allowed = at::ones({num_queries, num_keys}, q.options().dtype(at::kBool))
                  .tril_(num_keys - num_queries);
  }
  const at::Tensor out = at::scaled_dot_product_attention(
      q.unsqueeze(0), all.k.unsqueeze(0), all.v.unsqueeze(0), allowed, 0.0, masks && !allowed);
  return out[0].transpose(0, 1).reshape({num_queries, q.size(0) * q.size(2)});
}

}  // namespace

at::Tensor Attend(absl::Span<const Attention> parts) {
  if (AttentionKernelFits(parts[0].q)) return RunAttentionKernel(parts);
  std::vector<at::Tensor> out;
  for (const Attention& part : parts) out.push_back(AttendFused(part));
  return out.size() == 1 ? out[0] : at::cat(out, 0);
}

}  // namespace md2::model
