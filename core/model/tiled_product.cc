#include "core/model/tiled_product.h"

#include <ATen/Parallel.h>
#include <ATen/ops/empty.h>

#include <algorithm>
#include <cstdint>
#include <vector>

#include "core/model/avx512.h"
#include "core/model/avx512_math.h"
#include "core/model/product_tiles.h"
#include "core/model/transpose.h"

namespace md2::model {
namespace {

// Multiplications in bf16 up to which this kernel was faster than LibTorch's linear at every shape
// that was measured (tests/bench/README.md); beyond, both reach what the processor can.
constexpr int64_t kMostInBf16 = int64_t{32} << 20;
// With AMX, LibTorch multiplies four times as fast once it has found its way.
constexpr int64_t kMostInBf16BesideAmx = int64_t{4} << 20;
// Multiplications below which a second thread costs more than it brings.
constexpr int64_t kProductsPerThread = int64_t{1} << 17;

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

// One product by one thread, some columns at a time.
template <typename Type, typename Units>
class ColumnProduct {
 public:
  using Storage = typename Type::Storage;

  ColumnProduct(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias,
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
      Transpose({weight_ + first * units_, units_, std::min(kLanes, num_out_ - first), units_},
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
  const auto num_blocks = static_cast<int64_t>(cut.size());
  const int64_t products = x.numel() * weight.size(0) / num_blocks;
  const int64_t grain = std::max<int64_t>(1, kProductsPerThread / std::max<int64_t>(products, 1));
  at::parallel_for(0, num_blocks, grain, [&](int64_t begin, int64_t end) {
    ColumnProduct<Type, Units> product(x, weight, bias, activation, out);
    for (int64_t i = begin; i < end; ++i) product.Multiply(cut[i]);
  });
}

}  // namespace

bool TiledProductFits(const at::Tensor& x, const at::Tensor& weight) {
  static const bool has_avx512 = HasAvx512(), has_pairs = HasAvx512Bf16();
  static const int64_t most_in_bf16 = HasAmxBf16() ? kMostInBf16BesideAmx : kMostInBf16;
  if (x.dim() != 2 || x.size(0) < kTileRows || x.size(1) % 2 != 0 || !x.device().is_cpu() ||
      !weight.device().is_cpu() || !x.is_contiguous() || !weight.is_contiguous() ||
      x.scalar_type() != weight.scalar_type()) {
    return false;
  }
  if (x.scalar_type() == at::kFloat) return has_avx512;
  return x.scalar_type() == at::kBFloat16 && has_pairs &&
         x.numel() * weight.size(0) <= most_in_bf16;
}

at::Tensor TiledProduct(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias,
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
