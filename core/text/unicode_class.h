// Defines UnicodeClassOf: what the pre-tokeniser's rule distinguishes. The classes are those of HF
// tokenizers 0.20.3, asked code point by code point.

#ifndef MD2_CORE_TEXT_UNICODE_CLASS_H_
#define MD2_CORE_TEXT_UNICODE_CLASS_H_

#include <cstdint>

namespace md2::text {

enum class UnicodeClass : uint8_t {
  kOther,
  kLetter,  // \p{L}
  kNumber,  // \p{N}
  kSpace,   // \s: 09-0D 20 85 A0 1680 2000-200A 2028 2029 202F 205F 3000
};

UnicodeClass UnicodeClassOf(uint32_t code_point);

}  // namespace md2::text

#endif  // MD2_CORE_TEXT_UNICODE_CLASS_H_
