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

// Rows of x as they are multiplied: floats.
template <typename Type>
class WidenedRows {
 public:
  using Weight = Type;
  using Storage = typename Type::Storage;

  // REQUIRES: count is a multiple of 16.
  MD2_AVX512 WidenedRows(const Storage* x, int64_t count) : rows_(count) {
    for (int64_t i = 0; i < count; i += kLanes) _mm512_storeu_ps(&rows_[i], Type::Load(x + i));
  }

  // Sums of one weight row with R rows, which are `in` apart.
  template <int R>
  MD2_AVX512 void Dot(const Storage* weight, int64_t in, float* sums) const {
    const float* x = rows_.data();
    __m512 even[R], odd[R];
    for (int r = 0; r < R; ++r) even[r] = odd[r] = _mm512_setzero_ps();
    int64_t k = 0;
    for (; k + 2 * kLanes <= in; k += 2 * kLanes) {
      const __m512 w0 = Type::Load(weight + k);
      const __m512 w1 = Type::Load(weight + k + kLanes);
      for (int r = 0; r < R; ++r) {
        even[r] = _mm512_fmadd_ps(w0, _mm512_loadu_ps(x + r * in + k), even[r]);
        odd[r] = _mm512_fmadd_ps(w1, _mm512_loadu_ps(x + r * in + k + kLanes), odd[r]);
      }
    }
    if (k < in) {
      const __m512 w0 = Type::Load(weight + k);
      for (int r = 0; r < R; ++r) {
        even[r] = _mm512_fmadd_ps(w0, _mm512_loadu_ps(x + r * in + k), even[r]);
      }
    }
    for (int r = 0; r < R; ++r) sums[r] = _mm512_reduce_add_ps(_mm512_add_ps(even[r], odd[r]));
  }

 private:
  std::vector<float> rows_;
};

// Pairs of bf16 as they are.
class PairedRows {
 public:
  using Weight = Bf16;
  using Storage = uint16_t;

  PairedRows(const Storage* x, int64_t) : rows_(x) {}

  template <int R>
  MD2_AVX512 void Dot(const Storage* weight, int64_t in, float* sums) const {
    constexpr int64_t kPairs = 2 * kLanes;
    __m512 even[R], odd[R];
    for (int r = 0; r < R; ++r) even[r] = odd[r] = _mm512_setzero_ps();
    int64_t k = 0;
    for (; k + 2 * kPairs <= in; k += 2 * kPairs) {
      const __m512i w0 = _mm512_loadu_si512(weight + k);
      const __m512i w1 = _mm512_loadu_si512(weight + k + kPairs);
      for (int r = 0; r < R; ++r) {
        const Storage* x = rows_ + r * in + k;
        even[r] = _mm512_dpbf16_ps(even[r], (__m512bh)w0, (__m512bh)_mm512_loadu_si512(x));
        odd[r] = _mm512_dpbf16_ps(odd[r], (__m512bh)w1, (__m512bh)_mm512_loadu_si512(x + kPairs));
      }
    }
    for (; k < in; k += kPairs) {
      const __mmask32 lanes = in - k >= kPairs ? ~__mmask32{0} : (__mmask32{1} << (in - k)) - 1;
      const __m512i w0 = _mm512_maskz_loadu_epi16(lanes, weight + k);
      for (int r = 0; r < R; ++r) {
        const __m512i x = _mm512_maskz_loadu_epi16(lanes, rows_ + r * in + k);
        even[r] = _mm512_dpbf16_ps(even[r], (__m512bh)w0, (__m512bh)x);
      }
    }
    for (int r = 0; r < R; ++r) sums[r] = _mm512_reduce_add_ps(_mm512_add_ps(even[r], odd[r]));
  }

 private:
  const Storage* rows_;
};

// One output of R rows; `sums` still lack the bias.
template <typename Type, typename Out>
MD2_AVX512 void StoreSum(float sum, const typename Type::Storage* bias,
                         typename Out::Storage* out) {
  const __mmask16 one = FirstLanes(1);
  const __m512 y = _mm512_add_ps(_mm512_set1_ps(sum), Type::Load(bias, one));
  Out::Store(out, one, y);
}

// x and weights are of one type; so is the result, unless it is to be fp32.
template <typename Rows, typename Out, int R>
void Product(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias,
             at::Tensor& out) {
  using Storage = typename Rows::Storage;
  const int64_t in = x.size(1), num_out = weight.size(0);
  const auto* w = static_cast<const Storage*>(weight.const_data_ptr());
  const auto* b = static_cast<const Storage*>(bias.const_data_ptr());
  auto* y = static_cast<typename Out::Storage*>(out.mutable_data_ptr());
  const Rows rows(static_cast<const Storage*>(x.const_data_ptr()), R * in);
  const int64_t row_bytes = in * static_cast<int64_t>(sizeof(Storage));
  const int64_t grain = std::max<int64_t>(1, kBytesPerThread / row_bytes);
  at::parallel_for(0, num_out, grain, [&](int64_t begin, int64_t end) {
    float sums[R];
    for (int64_t o = begin; o < end; ++o) {
      rows.template Dot<R>(w + o * in, in, sums);
      for (int r = 0; r < R; ++r) {
        StoreSum<typename Rows::Weight, Out>(sums[r], b + o, y + r * num_out + o);
      }
    }
  });
}

template <typename Rows, typename Out>
void ProductOfRows(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias,
                   at::Tensor& out) {
  switch (x.size(0)) {
    case 1:
      return Product<Rows, Out, 1>(x, weight, bias, out);
    case 2:
      return Product<Rows, Out, 2>(x, weight, bias, out);
    case 3:
      return Product<Rows, Out, 3>(x, weight, bias, out);
    default:
      return Product<Rows, Out, 4>(x, weight, bias, out);
  }
}

template <typename Rows>
at::Tensor ProductOfType(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias,
                         at::ScalarType out_type) {
  at::Tensor out = at::empty({x.size(0), weight.size(0)}, x.options().dtype(out_type));
  if (out_type == at::kFloat) {
    ProductOfRows<Rows, Fp32>(x, weight, bias, out);
  } else {
    ProductOfRows<Rows, typename Rows::Weight>(x, weight, bias, out);
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
  static const bool has_pairs = HasAvx512Bf16();
  switch (weight.scalar_type()) {
    case at::kBFloat16:
      return has_pairs ? ProductOfType<PairedRows>(x, weight, bias, out_type)
                       : ProductOfType<WidenedRows<Bf16>>(x, weight, bias, out_type);
    case at::kHalf:
      return ProductOfType<WidenedRows<Fp16>>(x, weight, bias, out_type);
    default:
      return ProductOfType<WidenedRows<Fp32>>(x, weight, bias, out_type);
  }
}

}  // namespace md2::model
