#include "core/model/rotary.h"

#include <ATen/Dispatch.h>
#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/pow.h>

#include <algorithm>

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

void RotateOnCpu(at::Tensor& x, const at::Tensor& positions, const at::Tensor& cos,
                 const at::Tensor& sin, int sign, int64_t half) {
  const int64_t heads = x.size(1);
  const auto* at_position = positions.const_data_ptr<int64_t>();
  const int64_t grain = std::max<int64_t>(1, kValuesPerThread / (heads * half));
  AT_DISPATCH_FLOATING_TYPES_AND2(at::kHalf, at::kBFloat16, x.scalar_type(), "Rotate", [&] {
    auto* data = x.mutable_data_ptr<scalar_t>();
    const auto* cosines = cos.const_data_ptr<scalar_t>();
    const auto* sines = sin.const_data_ptr<scalar_t>();
    at::parallel_for(0, x.size(0), grain, [&](int64_t begin, int64_t end) {
      for (int64_t r = begin; r < end; ++r) {
        const int64_t offset = at_position[r] * half;
        RotateRow(data + r * x.stride(0), heads, x.stride(1), cosines + offset, sines + offset,
                  static_cast<float>(sign), half);
      }
    });
  });
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
