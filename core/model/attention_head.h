// Defines what both forms of the attention kernel share; internal to it.
//   AttentionHead   one head of one call
//   SoftmaxRow

#ifndef MD2_CORE_MODEL_ATTENTION_HEAD_H_
#define MD2_CORE_MODEL_ATTENTION_HEAD_H_

#include <algorithm>
#include <cstdint>
#include <vector>

#include "core/model/avx512.h"
#include "core/model/avx512_math.h"

namespace md2::model {

inline constexpr int64_t kMaxHeadWidth = 8 * kLanes;

// `count` rows of one head, `stride` elements apart.
template <typename Storage>
struct HeadRows {
  const Storage* data;
  int64_t stride;
  int64_t count;

  const Storage* row(int64_t i) const { return data + i * stride; }
};

template <typename Storage>
struct HeadStretch {
  HeadRows<Storage> k;
  HeadRows<Storage> v;
};

// One head of one call.
template <typename Storage>
struct AttentionHead {
  HeadRows<Storage> q;
  const std::vector<HeadStretch<Storage>>* stretches;  // of keys and values, one after another
  int64_t num_keys;
  int64_t width;   // E
  bool is_causal;  // query i of n sees num_keys - n + 1 + i keys
  float scale;
  Storage* out;  // [S, E], rows out_stride apart
  int64_t out_stride;

  int64_t visible(int64_t query) const {
    return is_causal ? num_keys - q.count + 1 + query : num_keys;
  }
};

// scores[0 .. count) become e^(scale (s - max)), what follows up to `padded` zero. Returns their
// sum. REQUIRES: count is at least 1, `padded` a multiple of 16.
MD2_AVX512 inline float SoftmaxRow(float* scores, int64_t count, int64_t padded, float scale) {
  __m512 top = _mm512_set1_ps(scores[0]);
  for (int64_t i = 0; i < count; i += kLanes) {
    const __mmask16 lanes = FirstLanes(std::min(kLanes, count - i));
    top = _mm512_mask_max_ps(top, lanes, top, _mm512_loadu_ps(scores + i));
  }
  const __m512 max = _mm512_set1_ps(_mm512_reduce_max_ps(top));
  const __m512 by = _mm512_set1_ps(scale);
  __m512 sum = _mm512_setzero_ps();
  for (int64_t i = 0; i < padded; i += kLanes) {
    const __mmask16 lanes = FirstLanes(std::clamp<int64_t>(count - i, 0, kLanes));
    const __m512 x = _mm512_mul_ps(_mm512_sub_ps(_mm512_loadu_ps(scores + i), max), by);
    const __m512 e = _mm512_maskz_mov_ps(lanes, Exp(x));
    sum = _mm512_add_ps(sum, e);
    _mm512_storeu_ps(scores + i, e);
  }
  return _mm512_reduce_add_ps(sum);
}

}  // namespace md2::model

#endif  // MD2_CORE_MODEL_ATTENTION_HEAD_H_
