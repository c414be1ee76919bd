#include "core/image/weigh.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace md2::image {
namespace {

constexpr int32_t kHalf = 1 << (kWeightBits - 1);

#if defined(__x86_64__)

constexpr int kVectorBytes = 8;  // that many bytes are that many 32-bit sums: one vector

template <int kVectors>
__attribute__((target("avx2"))) void WeighVectors(const uint8_t* source, ptrdiff_t stride,
                                                  const int32_t* weights, int count, uint8_t* out) {
  __m256i sums[kVectors];
#pragma GCC unroll 6
  for (int v = 0; v < kVectors; ++v) sums[v] = _mm256_set1_epi32(kHalf);
  for (int k = 0; k < count; ++k, source += stride) {
    const __m256i weight = _mm256_set1_epi32(weights[k]);
#pragma GCC unroll 6
    for (int v = 0; v < kVectors; ++v) {
      const auto* bytes = reinterpret_cast<const __m128i*>(source + v * kVectorBytes);
      const __m256i levels = _mm256_cvtepu8_epi32(_mm_loadl_epi64(bytes));
      sums[v] = _mm256_add_epi32(sums[v], _mm256_mullo_epi32(levels, weight));
    }
  }
#pragma GCC unroll 6
  for (int v = 0; v < kVectors; ++v) {
    const __m256i levels = _mm256_srai_epi32(sums[v], kWeightBits);
    const __m128i words =
        _mm_packs_epi32(_mm256_castsi256_si128(levels), _mm256_extracti128_si256(levels, 1));
    _mm_storel_epi64(reinterpret_cast<__m128i*>(out + v * kVectorBytes),
                     _mm_packus_epi16(words, words));
  }
}

void WeighWithAvx2(const uint8_t* source, ptrdiff_t stride, const int32_t* weights, int count,
                   uint8_t* out, size_t num_bytes) {
  constexpr int kVectors = 6;
  size_t i = 0;
  for (; i + kVectors * kVectorBytes <= num_bytes; i += kVectors * kVectorBytes) {
    WeighVectors<kVectors>(source + i, stride, weights, count, out + i);
  }
  for (; i + kVectorBytes <= num_bytes; i += kVectorBytes) {
    WeighVectors<1>(source + i, stride, weights, count, out + i);
  }
  WeighPortably(source + i, stride, weights, count, out + i, num_bytes - i);
}

#endif

}  // namespace

void WeighPortably(const uint8_t* source, ptrdiff_t stride, const int32_t* weights, int count,
                   uint8_t* out, size_t num_bytes) {
  constexpr size_t kLanes = 16;
  while (num_bytes > 0) {
    const size_t lanes = std::min(kLanes, num_bytes);
    std::array<int32_t, kLanes> sums;
    sums.fill(kHalf);
    const uint8_t* row = source;
    for (int k = 0; k < count; ++k, row += stride) {
      for (size_t i = 0; i < lanes; ++i) sums[i] += row[i] * weights[k];
    }
    for (size_t i = 0; i < lanes; ++i) {
      out[i] = static_cast<uint8_t>(std::clamp(sums[i] >> kWeightBits, 0, 255));
    }
    source += lanes;
    out += lanes;
    num_bytes -= lanes;
  }
}

WeighFunction FastestWeigh() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2")) return WeighWithAvx2;
#endif
  return WeighPortably;
}

}  // namespace md2::image
