// Defines GPT-2's byte alphabet: each byte has a printable character that stands for it in a
// vocabulary. Bytes 33-126, 161-172 and 174-255 are the character of the same number, the other 68
// are the characters 256, 257, ... in order.
//   AppendAsCharacters   bytes -> characters
//   BytesOf              the other way

#ifndef MD2_CORE_TEXT_BYTE_ALPHABET_H_
#define MD2_CORE_TEXT_BYTE_ALPHABET_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace md2::text {

// Appends one character (of one or two bytes) for each byte.
void AppendAsCharacters(absl::string_view bytes, std::string* characters);

// Nothing when a character is not of the alphabet, or the text is not UTF-8.
std::optional<std::string> BytesOf(absl::string_view characters);

}  // namespace md2::text

#endif  // MD2_CORE_TEXT_BYTE_ALPHABET_H_
