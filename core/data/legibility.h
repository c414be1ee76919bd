// Defines an estimate of whether text in an image can still be read once the image was squashed to
// what the vision tower takes:
//   Shrinking, ShrinkingOf
//   IsTextTooSmall
//   CropsOf            how many crops that are

#ifndef MD2_CORE_DATA_LEGIBILITY_H_
#define MD2_CORE_DATA_LEGIBILITY_H_

#include <cstdint>

namespace md2::data {

// Capital letters of 16 pixels are small but legible on a page or screen; below 8 pixels shapes run
// into each other.
inline constexpr double kOrdinaryLetterPixels = 16;
inline constexpr double kLegiblePixels = 8;

struct Shrinking {
  int width = 0;  // of the squashed image, pixels
  int height = 0;
  // How many pixels become one, in the direction that loses more; below 1 for one that grows.
  double factor = 1;
};

// As image::MakeCrops squashes. REQUIRES: all are at least 1.
Shrinking ShrinkingOf(int width, int height, int crop, bool tiles);

// Crops that image::MakeCrops makes of it: one, or the whole view and its tiles.
int64_t CropsOf(int width, int height, int crop, bool tiles);

// The rule: letters of kOrdinaryLetterPixels get smaller than kLegiblePixels, so that any image
// whose width or height shrinks to less than half is doubtful. What is in the image is not looked
// at: one without text, or with large text only, is warned of too.
bool IsTextTooSmall(const Shrinking& shrinking);

}  // namespace md2::data

#endif  // MD2_CORE_DATA_LEGIBILITY_H_
