#include "core/model/weight_gradient.h"

#include <ATen/Parallel.h>
#include <ATen/ops/empty.h>

#include <algorithm>
#include <cstdint>

#include "core/model/avx512.h"
#include "core/model/product_panels.h"
#include "core/model/product_tiles.h"

namespace md2::model {
namespace {

// Units of rows, and panels of outputs, that are laid out at a time: with five panels of inputs
// they stay in the second cache.
constexpr int64_t kBlockUnits = 512;
constexpr int64_t kBlockPanels = 16;
// Multiplications below which a second thread costs more than it brings.
constexpr int64_t kProductsPerThread = int64_t{1} << 17;

struct Range {
  int64_t begin;
  int64_t end;
};

// Panels of the larger side are shared out to the threads.
struct Part {
  Range outputs;  // panels
  Range inputs;
};

int64_t NumPanels(int64_t columns) { return (columns + kLanes - 1) / kLanes; }

// A part of one gradient, by one thread.
template <typename Type, typename Units>
class PartGradient {
 public:
  using Storage = typename Type::Storage;

  PartGradient(const at::Tensor& dy, const at::Tensor& x, const at::Tensor& weight,
               const at::Tensor& bias)
      : rows_(dy.size(0)),
        num_out_(dy.size(1)),
        num_in_(x.size(1)),
        dy_(static_cast<const Storage*>(dy.const_data_ptr())),
        x_(static_cast<const Storage*>(x.const_data_ptr())),
        weight_(weight.mutable_data_ptr<float>()),
        bias_(bias.defined() ? bias.mutable_data_ptr<float>() : nullptr),
        outputs_(at::empty({kBlockPanels * kPanelUnits}, at::kInt)),
        inputs_(at::empty({kMaxGroups * kPanelUnits}, at::kInt)) {}

  MD2_AVX512 void Add(const Part& part) {
    for (int64_t row = 0; row < rows_; row += kBlockUnits * Units::kPerUnit) {
      const Range rows = {row, std::min(row + kBlockUnits * Units::kPerUnit, rows_)};
      for (int64_t o = part.outputs.begin; o < part.outputs.end; o += kBlockPanels) {
        const Range outputs = {o, std::min(o + kBlockPanels, part.outputs.end)};
        PackOutputs(rows, outputs, part.inputs.begin == 0);
        for (int64_t i = part.inputs.begin; i < part.inputs.end; i += kMaxGroups) {
          AddBlock(rows, outputs, {i, std::min(i + kMaxGroups, part.inputs.end)});
        }
      }
    }
  }

 private:
  static constexpr int64_t kPanelUnits = kBlockUnits * kLanes;

  static Panel<Storage> PanelOf(const Storage* x, int64_t columns, const Range& rows,
                                int64_t panel) {
    return {x + rows.begin * columns + panel * kLanes, columns, rows.end - rows.begin,
            std::min(kLanes, columns - panel * kLanes)};
  }

  MD2_AVX512 void PackOutputs(const Range& rows, const Range& outputs, bool adds_bias) {
    auto* packed = static_cast<uint32_t*>(outputs_.mutable_data_ptr());
    for (int64_t o = outputs.begin; o < outputs.end; ++o) {
      const Panel<Storage> panel = PanelOf(dy_, num_out_, rows, o);
      PackPanel<Units>(panel, packed + (o - outputs.begin) * kPanelUnits);
      if (adds_bias && bias_ != nullptr) AddColumnSums<Type>(panel, bias_ + o * kLanes);
    }
  }

