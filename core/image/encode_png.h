// Defines EncodePng, the one door through which pictures go out.

#ifndef MD2_CORE_IMAGE_ENCODE_PNG_H_
#define MD2_CORE_IMAGE_ENCODE_PNG_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "core/image/image.h"

namespace md2::image {

// A PNG file of 8 bits RGB, from which DecodeImage gives the same picture; the same bytes on every
// machine with the same stb_image_write. OUT_OF_MEMORY (ResourceExhausted) when memory ran out.
// REQUIRES: fewer than 2^31 bytes of pixels.
absl::StatusOr<std::vector<uint8_t>> EncodePng(const Image& image);

}  // namespace md2::image

#endif  // MD2_CORE_IMAGE_ENCODE_PNG_H_
