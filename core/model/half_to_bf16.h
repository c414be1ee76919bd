// Defines the one conversion of weights that LibTorch does slowly: published weights are fp16, and
// bf16 is what most models compute in.

#ifndef MD2_CORE_MODEL_HALF_TO_BF16_H_
#define MD2_CORE_MODEL_HALF_TO_BF16_H_

#include <c10/core/ScalarType.h>

#include <cstdint>

namespace md2::model {

// Whether these are the types, and this processor has AVX-512.
bool HalfToBf16Fits(c10::ScalarType from, c10::ScalarType to);

// `count` values at any alignment, rounded to nearest, ties to even. REQUIRES: HalfToBf16Fits.
void HalfToBf16(const uint8_t* from, int64_t count, uint8_t* to);

}  // namespace md2::model

#endif  // MD2_CORE_MODEL_HALF_TO_BF16_H_
