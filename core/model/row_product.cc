#include "core/model/row_product.h"

#include <ATen/Parallel.h>
#include <ATen/ops/empty.h>

#include <algorithm>
#include <cstdint>

#include "core/model/avx512.h"

namespace md2::model {
namespace {

// Below this a second thread costs more than it brings.
constexpr int64_t kBytesPerThread = int64_t{512} << 10;

// Sums of one weight row with R rows of x; x is fp32, rows `in` apart.
template <typename Weight, int R>
MD2_AVX512 void DotRow(const typename Weight::Storage* weight, const float* x, int64_t in,
                       float* sums) {
  __m512 even[R], odd[R];
  for (int r = 0; r < R; ++r) even[r] = odd[r] = _mm512_setzero_ps();
  int64_t k = 0;
  for (; k + 2 * kLanes <= in; k += 2 * kLanes) {
    const __m512 w0 = Weight::Load(weight + k);
    const __m512 w1 = Weight::Load(weight + k + kLanes);
    for (int r = 0; r < R; ++r) {
      even[r] = _mm512_fmadd_ps(w0, _mm512_loadu_ps(x + r * in + k), even[r]);
      odd[r] = _mm512_fmadd_ps(w1, _mm512_loadu_ps(x + r * in + k + kLanes), odd[r]);
    }
  }
  if (k < in) {
    const __m512 w0 = Weight::Load(weight + k);
    for (int r = 0; r < R; ++r) {
      even[r] = _mm512_fmadd_ps(w0, _mm512_loadu_ps(x + r * in + k), even[r]);
    }
  }
  for (int r = 0; r < R; ++r) sums[r] = _mm512_reduce_add_ps(_mm512_add_ps(even[r], odd[r]));
}

template <typename Weight, int R>
void Product(const at::Tensor& x, const at::Tensor& weight, at::Tensor& out) {
  const int64_t in = x.size(1), num_out = weight.size(0);
  const auto* w = static_cast<const typename Weight::Storage*>(weight.const_data_ptr());
  const float* rows = x.const_data_ptr<float>();
  float* y = out.mutable_data_ptr<float>();
  const int64_t row_bytes = in * static_cast<int64_t>(sizeof(typename Weight::Storage));
  const int64_t grain = std::max<int64_t>(1, kBytesPerThread / row_bytes);
  at::parallel_for(0, num_out, grain, [&](int64_t begin, int64_t end) {
    float sums[R];
    for (int64_t o = begin; o < end; ++o) {
      DotRow<Weight, R>(w + o * in, rows, in, sums);
      for (int r = 0; r < R; ++r) y[r * num_out + o] = sums[r];
    }
  });
}

template <typename Weight>
void ProductOfRows(const at::Tensor& x, const at::Tensor& weight, at::Tensor& out) {
  switch (x.size(0)) {
    case 1:
      return Product<Weight, 1>(x, weight, out);
    case 2:
      return Product<Weight, 2>(x, weight, out);
    case 3:
      return Product<Weight, 3>(x, weight, out);
    default:
      return Product<Weight, 4>(x, weight, out);
  }
}

bool IsKnownDtype(at::ScalarType dtype) {
  return dtype == at::kFloat || dtype == at::kBFloat16 || dtype == at::kHalf;
}

}  // namespace

bool RowProductFits(const at::Tensor& x, const at::Tensor& weight) {
  static const bool has_avx512 = HasAvx512();
  return has_avx512 && x.dim() == 2 && x.size(0) >= 1 && x.size(0) <= kMaxProductRows &&
         x.size(1) % kLanes == 0 && x.device().is_cpu() && weight.device().is_cpu() &&
         x.is_contiguous() && weight.is_contiguous() && x.scalar_type() == weight.scalar_type() &&
         IsKnownDtype(x.scalar_type());
}

at::Tensor RowProduct(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias) {
  const at::Tensor rows = x.to(at::kFloat);
  at::Tensor out = at::empty({x.size(0), weight.size(0)}, rows.options());
  switch (weight.scalar_type()) {
    case at::kBFloat16:
      ProductOfRows<Bf16>(rows, weight, out);
      break;
    case at::kHalf:
      ProductOfRows<Fp16>(rows, weight, out);
      break;
    default:
      ProductOfRows<Fp32>(rows, weight, out);
  }
  return out.add_(bias).to(x.scalar_type());
}

}  // namespace md2::model
