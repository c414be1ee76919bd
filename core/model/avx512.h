// Defines what the kernels of this folder share of AVX-512.
//   MD2_AVX512              marks a function that may use it
//   HasAvx512, HasAvx512Bf16   whether this processor has it
//   Fp32, Bf16, Fp16        16 stored values as floats, and back
//
// Only functions that are so marked may call each other; nothing of it is inlined into code that a
// processor without AVX-512 runs.

#ifndef MD2_CORE_MODEL_AVX512_H_
#define MD2_CORE_MODEL_AVX512_H_

#include <immintrin.h>

#include <cstdint>

#define MD2_AVX512 __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512bf16,f16c,fma")))

namespace md2::model {

inline constexpr int64_t kLanes = 16;  // floats of one register

inline bool HasAvx512() {
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq");
}

// Products of pairs of bf16.
inline bool HasAvx512Bf16() { return HasAvx512() && __builtin_cpu_supports("avx512bf16"); }

// Products of tiles of bf16, which LibTorch uses and no kernel of ours.
inline bool HasAmxBf16() { return __builtin_cpu_supports("amx-bf16"); }

// The first `count` of 16 lanes. REQUIRES: 0 <= count <= 16.
MD2_AVX512 inline __mmask16 FirstLanes(int64_t count) {
  return static_cast<__mmask16>((1u << count) - 1);
}

struct Fp32 {
  using Storage = float;
  MD2_AVX512 static inline __m512 Load(const Storage* p) { return _mm512_loadu_ps(p); }
  MD2_AVX512 static inline __m512 Load(const Storage* p, __mmask16 lanes) {
    return _mm512_maskz_loadu_ps(lanes, p);
  }
  MD2_AVX512 static inline void Store(Storage* p, __mmask16 lanes, __m512 x) {
    _mm512_mask_storeu_ps(p, lanes, x);
  }
  // As it would be loaded after it was stored.
  MD2_AVX512 static inline __m512 Rounded(__m512 x) { return x; }
};

struct Bf16 {
  using Storage = uint16_t;
  MD2_AVX512 static inline __m512 Widen(__m256i half) {
    return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(half), 16));
  }
  MD2_AVX512 static inline __m512 Load(const Storage* p) {
    return Widen(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)));
  }
  MD2_AVX512 static inline __m512 Load(const Storage* p, __mmask16 lanes) {
    return Widen(_mm256_maskz_loadu_epi16(lanes, p));
  }
  // To nearest, ties to even; NaN stays one.
  MD2_AVX512 static inline __m256i Round(__m512 x) {
    const __m512i bits = _mm512_castps_si512(x);
    const __m512i odd = _mm512_and_si512(_mm512_srli_epi32(bits, 16), _mm512_set1_epi32(1));
    const __m512i half = _mm512_add_epi32(odd, _mm512_set1_epi32(0x7fff));
    const __m512i upper = _mm512_srli_epi32(_mm512_add_epi32(bits, half), 16);
    const __mmask16 is_nan = _mm512_cmp_ps_mask(x, x, _CMP_UNORD_Q);
    return _mm512_cvtepi32_epi16(_mm512_mask_mov_epi32(upper, is_nan, _mm512_set1_epi32(0x7fc0)));
  }
  MD2_AVX512 static inline void Store(Storage* p, __mmask16 lanes, __m512 x) {
    _mm256_mask_storeu_epi16(p, lanes, Round(x));
  }
  MD2_AVX512 static inline __m512 Rounded(__m512 x) { return Widen(Round(x)); }
};

struct Fp16 {
  using Storage = uint16_t;
  MD2_AVX512 static inline __m512 Load(const Storage* p) {
    return _mm512_cvtph_ps(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)));
  }
  MD2_AVX512 static inline __m512 Load(const Storage* p, __mmask16 lanes) {
    return _mm512_cvtph_ps(_mm256_maskz_loadu_epi16(lanes, p));
  }
  MD2_AVX512 static inline void Store(Storage* p, __mmask16 lanes, __m512 x) {
    _mm256_mask_storeu_epi16(p, lanes, _mm512_cvtps_ph(x, _MM_FROUND_TO_NEAREST_INT));
  }
};

}  // namespace md2::model

#endif  // MD2_CORE_MODEL_AVX512_H_
