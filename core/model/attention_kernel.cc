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

// The whole call, cut into heads.
template <typename Storage>
struct Call {
  const at::Tensor& q;
  std::vector<const KeyValues*> parts;
  int64_t num_keys;
  bool is_causal;
  at::Tensor& out;  // [S, H * E]

  // `stretches` is filled and must outlive the result.
  AttentionHead<Storage> HeadOf(int64_t h, std::vector<HeadStretch<Storage>>& stretches) const {
    stretches.clear();
    for (const KeyValues* part : parts) {
      stretches.push_back({RowsOf<Storage>(part->k, h), RowsOf<Storage>(part->v, h)});
    }
    const int64_t width = q.size(2);
    auto* to = static_cast<Storage*>(out.mutable_data_ptr()) + h * width;
    const float scale = 1 / std::sqrt(static_cast<float>(width));
    return {RowsOf<Storage>(q, h), &stretches, num_keys, width, is_causal, scale, to,
            out.stride(0)};
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

template <typename Type>
void AttendFew(const Call<typename Type::Storage>& call, int64_t begin, int64_t end) {
  std::vector<float> scores(RoundUp(call.num_keys, kLanes));
  std::vector<HeadStretch<typename Type::Storage>> stretches;
  const HeadByRows<Type> attend = HeadByRowsOf<Type>(call.q.size(2));
  for (int64_t h = begin; h < end; ++h) attend(call.HeadOf(h, stretches), scores.data());
}

template <typename Units>
void AttendMany(const Call<typename Units::Storage>& call, int64_t begin, int64_t end) {
  BlockAttention<Units> blocks(call.num_keys, call.q.size(2));
  std::vector<HeadStretch<typename Units::Storage>> stretches;
  for (int64_t h = begin; h < end; ++h) blocks.Attend(call.HeadOf(h, stretches));
}

template <typename Type, typename Units>
void Run(const Call<typename Type::Storage>& call) {
  const int64_t num_heads = call.q.size(0), num_queries = call.q.size(1);
  const int64_t products = num_queries * call.num_keys * call.q.size(2);
  const int64_t grain = std::max<int64_t>(1, kProductsPerThread / std::max<int64_t>(1, products));
  at::parallel_for(0, num_heads, grain, [&](int64_t begin, int64_t end) {
    if (num_queries <= kFewQueries) {
      AttendFew<Type>(call, begin, end);
    } else {
      AttendMany<Units>(call, begin, end);
    }
  });
}

}  // namespace

bool AttentionKernelFits(const at::Tensor& q) {
  static const bool has_avx512 = HasAvx512();
  const at::ScalarType type = q.scalar_type();
  return has_avx512 && q.device().is_cpu() && q.size(2) % 2 == 0 && q.size(2) <= kMaxHeadWidth &&
         (type == at::kFloat || type == at::kBFloat16 || type == at::kHalf);
}

at::Tensor RunAttentionKernel(const at::Tensor& q, absl::Span<const KeyValues> past,
                              const KeyValues& own, Mask mask) {
  static const bool has_pairs = HasAvx512Bf16();
  at::Tensor out = at::empty({q.size(1), q.size(0) * q.size(2)}, q.options());
  std::vector<const KeyValues*> parts;
  int64_t num_keys = own.k.size(1);
  for (const KeyValues& part : past) {
    parts.push_back(&part);
    num_keys += part.k.size(1);
  }
  parts.push_back(&own);
  const bool is_causal = mask == Mask::kCausal;
  if (q.scalar_type() == at::kFloat) {
    Run<Fp32, FloatUnits<Fp32>>({q, parts, num_keys, is_causal, out});
  } else if (q.scalar_type() == at::kHalf) {
    Run<Fp16, FloatUnits<Fp16>>({q, parts, num_keys, is_causal, out});
  } else if (has_pairs) {
    Run<Bf16, Bf16Pairs>({q, parts, num_keys, is_causal, out});
  } else {
    Run<Bf16, FloatUnits<Bf16>>({q, parts, num_keys, is_causal, out});
  }
  return out;
}

}  // namespace md2::model
