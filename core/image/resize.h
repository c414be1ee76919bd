// Defines ResizeBicubic, the one resampler.

#ifndef MD2_CORE_IMAGE_RESIZE_H_
#define MD2_CORE_IMAGE_RESIZE_H_

#include "core/image/image.h"

namespace md2::image {

// The image squashed or stretched to width x height: bicubic (a = -0.5) whose support widens when
// shrinking, columns first, then rows, 8 bits between the two; a direction that keeps its size is
// left alone. Equal to Pillow's Image.resize((width, height), BICUBIC) in every bit.
// REQUIRES: width and height are at least 1.
Image ResizeBicubic(const Image& image, int width, int height);

}  // namespace md2::image

#endif  // MD2_CORE_IMAGE_RESIZE_H_
