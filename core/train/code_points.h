// Defines what the metrics of text need of Unicode:
//   CodePointsOf   the characters of a text
//   LowerCase      of one character

#ifndef MD2_CORE_TRAIN_CODE_POINTS_H_
#define MD2_CORE_TRAIN_CODE_POINTS_H_

#include <string>

#include "absl/strings/string_view.h"

namespace md2::train {

// A byte that is not part of valid UTF-8 (RFC 3629) becomes 0x110000 + byte, which is no code
// point: other texts are told apart by it, and no valid one equals it.
std::u32string CodePointsOf(absl::string_view text);

// Simple lower case of ASCII, Latin-1, Latin Extended-A, Greek and Cyrillic letters (UnicodeData);
// every other value as it is.
char32_t LowerCase(char32_t c);

}  // namespace md2::train

#endif  // MD2_CORE_TRAIN_CODE_POINTS_H_
