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

bool IsTextTooSmall(const Shrinking& shrinking) {
  return kOrdinaryLetterPixels / shrinking.factor < kLegiblePixels;
}

}  // namespace md2::data
