#include "core/model/small_product.h"

#include <ATen/Parallel.h>
#include <ATen/ops/empty.h>

#include <algorithm>
#include <cstdint>
#include <vector>

#include "core/model/attention_head.h"
#include "core/model/attention_tiles.h"
#include "core/model/avx512.h"
#include "core/model/transpose.h"

namespace md2::model {
namespace {

// Multiplications above which LibTorch's linear is the better choice.
constexpr int64_t kMaxMultiplications = int64_t{64} << 20;
// What the laid out columns of one thread may take: they are to stay in its cache.
constexpr int64_t kMaxUnits = 2048;

// x / 2 (1 + tanh(u)) = x / (1 + e^(-2 u)), with e^ of what is not positive only.
MD2_AVX512 inline __m512 Gelu(__m512 x) {
  const __m512 square = _mm512_mul_ps(x, x);
  const __m512 factor =
      _mm512_fmadd_ps(square, _mm512_set1_ps(0.0356774081f), _mm512_set1_ps(0.797884561f));
  const __m512 z = _mm512_mul_ps(_mm512_mul_ps(x, factor), _mm512_set1_ps(2.0f));
  const __m512 e = Exp(
      _mm512_max_ps(_mm512_sub_ps(_mm512_setzero_ps(), _mm512_abs_ps(z)), _mm512_set1_ps(-87.0f)));
  const __mmask16 is_negative = _mm512_cmp_ps_mask(z, _mm512_setzero_ps(), _CMP_LT_OQ);
  const __m512 numerator = _mm512_mask_mul_ps(x, is_negative, x, e);
  return _mm512_div_ps(numerator, _mm512_add_ps(_mm512_set1_ps(1.0f), e));
}

// Some columns of one product: those of `groups` registers from column `first` on.
struct Columns {
  int64_t first;
  int64_t groups;
};

// Registers of columns, shared out evenly to a multiple of the threads.
std::vector<Columns> CutColumns(int64_t num_out) {
  const int64_t groups = (num_out + kLanes - 1) / kLanes;
  const int64_t threads = at::get_num_threads();
  int64_t blocks = (groups + kMaxGroups - 1) / kMaxGroups;
  blocks = std::min(groups, (blocks + threads - 1) / threads * threads);
  std::vector<Columns> cut;
  for (int64_t i = 0; i < blocks; ++i) {
    const int64_t begin = groups * i / blocks;
    cut.push_back({begin * kLanes, groups * (i + 1) / blocks - begin});
  }
  return cut;
}

// One product by one thread.
template <typename Type, typename Units>
class Worker {
 public:
  using Storage = typename Type::Storage;

  Worker(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias,
         Activation activation, at::Tensor& out)
      : rows_(x.size(0)),
        num_out_(weight.size(0)),
        units_(x.size(1) / Units::kPerUnit),
        x_(static_cast<const uint32_t*>(x.const_data_ptr())),
        weight_(static_cast<const uint32_t*>(weight.const_data_ptr())),
        bias_(static_cast<const Storage*>(bias.const_data_ptr())),
        has_gelu_(activation == Activation::kGelu),
        out_(static_cast<Storage*>(out.mutable_data_ptr())),
        packed_(at::empty({kMaxGroups * units_ * kLanes}, at::kInt)) {}

  MD2_AVX512 void Multiply(const Columns& columns) {
    auto* packed = static_cast<uint32_t*>(packed_.mutable_data_ptr());
    for (int64_t g = 0; g < columns.groups; ++g) {
      const int64_t first = columns.first + g * kLanes;
      Transpose(weight_ + first * units_, std::min(kLanes, num_out_ - first), units_,
                packed + g * units_ * kLanes);
    }
    float sums[kTileRows * kMaxGroups * kLanes];
    for (int64_t row = 0; row < rows_; row += kTileRows) {
      const int64_t first = std::min(row, rows_ - kTileRows);
      MultiplyTile<Units>(columns.groups, x_ + first * units_, units_, packed, kLanes,
                          units_ * kLanes, units_, sums, kMaxGroups * kLanes);
      for (int64_t r = 0; r < kTileRows; ++r) {
        StoreRow(columns, sums + r * kMaxGroups * kLanes, first + r);
      }
    }
  }

 private:
  MD2_AVX512 void StoreRow(const Columns& columns, const float* sums, int64_t row) {
    for (int64_t g = 0; g < columns.groups; ++g) {
      const int64_t column = columns.first + g * kLanes;
      const __mmask16 lanes = FirstLanes(std::min(kLanes, num_out_ - column));
      __m512 y =
          _mm512_add_ps(_mm512_loadu_ps(sums + g * kLanes), Type::Load(bias_ + column, lanes));
      if (has_gelu_) y = Gelu(y);
      Type::Store(out_ + row * num_out_ + column, lanes, y);
    }
  }

  const int64_t rows_;
  const int64_t num_out_;
  const int64_t units_;
  const uint32_t* x_;
  const uint32_t* weight_;
  const Storage* bias_;
  const bool has_gelu_;
  Storage* out_;
  at::Tensor packed_;  // [groups][units][16 columns]
};

template <typename Type, typename Units>
void Product(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias,
             Activation activation, at::Tensor& out) {
  const std::vector<Columns> cut = CutColumns(weight.size(0));
  at::parallel_for(0, static_cast<int64_t>(cut.size()), 1, [&](int64_t begin, int64_t end) {
    Worker<Type, Units> worker(x, weight, bias, activation, out);
    for (int64_t i = begin; i < end; ++i) worker.Multiply(cut[i]);
  });
}

}  // namespace

bool SmallProductFits(const at::Tensor& x, const at::Tensor& weight) {
  static const bool has_avx512 = HasAvx512(), has_pairs = HasAvx512Bf16();
  const at::ScalarType type = x.scalar_type();
  if (!(type == at::kFloat ? has_avx512 : has_pairs && type == at::kBFloat16)) return false;
  return x.dim() == 2 && x.size(0) >= kTileRows && x.size(1) % 2 == 0 && x.size(1) <= kMaxUnits &&
         x.size(0) * x.size(1) * weight.size(0) <= kMaxMultiplications &&
         weight.scalar_type() == type && x.device().is_cpu() && weight.device().is_cpu() &&
         x.is_contiguous() && weight.is_contiguous();
}

at::Tensor SmallProduct(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias,
                        Activation activation) {
  at::Tensor out = at::empty({x.size(0), weight.size(0)}, x.options());
  if (x.scalar_type() == at::kFloat) {
    Product<Fp32, FloatUnits<Fp32>>(x, weight, bias, activation, out);
  } else {
    Product<Bf16, Bf16Pairs>(x, weight, bias, activation, out);
  }
  return out;
}

}  // namespace md2::model
