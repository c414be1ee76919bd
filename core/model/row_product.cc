#include "core/model/row_product.h"

#include <ATen/Parallel.h>
#include <ATen/ops/empty.h>

#include <algorithm>
#include <cstdint>
#include <vector>

#include "core/model/avx512.h"

namespace md2::model {
namespace {

// Below this a second thread costs more than it brings.
constexpr int64_t kBytesPerThread = int64_t{512} << 10;

// Sums of one weight row with R rows of x, which are `in` apart.
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

// Rows of any type as floats. REQUIRES: count is a multiple of 16.
template <typename Type>
MD2_AVX512 void Widen(const typename Type::Storage* from, int64_t count, float* to) {
  for (int64_t i = 0; i < count; i += kLanes) _mm512_storeu_ps(to + i, Type::Load(from + i));
}

// One output of R rows; `sums` still lack the bias.
template <typename Type, typename Out>
MD2_AVX512 void StoreSum(float sum, const typename Type::Storage* bias,
                         typename Out::Storage* out) {
  const __mmask16 one = FirstLanes(1);
  const __m512 y = _mm512_add_ps(_mm512_set1_ps(sum), Type::Load(bias, one));
  Out::Store(out, one, y);
}

// x and weights are of one type; so is the result, unless it is to be fp32.
template <typename Type, typename Out, int R>
void Product(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias,
             at::Tensor& out) {
  using Storage = typename Type::Storage;
  const int64_t in = x.size(1), num_out = weight.size(0);
  const auto* w = static_cast<const Storage*>(weight.const_data_ptr());
  const auto* b = static_cast<const Storage*>(bias.const_data_ptr());
  auto* y = static_cast<typename Out::Storage*>(out.mutable_data_ptr());
  std::vector<float> rows(R * in);
  Widen<Type>(static_cast<const Storage*>(x.const_data_ptr()), R * in, rows.data());
  const int64_t row_bytes = in * static_cast<int64_t>(sizeof(Storage));
  const int64_t grain = std::max<int64_t>(1, kBytesPerThread / row_bytes);
  at::parallel_for(0, num_out, grain, [&](int64_t begin, int64_t end) {
    float sums[R];
    for (int64_t o = begin; o < end; ++o) {
      DotRow<Type, R>(w + o * in, rows.data(), in, sums);
      for (int r = 0; r < R; ++r) StoreSum<Type, Out>(sums[r], b + o, y + r * num_out + o);
    }
  });
}

template <typename Type, typename Out>
void ProductOfRows(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias,
                   at::Tensor& out) {
  switch (x.size(0)) {
    case 1:
      return Product<Type, Out, 1>(x, weight, bias, out);
    case 2:
      return Product<Type, Out, 2>(x, weight, bias, out);
    case 3:
      return Product<Type, Out, 3>(x, weight, bias, out);
    default:
      return Product<Type, Out, 4>(x, weight, bias, out);
  }
}

template <typename Type>
at::Tensor ProductOfType(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias,
                         at::ScalarType out_type) {
  at::Tensor out = at::empty({x.size(0), weight.size(0)}, x.options().dtype(out_type));
  if (out_type == at::kFloat) {
    ProductOfRows<Type, Fp32>(x, weight, bias, out);
  } else {
    ProductOfRows<Type, Type>(x, weight, bias, out);
  }
  return out;
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

at::Tensor RowProduct(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias,
                      at::ScalarType out_type) {
  switch (weight.scalar_type()) {
    case at::kBFloat16:
      return ProductOfType<Bf16>(x, weight, bias, out_type);
    case at::kHalf:
      return ProductOfType<Fp16>(x, weight, bias, out_type);
    default:
      return ProductOfType<Fp32>(x, weight, bias, out_type);
  }
}

}  // namespace md2::model
