// Defines how the unpacked stream of a PNG becomes pixels:
//   PngStreamBytes   how long that stream must be
//   PngPixels        filters undone, interlacing undone, any colour type as RGB

#ifndef MD2_CORE_IMAGE_PNG_PIXELS_H_
#define MD2_CORE_IMAGE_PNG_PIXELS_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "core/image/image.h"
#include "core/image/png.h"

namespace md2::image {

// The bytes that the header promises: each row of each pass with its filter byte.
int64_t PngStreamBytes(const PngHeader& header);

// What Pillow 10.4.0's convert("RGB") gives: alpha and transparent colours are dropped, nothing is
// composited; levels of 1, 2 and 4 bits are spread over 0 to 255; of 16 bits colours and grey with
// alpha keep the upper byte, while plain grey is clipped at 255; a palette's missing colours are
// black. `stream` is used up. IMAGE_INVALID for an unknown filter.
// REQUIRES: stream has PngStreamBytes(file.header) bytes.
absl::StatusOr<Image> PngPixels(const PngFile& file, absl::Span<uint8_t> stream);

}  // namespace md2::image

#endif  // MD2_CORE_IMAGE_PNG_PIXELS_H_
