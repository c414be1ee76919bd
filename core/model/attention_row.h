// Defines AttendRow, attention of one query: keys and values are read once, where they lie.
// Internal to the attention kernel.

#ifndef MD2_CORE_MODEL_ATTENTION_ROW_H_
#define MD2_CORE_MODEL_ATTENTION_ROW_H_

#include <algorithm>
#include <cstdint>

#include "core/model/attention_head.h"
#include "core/model/avx512.h"

namespace md2::model {

template <typename Type, int N>
MD2_AVX512 void LoadRow(const typename Type::Storage* row, __mmask16 last, __m512* out) {
  for (int i = 0; i + 1 < N; ++i) out[i] = Type::Load(row + i * kLanes);
  out[N - 1] = Type::Load(row + (N - 1) * kLanes, last);
}

// N registers hold the width of a head. `scores` has room for num_keys rounded up to 16.
template <typename Type, int N>
MD2_AVX512 void AttendRow(const AttentionHead<typename Type::Storage>& head, int64_t query,
                          float* scores) {
  const __mmask16 last = FirstLanes(head.width - (N - 1) * kLanes);
  const int64_t visible = head.visible(query);
  __m512 q[N], x[N], sums[N];
  LoadRow<Type, N>(head.q.row(query), last, q);
  int64_t t = 0;
  for (const auto& stretch : *head.stretches) {
    const int64_t count = std::min(stretch.k.count, visible - t);
    for (int64_t i = 0; i < count; ++i, ++t) {
      LoadRow<Type, N>(stretch.k.row(i), last, x);
      __m512 dot = _mm512_mul_ps(q[0], x[0]);
      for (int n = 1; n < N; ++n) dot = _mm512_fmadd_ps(q[n], x[n], dot);
      scores[t] = _mm512_reduce_add_ps(dot);
    }
  }
  const int64_t padded = (visible + kLanes - 1) / kLanes * kLanes;
  const float total = SoftmaxRow(scores, visible, padded, head.scale);
  for (int n = 0; n < N; ++n) sums[n] = _mm512_setzero_ps();
  t = 0;
  for (const auto& stretch : *head.stretches) {
    const int64_t count = std::min(stretch.v.count, visible - t);
    for (int64_t i = 0; i < count; ++i, ++t) {
      const __m512 p = _mm512_set1_ps(scores[t]);
      LoadRow<Type, N>(stretch.v.row(i), last, x);
      for (int n = 0; n < N; ++n) sums[n] = _mm512_fmadd_ps(p, x[n], sums[n]);
    }
  }
  const __m512 share = _mm512_set1_ps(1 / total);
  auto* out = head.out + query * head.out_stride;
  for (int n = 0; n < N; ++n) {
    const __mmask16 lanes = n + 1 < N ? FirstLanes(kLanes) : last;
    Type::Store(out + n * kLanes, lanes, _mm512_mul_ps(sums[n], share));
  }
}

}  // namespace md2::model

#endif  // MD2_CORE_MODEL_ATTENTION_ROW_H_
