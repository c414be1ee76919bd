// Defines the products of tiles that the kernels are made of; internal to them.
//   FloatUnits, Bf16Pairs   what one 32-bit lane multiplies
//   MultiplyTile            4 rows by some registers of columns
//
// A unit is what one 32-bit lane multiplies: a float, or a pair of bf16. Tiles of 4 rows by some
// registers of columns are summed over units. Of a linear layer the rows are those of x and the
// columns those of the transposed weights (core/model/product_panels.h); of attention:
//   queries   [S][E units]                     a unit is broadcast
//   keys      [T / 16][E units][16 keys]       a register at a time
//   shares    [S][T units]                     a unit is broadcast
//   values    [T units][E / 16][16 columns]    a register at a time

#ifndef MD2_CORE_MODEL_PRODUCT_TILES_H_
#define MD2_CORE_MODEL_PRODUCT_TILES_H_

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "core/model/avx512.h"

namespace md2::model {

inline constexpr int64_t kTileRows = 4;
inline constexpr int64_t kMaxGroups = 5;  // registers beside one another in a tile

// Elements are made floats; a unit holds one.
template <typename Type>
struct FloatUnits {
  using Storage = typename Type::Storage;
  static constexpr int64_t kPerUnit = 1;

  MD2_AVX512 static inline __m512 MultiplyAdd(__m512 sum, __m512i broadcast, __m512i x) {
    return _mm512_fmadd_ps(_mm512_castsi512_ps(broadcast), _mm512_castsi512_ps(x), sum);
  }
  // `count` elements of a row as units, zeros up to `padded`.
  MD2_AVX512 static void PackRow(const Storage* row, int64_t count, int64_t padded, uint32_t* out) {
    for (int64_t i = 0; i < padded; i += kLanes) {
      const __mmask16 lanes = FirstLanes(std::clamp<int64_t>(count - i, 0, kLanes));
      _mm512_storeu_si512(out + i, _mm512_castps_si512(Type::Load(row + i, lanes)));
    }
  }
  // The values of one unit of keys; b is unused.
  MD2_AVX512 static void PackValues(const Storage* a, const Storage*, int64_t count, int64_t padded,
                                    uint32_t* out) {
    PackRow(a, count, padded, out);
  }
  MD2_AVX512 static void PackShares(const float* shares, int64_t count, uint32_t* out) {
    std::memcpy(out, shares, count * sizeof(float));
  }
  MD2_AVX512 static void Store(Storage* out, __mmask16 lanes, __m512 x) {
    Type::Store(out, lanes, x);
  }
};

// bf16 as it is; a unit holds two.
struct Bf16Pairs {
  using Storage = uint16_t;
  static constexpr int64_t kPerUnit = 2;

  MD2_AVX512 static inline __m512 MultiplyAdd(__m512 sum, __m512i broadcast, __m512i x) {
    return _mm512_dpbf16_ps(sum, (__m512bh)broadcast, (__m512bh)x);
  }
  MD2_AVX512 static void PackRow(const Storage* row, int64_t count, int64_t padded, uint32_t* out) {
    const int64_t num_bytes = count * 2;
    std::memcpy(out, row, num_bytes);
    std::memset(reinterpret_cast<char*>(out) + num_bytes, 0, padded * 4 - num_bytes);
  }
  MD2_AVX512 static void PackValues(const Storage* a, const Storage* b, int64_t count,
                                    int64_t padded, uint32_t* out) {
    for (int64_t i = 0; i < padded; i += kLanes) {
      const __mmask16 lanes = FirstLanes(std::clamp<int64_t>(count - i, 0, kLanes));
      const __m512i low = _mm512_cvtepu16_epi32(_mm256_maskz_loadu_epi16(lanes, a + i));
      const __m512i high = _mm512_cvtepu16_epi32(_mm256_maskz_loadu_epi16(lanes, b + i));
      _mm512_storeu_si512(out + i, _mm512_or_si512(low, _mm512_slli_epi32(high, 16)));
    }
  }
  MD2_AVX512 static void PackShares(const float* shares, int64_t count, uint32_t* out) {
    auto* to = reinterpret_cast<__m256i*>(out);
    for (int64_t i = 0; i < count; i += kLanes) {
      _mm256_storeu_si256(to++, Bf16::Round(_mm512_loadu_ps(shares + i)));
    }
  }
  MD2_AVX512 static void Store(Storage* out, __mmask16 lanes, __m512 x) {
    Bf16::Store(out, lanes, x);
  }
};

// Where the rows lie, a unit of which is broadcast.
struct BroadcastUnits {
  const uint32_t* data;
  int64_t row_stride;
  int64_t unit_stride = 1;
};

// Where the registers lie, one of each group for a unit.
struct RegisterUnits {
  const uint32_t* data;
  int64_t unit_stride;
  int64_t group_stride;
};

// out[r][g] = sum over units u of a[r][u] x b[u][g], for 4 rows and G registers; with `goes_on`, on
// top of what is there.
template <typename Units, int G>
MD2_AVX512 void Tile(const BroadcastUnits& a, const RegisterUnits& b, int64_t num_units, float* out,
                     int64_t out_stride, bool goes_on) {
  __m512 sums[kTileRows][G];
  for (int64_t r = 0; r < kTileRows; ++r) {
    for (int g = 0; g < G; ++g) {
      sums[r][g] =
          goes_on ? _mm512_loadu_ps(out + r * out_stride + g * kLanes) : _mm512_setzero_ps();
    }
  }
  for (int64_t u = 0; u < num_units; ++u) {
    __m512i x[G];
    for (int g = 0; g < G; ++g) {
      x[g] = _mm512_loadu_si512(b.data + u * b.unit_stride + g * b.group_stride);
    }
    for (int64_t r = 0; r < kTileRows; ++r) {
      const __m512i y =
          _mm512_set1_epi32(static_cast<int>(a.data[r * a.row_stride + u * a.unit_stride]));
      for (int g = 0; g < G; ++g) sums[r][g] = Units::MultiplyAdd(sums[r][g], y, x[g]);
    }
  }
  for (int64_t r = 0; r < kTileRows; ++r) {
    for (int g = 0; g < G; ++g) {
      _mm512_storeu_ps(out + r * out_stride + g * kLanes, sums[r][g]);
    }
  }
}

template <typename Units>
MD2_AVX512 void MultiplyTile(int64_t groups, const BroadcastUnits& a, const RegisterUnits& b,
                             int64_t num_units, float* out, int64_t out_stride,
                             bool goes_on = false) {
  switch (groups) {
    case 1:
      return Tile<Units, 1>(a, b, num_units, out, out_stride, goes_on);
    case 2:
      return Tile<Units, 2>(a, b, num_units, out, out_stride, goes_on);
    case 3:
      return Tile<Units, 3>(a, b, num_units, out, out_stride, goes_on);
    case 4:
      return Tile<Units, 4>(a, b, num_units, out, out_stride, goes_on);
    default:
      return Tile<Units, 5>(a, b, num_units, out, out_stride, goes_on);
  }
}

}  // namespace md2::model

#endif  // MD2_CORE_MODEL_PRODUCT_TILES_H_
