#include "core/model/gelu_kernel.h"

#include <ATen/Parallel.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/gelu.h>
#include <ATen/ops/gelu_backward.h>

#include <algorithm>
#include <cstdint>

#include "core/model/avx512.h"
#include "core/model/avx512_math.h"

namespace md2::model {
namespace {

constexpr int64_t kValuesPerThread = 1 << 13;

bool Fits(const at::Tensor& x) {
  static const bool has_avx512 = HasAvx512();
  return has_avx512 && x.device().is_cpu() && x.is_contiguous() &&
         (x.scalar_type() == at::kFloat || x.scalar_type() == at::kBFloat16);
}

// d is null for GELU itself.
template <typename Type>
MD2_AVX512 void RunValues(const typename Type::Storage* x, const typename Type::Storage* d,
                          int64_t count, typename Type::Storage* out) {
  for (int64_t i = 0; i < count; i += kLanes) {
    const __mmask16 lanes = FirstLanes(std::min(kLanes, count - i));
    const __m512 v = Type::Load(x + i, lanes);
    Type::Store(out + i, lanes,
                d == nullptr ? Gelu(v) : _mm512_mul_ps(Type::Load(d + i, lanes), GeluSlope(v)));
  }
}

template <typename Type>
at::Tensor Run(const at::Tensor& x, const at::Tensor& d) {
  using Storage = typename Type::Storage;
  const at::Tensor out = at::empty(x.sizes(), x.options());
  const auto* from = static_cast<const Storage*>(x.const_data_ptr());
  const auto* by = d.defined() ? static_cast<const Storage*>(d.const_data_ptr()) : nullptr;
  auto* to = static_cast<Storage*>(out.mutable_data_ptr());
  at::parallel_for(0, x.numel(), kValuesPerThread, [&](int64_t begin, int64_t end) {
    RunValues<Type>(from + begin, by == nullptr ? nullptr : by + begin, end - begin, to + begin);
  });
  return out;
}

}  // namespace

at::Tensor RunGelu(const at::Tensor& x) {
  if (!Fits(x)) return at::gelu(x, "tanh");
  return x.scalar_type() == at::kFloat ? Run<Fp32>(x, {}) : Run<Bf16>(x, {});
}

at::Tensor RunGeluGradient(const at::Tensor& d, const at::Tensor& x) {
  if (!Fits(x) || !Fits(d)) return at::gelu_backward(d, x, "tanh");
  return x.scalar_type() == at::kFloat ? Run<Fp32>(x, d) : Run<Bf16>(x, d);
}

}  // namespace md2::model
