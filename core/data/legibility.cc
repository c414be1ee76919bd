#include "core/data/legibility.h"

#include <algorithm>

#include "core/image/tiles.h"

namespace md2::data {

Shrinking ShrinkingOf(int width, int height, int crop, bool tiles) {
  const image::Size target =
      tiles ? image::TargetSize(width, height, crop) : image::Size{crop, crop};
  return {target.width, target.height,
          std::max(static_cast<double>(width) / target.width,
                   static_cast<double>(height) / target.height)};
}

int64_t CropsOf(int width, int height, int crop, bool tiles) {
  const Shrinking squashed = ShrinkingOf(width, height, crop, tiles);
  const int64_t tiles_of_it = int64_t{squashed.width / crop} * (squashed.height / crop);
  return tiles_of_it == 1 ? 1 : 1 + tiles_of_it;
}

bool IsTextTooSmall(const Shrinking& shrinking) {
  return kOrdinaryLetterPixels / shrinking.factor < kLegiblePixels;
}

}  // namespace md2::data
