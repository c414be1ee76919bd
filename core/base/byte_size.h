// Defines ParseByteSize: "4GiB" as a number of bytes.

#ifndef MD2_CORE_BASE_BYTE_SIZE_H_
#define MD2_CORE_BASE_BYTE_SIZE_H_

#include <cstdint>

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"

namespace md2::base {

// A whole or decimal number, then nothing or B, a power of 1024 (KiB MiB GiB TiB), or a power of
// 1000 (KB MB GB TB), in any case, with or without a space between; a part of a byte is cut off.
// Nothing for any other text and from 2^63 up.
absl::optional<uint64_t> ParseByteSize(absl::string_view text);

}  // namespace md2::base

#endif  // MD2_CORE_BASE_BYTE_SIZE_H_
