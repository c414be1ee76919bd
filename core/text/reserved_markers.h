// Defines the strings that mean something to the published model wherever they occur.

#ifndef MD2_CORE_TEXT_RESERVED_MARKERS_H_
#define MD2_CORE_TEXT_RESERVED_MARKERS_H_

#include "absl/strings/string_view.h"

namespace md2::text {

// Begins and ends every sequence. A tokenizer.json may have it in its vocabulary only.
inline constexpr absl::string_view kEndOfText = "<|endoftext|>";

// Where the published code puts the image into a prompt; never a token.
inline constexpr absl::string_view kImageMarker = "<image>";

}  // namespace md2::text

#endif  // MD2_CORE_TEXT_RESERVED_MARKERS_H_
