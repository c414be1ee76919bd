#include "core/model/tiled_product.h"

#include <ATen/Parallel.h>
#include <ATen/ops/empty.h>

#include <algorithm>
#include <cstdint>
#include <vector>

#include "core/model/avx512.h"
#include "core/model/avx512_math.h"
#include "core/model/product_panels.h"
#include "core/model/product_tiles.h"
#include "core/model/transpose.h"

namespace md2::model {
namespace {

// Multiplications in bf16 up to which this kernel was faster than LibTorch's linear at every shape
// that was measured (tests/bench/README.md); beyond, both reach what the processor can.
constexpr int64_t kMostInBf16 = int64_t{32} << 20;
// With AMX, LibTorch multiplies four times as fast once it has found its way.
constexpr int64_t kMostInBf16BesideAmx = int64_t{4} << 20;
// Units of a row that are laid out at a time: five registers of columns of them stay in the second
// cache.
constexpr int64_t kBlockUnits = 1024;
// Rows from which a weight matrix of any size is worth laying out.
constexpr int64_t kManyRows = 64;
// Multiplications below which a second thread costs more than it brings.
constexpr int64_t kProductsPerThread = int64_t{1} << 17;

// Whether the columns of a product are rows of the weights, or columns.
enum class Side { kThere, kBack };

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

// What follows a product; what is null is not there.
template <typename Storage>
struct Epilogue {
  const Storage* bias = nullptr;  // [columns]
  bool has_gelu = false;
  Storage* before_gelu = nullptr;       // as out; GELU is then of what was rounded
  const Storage* gelu_input = nullptr;  // as out; whose slope the product is multiplied by
  Storage* out = nullptr;               // [R, columns]
};

// One product by one thread, some columns at a time.
template <typename Type, typename Units, Side kSide>
class ColumnProduct {
 public:
  using Storage = typename Type::Storage;

  ColumnProduct(const at::Tensor& rows, const at::Tensor& weight, const Epilogue<Storage>& epilogue)
      : num_rows_(rows.size(0)),
        units_(rows.size(1) / Units::kPerUnit),
        num_columns_(weight.size(kSide == Side::kThere ? 0 : 1)),
        rows_(static_cast<const uint32_t*>(rows.const_data_ptr())),
        weight_(static_cast<const Storage*>(weight.const_data_ptr())),
        epilogue_(epilogue),
        packed_(at::empty({kMaxGroups * std::min(units_, kBlockUnits) * kLanes}, at::kInt)),
        sums_(at::empty({units_ > kBlockUnits ? num_rows_ + kTileRows : kTileRows, kRowSums},
                        at::kFloat)) {}

  MD2_AVX512 void Multiply(const Columns& columns) {
    for (int64_t first = 0; first < units_; first += kBlockUnits) {
      const Block block = {first, std::min(first + kBlockUnits, units_)};
      for (int64_t g = 0; g < columns.groups; ++g) Pack(columns.first + g * kLanes, block, g);
      for (int64_t tile = 0; tile < num_rows_; tile += kTileRows) {
        MultiplyRows(columns, block, tile);
      }
    }
  }

 private:
  // Units of the rows, that are laid out at a time.
  struct Block {
    int64_t begin;
    int64_t end;
  };

  static constexpr int64_t kRowSums = kMaxGroups * kLanes;

  // The register of columns from `first` on -> [units][16].
  MD2_AVX512 void Pack(int64_t first, const Block& block, int64_t group) {
    const int64_t count = std::min(kLanes, num_columns_ - first), size = block.end - block.begin;
    uint32_t* to = packed() + group * size * kLanes;
    if (kSide == Side::kThere) {
      const auto* units = reinterpret_cast<const uint32_t*>(weight_);
      Transpose({units + first * units_ + block.begin, units_, count, size}, to);
    } else {
      const int64_t row = block.begin * Units::kPerUnit;
      PackPanel<Units>(
          {weight_ + row * num_columns_ + first, num_columns_, size * Units::kPerUnit, count}, to);
    }
  }

  // A tile of rows, the last one moved up to be whole; after the last block it is stored.
  MD2_AVX512 void MultiplyRows(const Columns& columns, const Block& block, int64_t tile) {
    const int64_t row = std::min(tile, num_rows_ - kTileRows), size = block.end - block.begin;
    float* sums = sums_.mutable_data_ptr<float>() + (units_ > kBlockUnits ? tile * kRowSums : 0);
    MultiplyTile<Units>(columns.groups, {rows_ + row * units_ + block.begin, units_},
                        {packed(), kLanes, size * kLanes}, size, sums, kRowSums, block.begin > 0);
    if (block.end < units_) return;
    for (int64_t r = 0; r < kTileRows; ++r) StoreRow(columns, sums + r * kRowSums, row + r);
  }

  uint32_t* packed() { return static_cast<uint32_t*>(packed_.mutable_data_ptr()); }

  MD2_AVX512 void StoreRow(const Columns& columns, const float* sums, int64_t row) const {
    for (int64_t g = 0; g < columns.groups; ++g) {
      const int64_t column = columns.first + g * kLanes;
      const __mmask16 lanes = FirstLanes(std::min(kLanes, num_columns_ - column));
      Store(_mm512_loadu_ps(sums + g * kLanes), column, row * num_columns_ + column, lanes);
    }
  }

