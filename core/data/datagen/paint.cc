#include "core/data/datagen/paint.h"

#include <algorithm>
#include <cstddef>

#include "core/data/datagen/font.h"

namespace md2::datagen {
namespace {

uint8_t Blend(uint8_t below, uint8_t above, int level) {
  return static_cast<uint8_t>((below * (255 - level) + above * level + 127) / 255);
}

}  // namespace

void FillImage(const Colour& colour, image::Image& picture) {
  const absl::Span<uint8_t> pixels = picture.mutable_pixels();
  for (size_t i = 0; i < pixels.size(); ++i) pixels[i] = colour[i % image::kChannels];
}

void Paint(const Outline& outline, const Colour& colour, image::Image& picture) {
  const Coverage coverage = Rasterize(outline);
  const int begin = std::max(coverage.left, 0);
  const int end = std::min(coverage.left + coverage.width, picture.width());
  const int last_row = std::min(coverage.top + coverage.height, picture.height());
  for (int y = std::max(coverage.top, 0); y < last_row; ++y) {
    const uint8_t* levels =
        coverage.levels.data() + size_t{1} * (y - coverage.top) * coverage.width;
    for (int x = begin; x < end; ++x) {
      uint8_t* pixel = picture.mutable_row(y) + ptrdiff_t{image::kChannels} * x;
      for (const uint8_t above : colour) {
        *pixel = Blend(*pixel, above, levels[x - coverage.left]);
        ++pixel;
      }
    }
  }
}

image::Image Smooth(const image::Image& picture) {
  constexpr int kCentre = 5;
  constexpr int kSum = kCentre + 8;
  image::Image smoothed = picture;
  const auto row_bytes = static_cast<ptrdiff_t>(picture.row_bytes());
  for (int y = 1; y + 1 < picture.height(); ++y) {
    uint8_t* out = smoothed.mutable_row(y);
    for (ptrdiff_t i = image::kChannels; i + image::kChannels < row_bytes; ++i) {
      const uint8_t* centre = picture.row(y) + i;
      int sum = (kCentre - 1) * *centre;
      for (const ptrdiff_t row : {-row_bytes, ptrdiff_t{0}, row_bytes}) {
        sum += centre[row - image::kChannels] + centre[row] + centre[row + image::kChannels];
      }
      out[i] = static_cast<uint8_t>((sum + kSum / 2) / kSum);
    }
  }
  return smoothed;
}

}  // namespace md2::datagen