  MD2_AVX512 void AddBlock(const Range& rows, const Range& outputs, const Range& inputs) {
    const auto* packed_outputs = static_cast<const uint32_t*>(outputs_.const_data_ptr());
    auto* packed = static_cast<uint32_t*>(inputs_.mutable_data_ptr());
    for (int64_t i = inputs.begin; i < inputs.end; ++i) {
      PackPanel<Units>(PanelOf(x_, num_in_, rows, i), packed + (i - inputs.begin) * kPanelUnits);
    }
    const int64_t groups = inputs.end - inputs.begin;
    const int64_t units = (rows.end - rows.begin + Units::kPerUnit - 1) / Units::kPerUnit;
    const int64_t end = std::min(outputs.end * kLanes, num_out_);
    float sums[kTileRows * kMaxGroups * kLanes];
    for (int64_t first = outputs.begin * kLanes; first < end; first += kTileRows) {
      const int64_t panel = first / kLanes - outputs.begin;
      const int64_t last = std::min(first + kTileRows, end);
      for (int64_t o = first; o < last; ++o) PrefetchRow(o, inputs);
      MultiplyTile<Units>(groups,
                          {packed_outputs + panel * kPanelUnits + first % kLanes, 1, kLanes},
                          {packed, kLanes, kPanelUnits}, units, sums, kMaxGroups * kLanes);
      for (int64_t o = first; o < last; ++o) {
        AddRow(sums + (o - first) * kMaxGroups * kLanes, o, inputs);
      }
    }
  }

  // Of a large layer the gradient lies in no cache; it comes while the product is summed.
  void PrefetchRow(int64_t output, const Range& inputs) const {
    for (int64_t i = inputs.begin; i < inputs.end; ++i) {
      __builtin_prefetch(weight_ + output * num_in_ + i * kLanes, 1);
    }
  }

  MD2_AVX512 void AddRow(const float* sums, int64_t output, const Range& inputs) {
    float* to = weight_ + output * num_in_;
    for (int64_t i = inputs.begin; i < inputs.end; ++i) {
      const int64_t column = i * kLanes;
      const __mmask16 lanes = FirstLanes(std::min(kLanes, num_in_ - column));
      const __m512 sum = _mm512_loadu_ps(sums + (i - inputs.begin) * kLanes);
      _mm512_mask_storeu_ps(to + column, lanes,
                            _mm512_add_ps(_mm512_maskz_loadu_ps(lanes, to + column), sum));
    }
  }

  const int64_t rows_;
  const int64_t num_out_;
  const int64_t num_in_;
  const Storage* dy_;
  const Storage* x_;
  float* weight_;
  float* bias_;
  at::Tensor outputs_;  // [kBlockPanels][kBlockUnits][16]
  at::Tensor inputs_;   // [kMaxGroups][kBlockUnits][16]
};

template <typename Type, typename Units>
void Add(const at::Tensor& dy, const at::Tensor& x, const at::Tensor& weight,
         const at::Tensor& bias) {
  const int64_t outputs = NumPanels(dy.size(1)), inputs = NumPanels(x.size(1));
  const bool cuts_outputs = outputs >= inputs;
  const int64_t larger = cuts_outputs ? outputs : inputs;
  const int64_t products = dy.numel() * x.size(1);
  const int64_t parts = std::clamp<int64_t>(products / kProductsPerThread, 1,
                                            std::min<int64_t>(at::get_num_threads(), larger));
  at::parallel_for(0, parts, 1, [&](int64_t begin, int64_t end) {
    PartGradient<Type, Units> gradient(dy, x, weight, bias);
    for (int64_t p = begin; p < end; ++p) {
      const Range cut = {larger * p / parts, larger * (p + 1) / parts};
      gradient.Add(cuts_outputs ? Part{cut, {0, inputs}} : Part{{0, outputs}, cut});
    }
  });
}

}  // namespace

bool WeightGradientFits(const at::Tensor& dy, const at::Tensor& x) {
  static const bool has_avx512 = HasAvx512(), has_pairs = HasAvx512Bf16();
  if (dy.dim() != 2 || x.dim() != 2 || !dy.device().is_cpu() || !x.device().is_cpu() ||
      !dy.is_contiguous() || !x.is_contiguous() || dy.scalar_type() != x.scalar_type()) {
    return false;
  }
  return dy.scalar_type() == at::kFloat ? has_avx512
                                        : has_pairs && dy.scalar_type() == at::kBFloat16;
}

void AddWeightGradient(const at::Tensor& dy, const at::Tensor& x, const at::Tensor& weight,
                       const at::Tensor& bias) {
  if (dy.scalar_type() == at::kFloat) {
    Add<Fp32, FloatUnits<Fp32>>(dy, x, weight, bias);
  } else {
    Add<Bf16, Bf16Pairs>(dy, x, weight, bias);
  }
}

}  // namespace md2::model