  MD2_AVX512 void Store(__m512 y, int64_t column, int64_t at, __mmask16 lanes) const {
    const Epilogue<Storage>& e = epilogue_;
    if (e.bias != nullptr) y = _mm512_add_ps(y, Type::Load(e.bias + column, lanes));
    if (e.before_gelu != nullptr) {
      y = Type::Rounded(y);
      Type::Store(e.before_gelu + at, lanes, y);
    }
    if (e.has_gelu) y = Gelu(y);
    if (e.gelu_input != nullptr) {
      y = _mm512_mul_ps(y, GeluSlope(Type::Load(e.gelu_input + at, lanes)));
    }
    Type::Store(e.out + at, lanes, y);
  }

  const int64_t num_rows_;
  const int64_t units_;  // of a row
  const int64_t num_columns_;
  const uint32_t* rows_;
  const Storage* weight_;
  const Epilogue<Storage> epilogue_;
  at::Tensor packed_;  // [groups][units of a block][16 columns]
  at::Tensor sums_;    // [4, or all rows where there are several blocks][80]
};

// What follows a product, as tensors.
struct Following {
  at::Tensor bias = {};
  bool has_gelu = false;
  at::Tensor before_gelu = {};
  at::Tensor gelu_input = {};
};

template <typename Type, typename Units, Side kSide>
void Multiply(const at::Tensor& rows, const at::Tensor& weight, const Following& following,
              const at::Tensor& out) {
  using Storage = typename Type::Storage;
  const auto read = [](const at::Tensor& x) {
    return x.defined() ? static_cast<const Storage*>(x.const_data_ptr()) : nullptr;
  };
  const auto write = [](const at::Tensor& x) {
    return x.defined() ? static_cast<Storage*>(x.mutable_data_ptr()) : nullptr;
  };
  const Epilogue<Storage> epilogue = {read(following.bias), following.has_gelu,
                                      write(following.before_gelu), read(following.gelu_input),
                                      write(out)};
  const std::vector<Columns> cut = CutColumns(out.size(1));
  const auto num_blocks = static_cast<int64_t>(cut.size());
  const int64_t products = rows.numel() * out.size(1) / num_blocks;
  const int64_t grain = std::max<int64_t>(1, kProductsPerThread / std::max<int64_t>(products, 1));
  at::parallel_for(0, num_blocks, grain, [&](int64_t begin, int64_t end) {
    ColumnProduct<Type, Units, kSide> product(rows, weight, epilogue);
    for (int64_t i = begin; i < end; ++i) product.Multiply(cut[i]);
  });
}

template <Side kSide>
at::Tensor Product(const at::Tensor& rows, const at::Tensor& weight, const Following& following) {
  const int64_t columns = weight.size(kSide == Side::kThere ? 0 : 1);
  const at::Tensor out = at::empty({rows.size(0), columns}, rows.options());
  if (rows.scalar_type() == at::kFloat) {
    Multiply<Fp32, FloatUnits<Fp32>, kSide>(rows, weight, following, out);
  } else {
    Multiply<Bf16, Bf16Pairs, kSide>(rows, weight, following, out);
  }
  return out;
}

// `row_size` of one row.
bool Fits(int64_t num_rows, int64_t row_size, const at::Tensor& weight) {
  static const bool has_avx512 = HasAvx512(), has_pairs = HasAvx512Bf16();
  static const bool has_amx = HasAmxBf16();
  if (num_rows < kTileRows || row_size % 2 != 0 || !weight.device().is_cpu() ||
      !weight.is_contiguous()) {
    return false;
  }
  if (weight.scalar_type() == at::kFloat) return has_avx512;
  const int64_t most_in_bf16 = has_amx ? kMostInBf16BesideAmx : kMostInBf16;
  return weight.scalar_type() == at::kBFloat16 && has_pairs &&
         (num_rows * weight.numel() <= most_in_bf16 || (!has_amx && num_rows >= kManyRows));
}

}  // namespace

bool TiledProductFits(const at::Tensor& rows, const at::Tensor& weight) {
  return rows.dim() == 2 && rows.device().is_cpu() && rows.is_contiguous() &&
         rows.scalar_type() == weight.scalar_type() && Fits(rows.size(0), rows.size(1), weight);
}

bool TiledProductTakes(int64_t num_rows, const at::Tensor& weight) {
  return Fits(num_rows, weight.size(1), weight);
}

at::Tensor TiledProduct(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias,
                        Activation activation) {
  return Product<Side::kThere>(x, weight,
                               {.bias = bias, .has_gelu = activation == Activation::kGelu});
}

GeluProduct TiledGeluProduct(const at::Tensor& x, const at::Tensor& weight,
                             const at::Tensor& bias) {
  GeluProduct out;
  out.product = at::empty({x.size(0), weight.size(0)}, x.options());
  out.gelu = Product<Side::kThere>(x, weight,
                                   {.bias = bias, .has_gelu = true, .before_gelu = out.product});
  return out;
}

at::Tensor TiledInputGradient(const at::Tensor& dy, const at::Tensor& weight) {
  return Product<Side::kBack>(dy, weight, {});
}

at::Tensor TiledGeluGradient(const at::Tensor& dy, const at::Tensor& weight, const at::Tensor& x) {
  return Product<Side::kBack>(dy, weight, {.gelu_input = x});
}

}  // namespace md2::model
