// Defines Transpose, which turns rows of 32-bit units into columns of registers; internal to the
// kernels.

#ifndef MD2_CORE_MODEL_TRANSPOSE_H_
#define MD2_CORE_MODEL_TRANSPOSE_H_

#include <algorithm>
#include <cstdint>

#include "core/model/avx512.h"

namespace md2::model {

// 16 registers of 16 lanes: afterwards lane j of register i is what lane i of register j was.
MD2_AVX512 inline void TransposeSquare(__m512i x[kLanes]) {
  __m512i y[kLanes];
  for (int i = 0; i < 16; i += 2) {
    y[i] = _mm512_unpacklo_epi32(x[i], x[i + 1]);
    y[i + 1] = _mm512_unpackhi_epi32(x[i], x[i + 1]);
  }
  for (int i = 0; i < 16; i += 4) {
    x[i] = _mm512_unpacklo_epi64(y[i], y[i + 2]);
    x[i + 1] = _mm512_unpackhi_epi64(y[i], y[i + 2]);
    x[i + 2] = _mm512_unpacklo_epi64(y[i + 1], y[i + 3]);
    x[i + 3] = _mm512_unpackhi_epi64(y[i + 1], y[i + 3]);
  }
  // Now quarter q of x[4 b + i] holds column 4 q + i of rows 4 b to 4 b + 3.
  for (int i = 0; i < 4; ++i) {
    const __m512i low_even = _mm512_shuffle_i32x4(x[i], x[4 + i], 0x88);
    const __m512i low_odd = _mm512_shuffle_i32x4(x[i], x[4 + i], 0xdd);
    const __m512i high_even = _mm512_shuffle_i32x4(x[8 + i], x[12 + i], 0x88);
    const __m512i high_odd = _mm512_shuffle_i32x4(x[8 + i], x[12 + i], 0xdd);
    y[i] = _mm512_shuffle_i32x4(low_even, high_even, 0x88);
    y[4 + i] = _mm512_shuffle_i32x4(low_odd, high_odd, 0x88);
    y[8 + i] = _mm512_shuffle_i32x4(low_even, high_even, 0xdd);
    y[12 + i] = _mm512_shuffle_i32x4(low_odd, high_odd, 0xdd);
  }
  for (int i = 0; i < 16; ++i) x[i] = y[i];
}

struct UnitRows {
  const uint32_t* data;
  int64_t stride;     // from row to row
  int64_t num_rows;   // 1 to 16
  int64_t num_units;  // of a row
};

// -> [num_units][16], zeros where there is no row; from unit to unit it is `to_stride`.
MD2_AVX512 inline void Transpose(const UnitRows& from, uint32_t* to, int64_t to_stride = kLanes) {
  for (int64_t u = 0; u < from.num_units; u += kLanes) {
    const int64_t count = std::min(kLanes, from.num_units - u);
    const __mmask16 lanes = FirstLanes(count);
    __m512i square[kLanes];
    for (int64_t r = 0; r < kLanes; ++r) {
      square[r] =
          _mm512_maskz_loadu_epi32(r < from.num_rows ? lanes : __mmask16{0},
                                   from.data + std::min(r, from.num_rows - 1) * from.stride + u);
    }
    TransposeSquare(square);
    for (int64_t i = 0; i < count; ++i) _mm512_storeu_si512(to + (u + i) * to_stride, square[i]);
  }
}

}  // namespace md2::model

#endif  // MD2_CORE_MODEL_TRANSPOSE_H_
