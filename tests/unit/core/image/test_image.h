// Defines
//   AsBytes, AsText   the two views of a file's bytes
//   GreyImage, RedLevels   a picture from levels, and back
//   NoiseImage        random levels, the same on every machine
//   Fnv1a             a digest, as the golden files use it

#ifndef MD2_TESTS_UNIT_CORE_IMAGE_TEST_IMAGE_H_
#define MD2_TESTS_UNIT_CORE_IMAGE_TEST_IMAGE_H_

#include <cstdint>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "core/image/image.h"

namespace md2::image {

inline absl::Span<const uint8_t> AsBytes(absl::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

inline absl::string_view AsText(absl::Span<const uint8_t> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// Grey: `levels` row by row. REQUIRES: their number is a multiple of the width.
Image GreyImage(int width, const std::vector<int>& levels);

// The red levels, row by row.
std::vector<int> RedLevels(const Image& image);

// The function `noise` of tests/golden/image/pictures.py.
Image NoiseImage(uint64_t seed, int width, int height);

// FNV-1a with 64 bits.
uint64_t Fnv1a(absl::Span<const uint8_t> bytes);

}  // namespace md2::image

#endif  // MD2_TESTS_UNIT_CORE_IMAGE_TEST_IMAGE_H_
