// Defines CheckJpegScans, which refuses a damaged JPEG before a decoder makes a grey picture of it.

#ifndef MD2_CORE_IMAGE_JPEG_CHECK_H_
#define MD2_CORE_IMAGE_JPEG_CHECK_H_

#include <cstdint>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "core/image/jpeg_header.h"

namespace md2::image {

// Scans beyond which a progressive file is taken for an attack.
inline constexpr int kMaxJpegScans = 100;

// OK only when every block of every scan has its codes in the data, with tables that were defined,
// restart markers where and as they belong, no data to spare but zeros, each component present, and
// the end marker behind. What follows that is ignored. IMAGE_INVALID says where the first problem
// is; IMAGE_UNSUPPORTED for more than kMaxJpegScans. Takes 8 bytes a block of 8 x 8 samples when
// progressive. REQUIRES: `header` is that of `bytes`.
absl::Status CheckJpegScans(absl::Span<const uint8_t> bytes, const JpegHeader& header);

}  // namespace md2::image

#endif  // MD2_CORE_IMAGE_JPEG_CHECK_H_
