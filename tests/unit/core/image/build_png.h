// Defines the parts of PNG files, right or wrong as a test wants them:
//   PngChunk, PngHeaderChunk, StoredZlib   the parts
//   BuildPng                               a file of them

#ifndef MD2_TESTS_UNIT_CORE_IMAGE_BUILD_PNG_H_
#define MD2_TESTS_UNIT_CORE_IMAGE_BUILD_PNG_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace md2::image {

extern const std::string kPngSignature;

struct PngFields {
  uint32_t width = 1;
  uint32_t height = 1;
  int bit_depth = 8;
  int colour = 0;
  int compression = 0;
  int filter = 0;
  int interlace = 0;
};

// With length and checksum.
std::string PngChunk(absl::string_view type, absl::string_view data);
std::string PngHeaderChunk(const PngFields& fields);

// `bytes` as a zlib stream that packs nothing. REQUIRES: fewer than 65,536.
std::string StoredZlib(absl::string_view bytes);

// Signature, header, `before` (whole chunks), one IDAT with `stream` packed, IEND.
std::string BuildPng(const PngFields& fields, absl::string_view stream,
                     absl::string_view before = "");

}  // namespace md2::image

#endif  // MD2_TESTS_UNIT_CORE_IMAGE_BUILD_PNG_H_
