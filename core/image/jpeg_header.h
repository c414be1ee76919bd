// Defines the container of a JPEG file (ITU-T T.81), read without unpacking a pixel:
//   JpegSegment      one marker and what belongs to it
//   NextJpegSegment  steps from marker to marker
//   JpegHeader       what stands before and in the frame header
//   ReadJpegHeader   everything up to and with the frame header, nothing allocated

#ifndef MD2_CORE_IMAGE_JPEG_HEADER_H_
#define MD2_CORE_IMAGE_JPEG_HEADER_H_

#include <array>
#include <cstddef>
#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace md2::image {

// Second bytes of the markers that matter here.
enum JpegMarker : uint8_t {
  kJpegBaseline = 0xc0,
  kJpegProgressive = 0xc2,
  kJpegHuffmanTables = 0xc4,
  kJpegRestart0 = 0xd0,
  kJpegRestart7 = 0xd7,
  kJpegStart = 0xd8,
  kJpegEnd = 0xd9,
  kJpegScan = 0xda,
  kJpegQuantTables = 0xdb,
  kJpegRestartInterval = 0xdd,
  kJpegApp0 = 0xe0,
  kJpegApp1 = 0xe1,
  kJpegApp14 = 0xee,
  kJpegApp15 = 0xef,
  kJpegComment = 0xfe,
};

struct JpegSegment {
  uint8_t marker = 0;
  size_t offset = 0;                  // of the marker in the file
  absl::Span<const uint8_t> payload;  // without the two bytes of its length
};

// The segment at `position`, which moves behind it. IMAGE_INVALID when there is no marker, or the
// file ends before the segment does.
absl::StatusOr<JpegSegment> NextJpegSegment(absl::Span<const uint8_t> bytes, size_t& position);

// What to say of a file of `num_bytes` that ended early.
absl::Status JpegTruncated(size_t num_bytes);
// "JPEG is corrupt: expected X, found Y at byte N".
absl::Status JpegCorrupt(absl::string_view expected, absl::string_view found, size_t offset);

struct JpegComponent {
  int id = 0;
  int across = 1;  // sampling factors, 1 to 4
  int down = 1;
  int quant_table = 0;
};

struct JpegHeader {
  int width = 0;  // 1 to 65,535, as is height
  int height = 0;
  int num_components = 0;  // 1, 3 or 4
  std::array<JpegComponent, 4> components;
  bool progressive = false;
  bool has_jfif = false;
  int adobe_transform = -1;        // -1 without an Adobe segment
  absl::Span<const uint8_t> exif;  // its TIFF block; points into the file's bytes

  int max_across() const;
  int max_down() const;
};

bool HasJpegSignature(absl::Span<const uint8_t> bytes);

// IMAGE_INVALID for a damaged header, a size of zero, or a file that ends before the frame header;
// IMAGE_UNSUPPORTED for arithmetic, lossless and hierarchical coding, other than 8 bits, 2
// components, and colours that decoders read in different ways. REQUIRES: HasJpegSignature(bytes).
absl::StatusOr<JpegHeader> ReadJpegHeader(absl::Span<const uint8_t> bytes);

}  // namespace md2::image

#endif  // MD2_CORE_IMAGE_JPEG_HEADER_H_
