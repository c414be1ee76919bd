// Defines Image, the one picture type: RGB, 8 bits a channel, owned.

#ifndef MD2_CORE_IMAGE_IMAGE_H_
#define MD2_CORE_IMAGE_IMAGE_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/types/span.h"

namespace md2::image {

inline constexpr int kChannels = 3;

// Rows from the top, pixels from the left, each as red, green, blue; rows lie without gaps.
// One thread at a time; constant, share freely.
class Image {
 public:
  // Black. REQUIRES: width and height are at least 1.
  Image(int width, int height)
      : width_(width), height_(height), pixels_(size_t{kChannels} * width * height) {}

  int width() const { return width_; }
  int height() const { return height_; }
  size_t row_bytes() const { return size_t{kChannels} * width_; }

  // [height, width, 3].
  absl::Span<const uint8_t> pixels() const { return pixels_; }
  absl::Span<uint8_t> mutable_pixels() { return absl::MakeSpan(pixels_); }

  // The first of row_bytes() bytes. REQUIRES: 0 <= y < height().
  const uint8_t* row(int y) const { return pixels_.data() + y * row_bytes(); }
  uint8_t* mutable_row(int y) { return pixels_.data() + y * row_bytes(); }

 private:
  int width_;
  int height_;
  std::vector<uint8_t> pixels_;
};

}  // namespace md2::image

#endif  // MD2_CORE_IMAGE_IMAGE_H_
