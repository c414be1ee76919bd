#include "core/image/exif.h"

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace md2::image {
namespace {

constexpr uint32_t kOrientationTag = 0x0112;
constexpr uint32_t kShortType = 3;
constexpr size_t kEntryBytes = 12;

// Numbers of a TIFF block in its own byte order; what lies beyond the end reads as 0.
class TiffReader {
 public:
  TiffReader(absl::Span<const uint8_t> bytes, bool big_endian)
      : bytes_(bytes), big_endian_(big_endian) {}

  uint32_t Read(size_t offset, size_t size) const {
    if (offset > bytes_.size() || size > bytes_.size() - offset) return 0;
    uint32_t value = 0;
    for (size_t i = 0; i < size; ++i) {
      const size_t at = big_endian_ ? offset + i : offset + size - 1 - i;
      value = value << 8 | bytes_[at];
    }
    return value;
  }

 private:
  absl::Span<const uint8_t> bytes_;
  bool big_endian_;
};

}  // namespace

Orientation ReadOrientation(absl::Span<const uint8_t> tiff) {
  if (tiff.size() < 8) return Orientation::kUpright;
  const bool big_endian = tiff[0] == 'M' && tiff[1] == 'M';
  if (!big_endian && !(tiff[0] == 'I' && tiff[1] == 'I')) return Orientation::kUpright;
  const TiffReader reader(tiff, big_endian);
  if (reader.Read(2, 2) != 42) return Orientation::kUpright;
  const size_t directory = reader.Read(4, 4);
  const uint32_t num_entries = reader.Read(directory, 2);
  for (uint32_t i = 0; i < num_entries; ++i) {
    const size_t entry = directory + 2 + i * kEntryBytes;
    if (reader.Read(entry, 2) != kOrientationTag) continue;
    const uint32_t value = reader.Read(entry + 8, 2);
    const bool is_valid = reader.Read(entry + 2, 2) == kShortType &&
                          reader.Read(entry + 4, 4) == 1 && value >= 1 && value <= 8;
    return is_valid ? static_cast<Orientation>(value) : Orientation::kUpright;
  }
  return Orientation::kUpright;
}

Image ApplyOrientation(const Image& image, Orientation orientation) {
  using enum Orientation;
  const Orientation o = orientation;
  const bool swaps_axes = o == kTranspose || o == kTurn90 || o == kTransverse || o == kTurn270;
  const bool from_right = o == kMirror || o == kTurn180 || o == kTransverse || o == kTurn270;
  const bool from_bottom = o == kTurn180 || o == kFlip || o == kTurn90 || o == kTransverse;
  const int width = swaps_axes ? image.height() : image.width();
  const int height = swaps_axes ? image.width() : image.height();
  Image result(width, height);
  for (int y = 0; y < height; ++y) {
    uint8_t* out = result.mutable_row(y);
    for (int x = 0; x < width; ++x, out += kChannels) {
      const int column = swaps_axes ? y : x;
      const int row = swaps_axes ? x : y;
      const int source_x = from_right ? image.width() - 1 - column : column;
      const int source_y = from_bottom ? image.height() - 1 - row : row;
      std::memcpy(out, image.row(source_y) + size_t{kChannels} * source_x, kChannels);
    }
  }
  return result;
}

}  // namespace md2::image
