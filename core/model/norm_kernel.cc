#include "core/model/norm_kernel.h"

#include <ATen/Parallel.h>
#include <ATen/ops/empty.h>

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "core/model/avx512.h"

namespace md2::model {
namespace {

// Values below which a second thread costs more than it brings.
constexpr int64_t kValuesPerThread = 1 << 13;

template <typename Type>
struct NormCall {
  using Storage = typename Type::Storage;

  const Storage* x;
  const Storage* weight;
  const Storage* bias;
  Storage* y;
  float* mean;  // may be null, as rstd
  float* rstd;
  int64_t dim;
  float eps;

  MD2_AVX512 void RunRows(int64_t begin, int64_t end) const {
    for (int64_t r = begin; r < end; ++r) RunRow(r);
  }

 private:
  MD2_AVX512 static float Sum(const Storage* row, int64_t dim) {
    __m512 sum = _mm512_setzero_ps();
    for (int64_t i = 0; i < dim; i += kLanes) {
      sum = _mm512_add_ps(sum, Type::Load(row + i, FirstLanes(std::min(kLanes, dim - i))));
    }
    return _mm512_reduce_add_ps(sum);
  }

  MD2_AVX512 static float SquaresAround(const Storage* row, int64_t dim, __m512 mean) {
    __m512 sum = _mm512_setzero_ps();
    for (int64_t i = 0; i < dim; i += kLanes) {
      const __mmask16 lanes = FirstLanes(std::min(kLanes, dim - i));
      const __m512 d = _mm512_maskz_sub_ps(lanes, Type::Load(row + i, lanes), mean);
      sum = _mm512_fmadd_ps(d, d, sum);
    }
    return _mm512_reduce_add_ps(sum);
  }

  MD2_AVX512 void RunRow(int64_t r) const {
    const Storage* row = x + r * dim;
    const auto count = static_cast<float>(dim);
    const float m = Sum(row, dim) / count;
    const __m512 center = _mm512_set1_ps(m);
    const float s = 1 / std::sqrt(SquaresAround(row, dim, center) / count + eps);
    const __m512 scale = _mm512_set1_ps(s);
    for (int64_t i = 0; i < dim; i += kLanes) {
      const __mmask16 lanes = FirstLanes(std::min(kLanes, dim - i));
      const __m512 z = _mm512_mul_ps(_mm512_sub_ps(Type::Load(row + i, lanes), center), scale);
      const __m512 w = Type::Load(weight + i, lanes), b = Type::Load(bias + i, lanes);
      Type::Store(y + r * dim + i, lanes, _mm512_fmadd_ps(z, w, b));
    }
    if (mean != nullptr) {
      mean[r] = m;
      rstd[r] = s;
    }
  }
};

template <typename Type>
at::Tensor Run(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias, double eps,
               NormStatistics* statistics) {
  using Storage = typename Type::Storage;
  at::Tensor y = at::empty(x.sizes(), x.options());
  NormCall<Type> call = {static_cast<const Storage*>(x.const_data_ptr()),
                         static_cast<const Storage*>(weight.const_data_ptr()),
                         static_cast<const Storage*>(bias.const_data_ptr()),
                         static_cast<Storage*>(y.mutable_data_ptr()),
                         nullptr,
                         nullptr,
                         x.size(1),
                         static_cast<float>(eps)};
  if (statistics != nullptr) {
    statistics->mean = at::empty({x.size(0), 1}, at::kFloat);
    statistics->rstd = at::empty({x.size(0), 1}, at::kFloat);
    call.mean = statistics->mean.mutable_data_ptr<float>();
    call.rstd = statistics->rstd.mutable_data_ptr<float>();
  }
  const int64_t grain = std::max<int64_t>(1, kValuesPerThread / x.size(1));
  at::parallel_for(0, x.size(0), grain,
                   [&](int64_t begin, int64_t end) { call.RunRows(begin, end); });
  return y;
}

}  // namespace

bool NormKernelFits(const at::Tensor& x) {
  static const bool has_avx512 = HasAvx512();
  const at::ScalarType type = x.scalar_type();
  return has_avx512 && x.device().is_cpu() && x.dim() == 2 && x.is_contiguous() &&
         (type == at::kFloat || type == at::kBFloat16 || type == at::kHalf);
}

at::Tensor RunNormKernel(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias,
                         double eps, NormStatistics* statistics) {
  switch (x.scalar_type()) {
    case at::kFloat:
      return Run<Fp32>(x, weight, bias, eps, statistics);
    case at::kBFloat16:
      return Run<Bf16>(x, weight, bias, eps, statistics);
    default:
      return Run<Fp16>(x, weight, bias, eps, statistics);
  }
}

}  // namespace md2::model
