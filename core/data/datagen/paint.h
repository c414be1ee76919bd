// Defines how shapes become pixels of a picture:
//   Colour
//   FillImage   all of one colour
//   Paint       a shape, its edges blended
//   Smooth      a slight blur

#ifndef MD2_CORE_DATA_DATAGEN_PAINT_H_
#define MD2_CORE_DATA_DATAGEN_PAINT_H_

#include <array>
#include <cstdint>

#include "core/data/datagen/outline.h"
#include "core/image/image.h"

namespace md2::datagen {

using Colour = std::array<uint8_t, image::kChannels>;

void FillImage(const Colour& colour, image::Image& picture);

// What lies outside the picture is left out. REQUIRES: as Rasterize.
void Paint(const Outline& outline, const Colour& colour, image::Image& picture);

// Each pixel five times with its eight neighbours, divided by 13 and rounded; the outermost pixels
// stay. Equal to Pillow's ImageFilter.SMOOTH but for rounding.
image::Image Smooth(const image::Image& picture);

}  // namespace md2::datagen

#endif  // MD2_CORE_DATA_DATAGEN_PAINT_H_
