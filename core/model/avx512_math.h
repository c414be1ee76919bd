// Defines functions of sixteen floats at a time; internal to the kernels.
//   Exp, Reciprocal, Gelu, GeluSlope

#ifndef MD2_CORE_MODEL_AVX512_MATH_H_
#define MD2_CORE_MODEL_AVX512_MATH_H_

#include <initializer_list>

#include "core/model/avx512.h"

namespace md2::model {

// e^x to 2 ulp for x from -87 to 0; less is 0. Cody-Waite reduction, Taylor to the sixth power.
MD2_AVX512 inline __m512 Exp(__m512 x) {
  const __m512 n = _mm512_roundscale_ps(_mm512_mul_ps(x, _mm512_set1_ps(1.44269504f)),
                                        _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
  __m512 r = _mm512_fnmadd_ps(n, _mm512_set1_ps(0.693359375f), x);
  r = _mm512_fnmadd_ps(n, _mm512_set1_ps(-2.12194440e-4f), r);
  __m512 y = _mm512_set1_ps(1.0f / 720);
  for (const float factor : {1.0f / 120, 1.0f / 24, 1.0f / 6, 0.5f, 1.0f, 1.0f}) {
    y = _mm512_fmadd_ps(y, r, _mm512_set1_ps(factor));
  }
  return _mm512_scalef_ps(y, n);
}

// 1 / x to 2 ulp, for x from 1 to 2.
MD2_AVX512 inline __m512 Reciprocal(__m512 x) {
  const __m512 y = _mm512_rcp14_ps(x);
  return _mm512_mul_ps(y, _mm512_fnmadd_ps(x, y, _mm512_set1_ps(2.0f)));
}

// Of GELU at x, u = sqrt(2 / pi) (x + 0.044715 x^3): e^(-2 |u|), and the sign of u.
struct GeluParts {
  __m512 square;  // of x
  __m512 slope;   // u / x
  __m512 e;
  __mmask16 is_negative;
};

MD2_AVX512 inline GeluParts PartsOfGelu(__m512 x) {
  GeluParts p;
  p.square = _mm512_mul_ps(x, x);
  p.slope = _mm512_fmadd_ps(p.square, _mm512_set1_ps(0.0356774081f), _mm512_set1_ps(0.797884561f));
  const __m512 z = _mm512_mul_ps(_mm512_mul_ps(x, p.slope), _mm512_set1_ps(2.0f));
  p.e = Exp(
      _mm512_max_ps(_mm512_sub_ps(_mm512_setzero_ps(), _mm512_abs_ps(z)), _mm512_set1_ps(-87.0f)));
  p.is_negative = _mm512_cmp_ps_mask(z, _mm512_setzero_ps(), _CMP_LT_OQ);
  return p;
}

// As in Mlp: x / 2 (1 + tanh(u)) = x s with s = 1 / (1 + e^(-2 u)), from e^ of what is not positive
// only.
MD2_AVX512 inline __m512 Gelu(__m512 x) {
  const GeluParts p = PartsOfGelu(x);
  const __m512 numerator = _mm512_mask_mul_ps(x, p.is_negative, x, p.e);
  return _mm512_mul_ps(numerator, Reciprocal(_mm512_add_ps(_mm512_set1_ps(1.0f), p.e)));
}

// Its derivative: s + x s (1 - s) 2 u'.
MD2_AVX512 inline __m512 GeluSlope(__m512 x) {
  const GeluParts p = PartsOfGelu(x);
  const __m512 one = _mm512_set1_ps(1.0f);
  const __m512 share = Reciprocal(_mm512_add_ps(one, p.e));
  const __m512 rest = _mm512_mul_ps(share, p.e);
  const __m512 s = _mm512_mask_mov_ps(share, p.is_negative, rest);
  // u' = u / x + 2 x^2 sqrt(2 / pi) 0.044715.
  const __m512 du = _mm512_fmadd_ps(p.square, _mm512_set1_ps(0.0713548163f), p.slope);
  const __m512 factor = _mm512_mul_ps(_mm512_mul_ps(x, share), _mm512_add_ps(rest, rest));
  return _mm512_fmadd_ps(factor, du, s);
}

}  // namespace md2::model

#endif  // MD2_CORE_MODEL_AVX512_MATH_H_
