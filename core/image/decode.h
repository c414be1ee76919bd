// Defines the one door through which pictures come in:
//   kMaxImageBytes    what no option lifts, as kMaxImagePixels
//   DecodeOptions     limits, and whether to turn the picture upright
//   ImageHeader       what a file says of itself
//   ReadImageHeader   that, without unpacking a pixel
//   DecodeImage       JPEG or PNG bytes -> RGB
//   ReadImageFile     the bytes of a file that is not too large
//   DecodeImageFile   both

#ifndef MD2_CORE_IMAGE_DECODE_H_
#define MD2_CORE_IMAGE_DECODE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "core/base/file_env.h"
#include "core/image/image.h"

namespace md2::image {

// Limits beyond these count as these; within them all numbers of the decoders fit in 31 bits.
inline constexpr uint64_t kMaxImageBytes = 0x7fffffff;
inline constexpr int64_t kMaxImagePixels = 200'000'000;

struct DecodeOptions {
  uint64_t max_bytes = 20'000'000;  // of the file
  int64_t max_pixels = 40'000'000;  // width times height
  int64_t max_side = 16'384;        // pixels, width and height alike

  // Turn and mirror as the camera's EXIF note asks. The published model was trained without.
  bool apply_exif_orientation = false;
};

enum class ImageFormat { kJpeg, kPng };

struct ImageHeader {
  ImageFormat format = ImageFormat::kPng;
  int width = 0;  // pixels as stored, before any turning
  int height = 0;
  int channels = 0;   // as stored: 1 to 4; 1 for a palette
  int bit_depth = 0;  // of one sample: 1, 2, 4, 8 or 16
};

// Reads the front of the file and allocates nothing. Errors as for DecodeImage, but only those that
// the header shows.
absl::StatusOr<ImageHeader> ReadImageHeader(absl::Span<const uint8_t> bytes,
                                            const DecodeOptions& options);

// The format is told by its first bytes. The header is read and held against the limits before
// anything is allocated; after that at most 16 bytes a pixel and 2 a byte of the file are in use
// (in a JPEG the pixels that round the sides up to a multiple of 32 count too).
//
// A picture is whole or an error: a file that is cut off anywhere, lacks a row, has rows to spare
// or codes that do not fit is refused. PNG pixels equal Pillow 10.4.0's convert("RGB"): alpha is
// dropped, not composited (png_pixels.h says it in full). JPEG pixels are those of stb_image, which
// differ a little from libjpeg-turbo's; tests/unit/core/image holds the bound.
//
// IMAGE_INVALID: empty, truncated or corrupt. IMAGE_UNSUPPORTED: neither JPEG nor PNG, or a kind of
// JPEG that is not read (jpeg_header.h). IMAGE_TOO_LARGE: beyond a limit. All are InvalidArgument.
// OUT_OF_MEMORY (ResourceExhausted) when memory ran out.
absl::StatusOr<Image> DecodeImage(absl::Span<const uint8_t> bytes, const DecodeOptions& options);

// IMAGE_TOO_LARGE, after the path, when the file is larger than max_bytes, before it is read;
// OUT_OF_MEMORY; the errors of FileEnv::OpenForRead and ReadableFile::ReadAt. A pipe or device is
// refused, not waited for.
absl::StatusOr<std::vector<uint8_t>> ReadImageFile(base::FileEnv& env, const std::string& path,
                                                   const DecodeOptions& options);

// The errors of ReadImageFile, or those of DecodeImage after the path.
absl::StatusOr<Image> DecodeImageFile(base::FileEnv& env, const std::string& path,
                                      const DecodeOptions& options);

}  // namespace md2::image

#endif  // MD2_CORE_IMAGE_DECODE_H_
