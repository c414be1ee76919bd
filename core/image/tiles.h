// Defines how a picture becomes what the vision tower reads:
//   TargetSize   the size to which an image is squashed
//   MakeCrops    the squashed image as normalised crops: the whole view, then its tiles

#ifndef MD2_CORE_IMAGE_TILES_H_
#define MD2_CORE_IMAGE_TILES_H_

#include <vector>

#include "absl/status/statusor.h"
#include "core/image/image.h"

namespace md2::image {

inline constexpr int kMaxCrop = 4096;

struct CropOptions {
  int crop = 0;       // pixels on each side of one crop; 1 to kMaxCrop
  bool tiles = true;  // false: every image is squashed to one crop
};

struct Size {
  int width = 0;
  int height = 0;
};

struct Crops {
  int count = 0;  // 1 + rows * cols
  int side = 0;   // pixels on each side of one crop, S
  int rows = 0;   // tiles from top to bottom; 0 when the squashed image is one crop
  int cols = 0;   // tiles from left to right; 0 with rows

  // [count, 3, S, S], from -1 to 1: the whole view, then the tiles row by row.
  std::vector<float> pixels;
};

// (crop, crop), (2 crop, crop), (crop, 2 crop) or (2 crop, 2 crop). With a crop of 378: an image
// whose longer side is under 512 is one crop; wider than 3:2 takes two columns, narrower than 3:4
// two rows; any other the square that is nearer to its width and height in sum, the smaller one
// when both are as near. The 512 scales with the crop. REQUIRES: all are at least 1.
Size TargetSize(int width, int height, int crop);

// Float32 values equal to tests/golden/image's in every bit. MODEL_CONFIG_INVALID (InvalidArgument)
// when the crop is out of range.
absl::StatusOr<Crops> MakeCrops(const Image& image, const CropOptions& options);

}  // namespace md2::image

#endif  // MD2_CORE_IMAGE_TILES_H_
