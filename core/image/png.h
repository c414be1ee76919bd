// Defines the container of a PNG file (ISO/IEC 15948), read without unpacking a pixel:
//   PngHeader       what the first chunk says
//   ReadPngHeader   that chunk alone, nothing allocated
//   PngFile         the chunks that decide the pixels
//   ReadPngFile     all chunks, each with its checksum

#ifndef MD2_CORE_IMAGE_PNG_H_
#define MD2_CORE_IMAGE_PNG_H_

#include <array>
#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"

namespace md2::image {

enum class PngColour : uint8_t {
  kGrey = 0,
  kRgb = 2,
  kPalette = 3,
  kGreyAlpha = 4,
  kRgba = 6,
};

struct PngHeader {
  int64_t width = 0;  // 1 to 2^31 - 1, as is height
  int64_t height = 0;
  int bit_depth = 0;  // of one sample: 1, 2, 4, 8 or 16, as the colour allows
  PngColour colour = PngColour::kGrey;
  bool interlaced = false;

  int channels() const;  // samples a pixel; 1 for a palette
  int bits_per_pixel() const { return bit_depth * channels(); }
};

struct PngFile {
  PngHeader header;
  std::array<uint8_t, 768> palette{};  // 256 RGB colours; black where the file gives none
  std::vector<uint8_t> packed;         // the zlib stream of all IDAT chunks
  absl::Span<const uint8_t> exif;      // of the eXIf chunk; points into the file's bytes
};

bool HasPngSignature(absl::Span<const uint8_t> bytes);

// IMAGE_INVALID when the file ends before the header does, or it is not one; the size is not judged
// but for zero. REQUIRES: HasPngSignature(bytes).
absl::StatusOr<PngHeader> ReadPngHeader(absl::Span<const uint8_t> bytes);

// IMAGE_INVALID unless every chunk up to IEND is whole, has its checksum, and stands where it may;
// IMAGE_UNSUPPORTED for a critical chunk that the standard does not know. What follows IEND is
// ignored, and so are all ancillary chunks but eXIf. REQUIRES: as ReadPngHeader.
absl::StatusOr<PngFile> ReadPngFile(absl::Span<const uint8_t> bytes);

}  // namespace md2::image

#endif  // MD2_CORE_IMAGE_PNG_H_
