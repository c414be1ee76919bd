#include "core/model/half_to_bf16.h"

#include <algorithm>

#include "core/model/avx512.h"

namespace md2::model {
namespace {

MD2_AVX512 void Convert(const uint16_t* from, int64_t count, uint16_t* to) {
  for (int64_t i = 0; i < count; i += kLanes) {
    const __mmask16 lanes = FirstLanes(std::min(kLanes, count - i));
    Bf16::Store(to + i, lanes, Fp16::Load(from + i, lanes));
  }
}

}  // namespace

bool HalfToBf16Fits(c10::ScalarType from, c10::ScalarType to) {
  static const bool has_avx512 = HasAvx512();
  return has_avx512 && from == c10::ScalarType::Half && to == c10::ScalarType::BFloat16;
}

void HalfToBf16(const uint8_t* from, int64_t count, uint8_t* to) {
  Convert(reinterpret_cast<const uint16_t*>(from), count, reinterpret_cast<uint16_t*>(to));
}

}  // namespace md2::model
