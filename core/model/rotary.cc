#include "core/model/rotary.h"

#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/pow.h>

#include <algorithm>

#include "core/model/avx512.h"

namespace md2::model {
namespace {

// Values below which a second thread costs more than it brings.
constexpr int64_t kValuesPerThread = 1 << 14;

// One position's row of every head.
template <typename Value>
void RotateRow(Value* row, int64_t heads, int64_t head_stride, const Value* cos, const Value* sin,
               float sign, int64_t half) {
  for (int64_t h = 0; h < heads; ++h, row += head_stride) {
    for (int64_t j = 0; j < half; ++j) {
      const auto a = static_cast<float>(row[j]), b = static_cast<float>(row[j + half]);
      const auto c = static_cast<float>(cos[j]), s = sign * static_cast<float>(sin[j]);
      row[j] = static_cast<Value>(a * c - b * s);
      row[j + half] = static_cast<Value>(b * c + a * s);
    }
  }
}

// The same, sixteen values at a time and to the same bit.
template <typename Type>
MD2_AVX512 void RotateRow16(typename Type::Storage* row, int64_t heads, int64_t head_stride,
                            const typename Type::Storage* cos, const typename Type::Storage* sin,
                            float sign, int64_t half) {
  for (int64_t j = 0; j < half; j += kLanes) {
    const __mmask16 lanes = FirstLanes(std::min(kLanes, half - j));
    const __m512 c = Type::Load(cos + j, lanes);
    const __m512 s = _mm512_mul_ps(_mm512_set1_ps(sign), Type::Load(sin + j, lanes));
    for (int64_t h = 0; h < heads; ++h) {
      typename Type::Storage* const first = row + h * head_stride + j;
      typename Type::Storage* const second = first + half;
      const __m512 a = Type::Load(first, lanes), b = Type::Load(second, lanes);
      Type::Store(first, lanes, _mm512_sub_ps(_mm512_mul_ps(a, c), _mm512_mul_ps(b, s)));
      Type::Store(second, lanes, _mm512_add_ps(_mm512_mul_ps(b, c), _mm512_mul_ps(a, s)));
    }
  }
}

// `Type` says how 16 of the values are loaded.
template <typename Value, typename Type>
void RotateRows(at::Tensor& x, const at::Tensor& positions, const at::Tensor& cos,
                const at::Tensor& sin, int sign, int64_t half) {
  static const bool has_avx512 = HasAvx512();
  using Storage = typename Type::Storage;
  const int64_t heads = x.size(1), stride = x.stride(1);
  const auto* at_position = positions.const_data_ptr<int64_t>();
  const int64_t grain = std::max<int64_t>(1, kValuesPerThread / (heads * half));
  auto* data = static_cast<Value*>(x.mutable_data_ptr());
  const auto* cosines = static_cast<const Value*>(cos.const_data_ptr());
  const auto* sines = static_cast<const Value*>(sin.const_data_ptr());
  const auto factor = static_cast<float>(sign);
  at::parallel_for(0, x.size(0), grain, [&](int64_t begin, int64_t end) {
    for (int64_t r = begin; r < end; ++r) {
      const int64_t offset = at_position[r] * half;
      Value* const row = data + r * x.stride(0);
      if (has_avx512) {
        RotateRow16<Type>(reinterpret_cast<Storage*>(row), heads, stride,
                          reinterpret_cast<const Storage*>(cosines + offset),
                          reinterpret_cast<const Storage*>(sines + offset), factor, half);
      } else {
        RotateRow(row, heads, stride, cosines + offset, sines + offset, factor, half);
      }
    }
  });
}

void RotateOnCpu(at::Tensor& x, const at::Tensor& positions, const at::Tensor& cos,
                 const at::Tensor& sin, int sign, int64_t half) {
  switch (x.scalar_type()) {
    case at::kFloat:
      return RotateRows<float, Fp32>(x, positions, cos, sin, sign, half);
    case at::kHalf:
      return RotateRows<at::Half, Fp16>(x, positions, cos, sin, sign, half);
    default:
      return RotateRows<at::BFloat16, Bf16>(x, positions, cos, sin, sign, half);
  }
}

}  // namespace

RotaryTable::RotaryTable(const TextSizes& sizes, const at::TensorOptions& options)
    : half_(sizes.rotary_dim / 2) {
  const at::TensorOptions fp32 = at::TensorOptions().dtype(at::kFloat);
  const at::Tensor inverse_frequencies =
      at::pow(sizes.rotary_theta, -at::arange(half_, fp32) * 2 / sizes.rotary_dim);
  const at::Tensor angle = at::arange(sizes.max_positions, fp32).unsqueeze(1) * inverse_frequencies;
  cos_ = angle.cos().to(options);
  sin_ = angle.sin().to(options);
}

void RotaryTable::Turn(at::Tensor& x, const at::Tensor& positions, int sign) const {
  if (x.device().is_cpu()) return RotateOnCpu(x, positions, cos_, sin_, sign, half_);
  const at::Tensor cos = cos_.index_select(0, positions).unsqueeze(1);
  const at::Tensor sin = sin_.index_select(0, positions).unsqueeze(1) * sign;
  at::Tensor a = x.narrow(2, 0, half_), b = x.narrow(2, half_, half_);
  const at::Tensor turned = a * cos - b * sin;
  b.copy_(b * cos + a * sin);
  a.copy_(turned);
}

}  // namespace md2::model
