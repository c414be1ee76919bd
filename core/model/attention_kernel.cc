#include "core/model/attention_kernel.h"

#include <ATen/Parallel.h>
#include <ATen/ops/empty.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "core/model/attention_block.h"
#include "core/model/attention_row.h"

namespace md2::model {
namespace {

// Up to so many queries, laying keys and values out costs more than it saves.
constexpr int64_t kFewQueries = 6;
// Products below which a second thread costs more than it brings.
constexpr int64_t kProductsPerThread = int64_t{1} << 17;

template <typename Storage>
HeadRows<Storage> RowsOf(const at::Tensor& x, int64_t head) {
  const auto* data = static_cast<const Storage*>(x.const_data_ptr());
  return {data + head * x.stride(0), x.stride(1), x.size(1)};
}

// One part: some queries of one sequence.
template <typename Storage>
struct Part {
  const Attention* attention;
  int64_t num_keys;
  Storage* out;  // of its first query
  int64_t out_stride;
  int64_t first_item;  // before it in the call
  int64_t blocks;      // items of a head

  // `stretches` is filled and must outlive the result.
  AttentionHead<Storage> HeadOf(int64_t h, std::vector<HeadStretch<Storage>>& stretches) const {
    stretches.clear();
    for (const KeyValues& part : attention->past) stretches.push_back(StretchOf(part, h));
    stretches.push_back(StretchOf(attention->own, h));
    const int64_t width = attention->q.size(2);
    return {RowsOf<Storage>(attention->q, h),
            &stretches,
            num_keys,
            width,
            attention->mask == Mask::kCausal,
            1 / std::sqrt(static_cast<float>(width)),
            out + h * width,
            out_stride};
  }

 private:
  static HeadStretch<Storage> StretchOf(const KeyValues& part, int64_t h) {
    return {RowsOf<Storage>(part.k, h), RowsOf<Storage>(part.v, h)};
  }
};

template <typename Type, int N>
void AttendHeadByRows(const AttentionHead<typename Type::Storage>& head, float* scores) {
  for (int64_t query = 0; query < head.q.count; ++query) AttendRow<Type, N>(head, query, scores);
}

template <typename Type>
using HeadByRows = void (*)(const AttentionHead<typename Type::Storage>&, float*);

// By the number of registers that hold the width of a head.
template <typename Type>
HeadByRows<Type> HeadByRowsOf(int64_t width) {
  static constexpr HeadByRows<Type> kForms[] = {
      AttendHeadByRows<Type, 1>, AttendHeadByRows<Type, 2>, AttendHeadByRows<Type, 3>,
      AttendHeadByRows<Type, 4>, AttendHeadByRows<Type, 5>, AttendHeadByRows<Type, 6>,
      AttendHeadByRows<Type, 7>, AttendHeadByRows<Type, 8>};
  return kForms[(width - 1) / kLanes];
}

// The whole call, cut into items that a thread takes some of, in order: where there are many
// queries, a block of one head's; else a head's.
template <typename Type, typename Units>
class Call {
 public:
  using Storage = typename Type::Storage;

  Call(absl::Span<const Attention> parts, at::Tensor& out)
      : heads_(parts[0].q.size(0)), width_(parts[0].q.size(2)) {
    auto* to = static_cast<Storage*>(out.mutable_data_ptr());
    for (const Attention& part : parts) {
      const int64_t queries = part.q.size(1);
      int64_t keys = part.own.k.size(1);
      for (const KeyValues& past : part.past) keys += past.k.size(1);
      const int64_t blocks = queries <= kFewQueries ? 1 : (queries + kBlockRows - 1) / kBlockRows;
      parts_.push_back({&part, keys, to, out.stride(0), num_items_, blocks});
      to += queries * out.stride(0);
      num_items_ += blocks * heads_;
      products_ += heads_ * queries * keys * width_;
      max_keys_ = std::max(max_keys_, keys);
    }
  }

  void Run() const {
    const int64_t grain =
        std::max<int64_t>(1, kProductsPerThread / std::max<int64_t>(1, products_ / num_items_));
    at::parallel_for(0, num_items_, grain, [&](int64_t begin, int64_t end) { Take(begin, end); });
  }

 private:
  void Take(int64_t begin, int64_t end) const {
    BlockAttention<Units> blocks(max_keys_, width_);
    std::vector<float> scores(RoundUp(max_keys_, kLanes));
    std::vector<HeadStretch<Storage>> stretches;
    const HeadByRows<Type> attend_few = HeadByRowsOf<Type>(width_);
    auto part = std::upper_bound(parts_.begin(), parts_.end(), begin,
                                 [](int64_t item, const auto& p) { return item < p.first_item; });
    --part;
    for (int64_t item = begin; item < end;) {
      while (item >= part->first_item + part->blocks * heads_) ++part;
      const int64_t in_part = item - part->first_item, block = in_part % part->blocks;
      const int64_t count = std::min(part->blocks - block, end - item);
      const AttentionHead<Storage> head = part->HeadOf(in_part / part->blocks, stretches);
      if (head.q.count <= kFewQueries) {
        attend_few(head, scores.data());
      } else {
        blocks.Attend(head, block * kBlockRows,
                      std::min((block + count) * kBlockRows, head.q.count));
      }
      item += count;
    }
  }

  const int64_t heads_;
  const int64_t width_;
  std::vector<Part<Storage>> parts_;
  int64_t num_items_ = 0;
  int64_t products_ = 0;
  int64_t max_keys_ = 0;
};

template <typename Type, typename Units>
void Run(absl::Span<const Attention> parts, at::Tensor& out) {
  Call<Type, Units>(parts, out).Run();
}

}  // namespace

bool AttentionKernelFits(const at::Tensor& q) {
  static const bool has_avx512 = HasAvx512();
  const at::ScalarType type = q.scalar_type();
  return has_avx512 && q.device().is_cpu() && q.size(2) % 2 == 0 && q.size(2) <= kMaxHeadWidth &&
         (type == at::kFloat || type == at::kBFloat16 || type == at::kHalf);
}

at::Tensor RunAttentionKernel(absl::Span<const Attention> parts) {
  static const bool has_pairs = HasAvx512Bf16();
  const at::Tensor& q = parts[0].q;
  int64_t num_queries = 0;
  for (const Attention& part : parts) num_queries += part.q.size(1);
  at::Tensor out = at::empty({num_queries, q.size(0) * q.size(2)}, q.options());
  if (q.scalar_type() == at::kFloat) {
    Run<Fp32, FloatUnits<Fp32>>(parts, out);
  } else if (q.scalar_type() == at::kHalf) {
    Run<Fp16, FloatUnits<Fp16>>(parts, out);
  } else if (has_pairs) {
    Run<Bf16, Bf16Pairs>(parts, out);
  } else {
    Run<Bf16, FloatUnits<Bf16>>(parts, out);
  }
  return out;
}

}  // namespace md2::model
