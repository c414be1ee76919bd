// Defines NextPreToken, GPT-2's rule for where tokens may not reach across:
//   's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+

#ifndef MD2_CORE_TEXT_PRETOKENIZE_H_
#define MD2_CORE_TEXT_PRETOKENIZE_H_

#include <cstddef>

#include "absl/strings/string_view.h"

namespace md2::text {

// Number of bytes of the pre-token with which `text` begins, at least 1. Pre-tokens follow each
// other without gaps; cutting one off does not change those after it. REQUIRES: text is not empty
// and is UTF-8.
size_t NextPreToken(absl::string_view text);

}  // namespace md2::text

#endif  // MD2_CORE_TEXT_PRETOKENIZE_H_
