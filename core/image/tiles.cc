#include "core/image/tiles.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/base/error.h"
#include "core/image/resize.h"

namespace md2::image {
namespace {

// The published model's crop, and the side from which it looks at tiles too.
constexpr int64_t kPublishedCrop = 378;
constexpr int64_t kPublishedTilesFrom = 512;

using Levels = std::array<float, 256>;

// What each 8-bit level is to the model.
Levels ComputeLevels() {
  Levels levels;
  for (int v = 0; v < 256; ++v) {
    const float unit = static_cast<float>(v) * static_cast<float>(1.0 / 255);
    levels[v] = (unit - 0.5f) / 0.5f;
  }
  return levels;
}

// One crop of `image` from (left, top), plane by plane.
void WriteTile(const Image& image, int left, int top, int side, const Levels& levels, float* out) {
  for (int c = 0; c < kChannels; ++c) {
    for (int y = 0; y < side; ++y) {
      const uint8_t* source = image.row(top + y) + size_t{kChannels} * left + c;
      for (int x = 0; x < side; ++x) *out++ = levels[source[size_t{kChannels} * x]];
    }
  }
}

// The whole image at the size of one crop: each value is the mean of its block of pixels. Pairs
// are added along the row first; that order decides the last bit.
void WriteWhole(const Image& image, int rows, int cols, int side, const Levels& levels,
                float* out) {
  const size_t next = cols == 2 ? kChannels : 0;
  const float share = 1.0f / static_cast<float>(rows * cols);
  for (int c = 0; c < kChannels; ++c) {
    for (int y = 0; y < side; ++y) {
      const uint8_t* top = image.row(rows * y) + c;
      const uint8_t* bottom = image.row(rows * y + rows - 1) + c;
      for (int x = 0; x < side; ++x) {
        const size_t i = size_t{kChannels} * cols * x;
        const float upper = cols == 2 ? levels[top[i]] + levels[top[i + next]] : levels[top[i]];
        const float lower =
            cols == 2 ? levels[bottom[i]] + levels[bottom[i + next]] : levels[bottom[i]];
        *out++ = (rows == 2 ? upper + lower : upper) * share;
      }
    }
  }
}

}  // namespace

Size TargetSize(int width, int height, int crop) {
  const int64_t w = width, h = height, one = crop, two = 2 * one;
  const Size small = {crop, crop};
  if (std::max(w, h) * kPublishedCrop < kPublishedTilesFrom * one) return small;
  if (4 * w < 3 * h) return {crop, 2 * crop};
  if (2 * w > 3 * h) return {2 * crop, crop};
  const int64_t near = std::abs(w - one) + std::abs(h - one);
  const int64_t far = std::abs(w - two) + std::abs(h - two);
  return near <= far ? small : Size{2 * crop, 2 * crop};
}

absl::StatusOr<Crops> MakeCrops(const Image& image, const CropOptions& options) {
  const int side = options.crop;
  if (side < 1 || side > kMaxCrop) {
    return base::MakeError(
        absl::StatusCode::kInvalidArgument, base::Reason::kModelConfigInvalid,
        absl::StrCat("crop: expected 1 to ", kMaxCrop, " pixels a side, found ", side));
  }
  const Size target =
      options.tiles ? TargetSize(image.width(), image.height(), side) : Size{side, side};
  const Image squashed = ResizeBicubic(image, target.width, target.height);
  const Levels levels = ComputeLevels();
  const int rows = target.height / side;
  const int cols = target.width / side;
  const int tiles = rows * cols == 1 ? 0 : rows * cols;
  const size_t crop_values = size_t{kChannels} * side * side;

  Crops crops;
  crops.count = 1 + tiles;
  crops.side = side;
  crops.rows = tiles == 0 ? 0 : rows;
  crops.cols = tiles == 0 ? 0 : cols;
  crops.pixels.resize(crop_values * crops.count);
  float* out = crops.pixels.data();
  WriteWhole(squashed, rows, cols, side, levels, out);
  for (int tile = 0; tile < tiles; ++tile) {
    out += crop_values;
    WriteTile(squashed, tile % cols * side, tile / cols * side, side, levels, out);
  }
  return crops;
}

}  // namespace md2::image
