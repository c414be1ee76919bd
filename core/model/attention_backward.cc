#include "core/model/attention_backward.h"

#include <ATen/Dispatch.h>
#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/bmm.h>
#include <ATen/ops/softmax.h>

#include <cmath>
#include <limits>

#include "core/model/attention_gradient_head.h"
#include "core/model/attention_kernel.h"

namespace md2::model {
namespace {

float ScaleOf(const AttendedSequence& sequence) {
  return 1 / std::sqrt(static_cast<float>(sequence.q.size(2)));
}

template <typename Storage>
HeadRows<Storage> RowsOf(const at::Tensor& x, int64_t head) {
  return {static_cast<const Storage*>(x.const_data_ptr()) + head * x.stride(0), x.stride(1),
          x.size(1)};
}

template <typename Storage>
GradientRows<Storage> GradientOf(const at::Tensor& x, int64_t head) {
  return {static_cast<Storage*>(x.mutable_data_ptr()) + head * x.stride(0), x.stride(1)};
}

template <typename Units>
void RunKernel(absl::Span<const AttendedSequence> sequences) {
  using Storage = typename Units::Storage;
  const int64_t heads = sequences[0].q.size(0);
  const int64_t count = static_cast<int64_t>(sequences.size()) * heads;
  at::parallel_for(0, count, 1, [&](int64_t begin, int64_t end) {
    HeadGradient<Units> gradient;
    for (int64_t i = begin; i < end; ++i) {
      const AttendedSequence& s = sequences[i / heads];
      const int64_t h = i % heads;
      gradient.Run({RowsOf<Storage>(s.q, h), RowsOf<Storage>(s.k, h), RowsOf<Storage>(s.v, h),
                    RowsOf<Storage>(s.grad_out, h), GradientOf<Storage>(s.grad_q, h),
                    GradientOf<Storage>(s.grad_k, h), GradientOf<Storage>(s.grad_v, h), s.q.size(2),
                    s.prefix, ScaleOf(s)});
    }
  });
}

// [S, T], true where a query does not see a key.
at::Tensor Hidden(const AttendedSequence& s) {
  const int64_t queries = s.q.size(1), keys = s.k.size(1);
  const at::TensorOptions options = at::TensorOptions().dtype(at::kLong).device(s.q.device());
  const at::Tensor visible =
      at::arange(keys - queries + 1, keys + 1, options).clamp_min(s.prefix).unsqueeze(1);
  return at::arange(keys, options).unsqueeze(0).ge(visible);
}

// LibTorch's products, for devices and types that no kernel of ours serves.
void RunProducts(const AttendedSequence& s) {
  const at::Tensor q = s.q.to(at::kFloat), k = s.k.to(at::kFloat), v = s.v.to(at::kFloat);
  const at::Tensor grad = s.grad_out.to(at::kFloat);
  const double scale = ScaleOf(s);
  const at::Tensor scores = at::bmm(q, k.transpose(1, 2))
                                .mul_(scale)
                                .masked_fill_(Hidden(s), -std::numeric_limits<float>::infinity());
  const at::Tensor p = at::softmax(scores, -1);
  const at::Tensor dp = at::bmm(grad, v.transpose(1, 2));
  const at::Tensor ds = (dp - (p * dp).sum(-1, true)).mul_(p).mul_(scale);
  at::Tensor grad_q = s.grad_q, grad_k = s.grad_k, grad_v = s.grad_v;
  grad_q.copy_(at::bmm(ds, k));
  grad_k.copy_(at::bmm(ds.transpose(1, 2), q));
  grad_v.copy_(at::bmm(p.transpose(1, 2), grad));
}

}  // namespace

void AttendBackward(absl::Span<const AttendedSequence> sequences) {
  static const bool has_pairs = HasAvx512Bf16();
  if (sequences.empty()) return;
  const at::Tensor& q = sequences[0].q;
  if (!AttentionKernelFits(q)) {
    for (const AttendedSequence& sequence : sequences) RunProducts(sequence);
  } else if (q.scalar_type() == at::kFloat) {
    RunKernel<FloatUnits<Fp32>>(sequences);
  } else if (q.scalar_type() == at::kHalf) {
    RunKernel<FloatUnits<Fp16>>(sequences);
  } else if (has_pairs) {
    RunKernel<Bf16Pairs>(sequences);
  } else {
    RunKernel<FloatUnits<Bf16>>(sequences);
  }
}

}  // namespace md2::model
