// Defines
//   Orientation        how a camera was held, as EXIF numbers it
//   ReadOrientation    finds it in an EXIF block
//   ApplyOrientation   turns the picture upright

#ifndef MD2_CORE_IMAGE_EXIF_H_
#define MD2_CORE_IMAGE_EXIF_H_

#include <cstdint>

#include "absl/types/span.h"
#include "core/image/image.h"

namespace md2::image {

// What to do to the stored picture, turns clockwise.
enum class Orientation : uint8_t {
  kUpright = 1,
  kMirror = 2,  // left and right change places
  kTurn180 = 3,
  kFlip = 4,       // top and bottom change places
  kTranspose = 5,  // rows and columns change places
  kTurn90 = 6,
  kTransverse = 7,  // as kTranspose, about the other diagonal
  kTurn270 = 8,
};

// The orientation of the first directory of a TIFF block (what follows "Exif\0\0" in a JPEG; the
// whole eXIf chunk of a PNG). kUpright when there is none, or the block is damaged.
Orientation ReadOrientation(absl::Span<const uint8_t> tiff);

Image ApplyOrientation(const Image& image, Orientation orientation);

}  // namespace md2::image

#endif  // MD2_CORE_IMAGE_EXIF_H_
