#include "core/model/norm_gradient.h"

#include <ATen/Parallel.h>
#include <ATen/ops/empty.h>

#include <algorithm>
#include <cstdint>

#include "core/model/avx512.h"

namespace md2::model {
namespace {

constexpr int64_t kBlockRows = 64;

template <typename Type>
struct NormGradient {
  using Storage = typename Type::Storage;

  const Storage* x;
  const Storage* weight;
  const Storage* dy;
  const Storage* beside;  // may be null
  const float* mean;
  const float* rstd;
  int64_t dim;
  Storage* dx;
  float* sums;  // [blocks, 2, dim]: of weight and bias; null where they are not trained

  // Rows [begin, end) are a block.
  MD2_AVX512 void RunBlock(int64_t block, int64_t begin, int64_t end) const {
    float* block_sums = sums == nullptr ? nullptr : sums + block * 2 * dim;
    if (sums != nullptr) std::fill_n(block_sums, 2 * dim, 0.0f);
    for (int64_t r = begin; r < end; ++r) {
      RunRow(r);
      if (sums != nullptr) AddRow(r, block_sums);
    }
  }

 private:
  // Sixteen values of a row.
  struct Values {
    __mmask16 lanes;
    __m512 y;
    __m512 dy;
  };

  MD2_AVX512 Values ValuesOf(int64_t r, int64_t i) const {
    const __mmask16 lanes = FirstLanes(std::min(kLanes, dim - i));
    const __m512 centered =
        _mm512_maskz_sub_ps(lanes, Type::Load(x + r * dim + i, lanes), _mm512_set1_ps(mean[r]));
    return {lanes, _mm512_mul_ps(centered, _mm512_set1_ps(rstd[r])),
            Type::Load(dy + r * dim + i, lanes)};
  }

  MD2_AVX512 void RunRow(int64_t r) const {
    __m512 sum = _mm512_setzero_ps(), sum_by_y = _mm512_setzero_ps();
    for (int64_t i = 0; i < dim; i += kLanes) {
      const Values v = ValuesOf(r, i);
      const __m512 g = _mm512_mul_ps(v.dy, Type::Load(weight + i, v.lanes));
      sum = _mm512_add_ps(sum, g);
      sum_by_y = _mm512_fmadd_ps(g, v.y, sum_by_y);
    }
    const auto count = static_cast<float>(dim);
    const __m512 shift = _mm512_set1_ps(_mm512_reduce_add_ps(sum) / count);
    const __m512 tilt = _mm512_set1_ps(_mm512_reduce_add_ps(sum_by_y) / count);
    const __m512 scale = _mm512_set1_ps(rstd[r]);
    for (int64_t i = 0; i < dim; i += kLanes) {
      const Values v = ValuesOf(r, i);
      const __m512 g = _mm512_mul_ps(v.dy, Type::Load(weight + i, v.lanes));
      __m512 d = _mm512_fnmadd_ps(v.y, tilt, _mm512_sub_ps(g, shift));
      d = _mm512_mul_ps(d, scale);
      if (beside != nullptr) d = _mm512_add_ps(d, Type::Load(beside + r * dim + i, v.lanes));
      Type::Store(dx + r * dim + i, v.lanes, d);
    }
  }

  MD2_AVX512 void AddRow(int64_t r, float* block_sums) const {
    for (int64_t i = 0; i < dim; i += kLanes) {
      const Values v = ValuesOf(r, i);
      float* weights = block_sums + i;
      float* biases = block_sums + dim + i;
      _mm512_mask_storeu_ps(weights, v.lanes,
                            _mm512_fmadd_ps(v.dy, v.y, _mm512_maskz_loadu_ps(v.lanes, weights)));
      _mm512_mask_storeu_ps(biases, v.lanes,
                            _mm512_add_ps(v.dy, _mm512_maskz_loadu_ps(v.lanes, biases)));
    }
  }
};

// to[i] += the sum over blocks, in order.
void AddBlocks(const float* sums, int64_t num_blocks, int64_t dim, const at::Tensor& gradient) {
  auto* to = gradient.mutable_data_ptr<float>();
  for (int64_t b = 0; b < num_blocks; ++b) {
    for (int64_t i = 0; i < dim; ++i) to[i] += sums[b * 2 * dim + i];
  }
}

template <typename Type>
at::Tensor Run(const NormGradientCall& call) {
  using Storage = typename Type::Storage;
  const auto read = [](const at::Tensor& x) {
    return static_cast<const Storage*>(x.const_data_ptr());
  };
  const int64_t rows = call.x.size(0), dim = call.x.size(1);
  const int64_t num_blocks = (rows + kBlockRows - 1) / kBlockRows;
  const bool is_trained = call.weight_gradient.defined();
  const at::Tensor dx = at::empty(call.x.sizes(), call.x.options());
  const at::Tensor sums = is_trained ? at::empty({num_blocks, 2, dim}, at::kFloat) : at::Tensor();
  const NormGradient<Type> gradient = {read(call.x),
                                       read(call.weight),
                                       read(call.dy),
                                       call.beside.defined() ? read(call.beside) : nullptr,
                                       call.statistics.mean.template const_data_ptr<float>(),
                                       call.statistics.rstd.template const_data_ptr<float>(),
                                       dim,
                                       static_cast<Storage*>(dx.mutable_data_ptr()),
                                       is_trained ? sums.mutable_data_ptr<float>() : nullptr};
  at::parallel_for(0, num_blocks, 1, [&](int64_t begin, int64_t end) {
    for (int64_t b = begin; b < end; ++b) {
      gradient.RunBlock(b, b * kBlockRows, std::min((b + 1) * kBlockRows, rows));
    }
  });
  if (is_trained) {
    AddBlocks(gradient.sums, num_blocks, dim, call.weight_gradient);
    AddBlocks(gradient.sums + dim, num_blocks, dim, call.bias_gradient);
  }
  return dx;
}

}  // namespace

bool NormGradientFits(const NormGradientCall& call) {
  return NormKernelFits(call.x) && NormKernelFits(call.dy) &&
         (!call.beside.defined() || NormKernelFits(call.beside));
}

at::Tensor RunNormGradient(const NormGradientCall& call) {
  switch (call.x.scalar_type()) {
    case at::kFloat:
      return Run<Fp32>(call);
    case at::kBFloat16:
      return Run<Bf16>(call);
    default:
      return Run<Fp16>(call);
  }
}

}  // namespace md2::model
