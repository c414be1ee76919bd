#include "core/image/encode_png.h"

#include <cstdlib>
#include <memory>

#include "core/base/error.h"

#define STB_IMAGE_WRITE_IMPLEMENTATION
#define STB_IMAGE_WRITE_STATIC
#define STBI_WRITE_NO_STDIO
#define STBIW_ASSERT(condition) ((void)0)
#include "stb_image_write.h"

namespace md2::image {

absl::StatusOr<std::vector<uint8_t>> EncodePng(const Image& image) {
  int num_bytes = 0;
  const std::unique_ptr<unsigned char, decltype(&std::free)> encoded(
      stbi_write_png_to_mem(image.pixels().data(), static_cast<int>(image.row_bytes()),
                            image.width(), image.height(), kChannels, &num_bytes),
      &std::free);
  if (encoded == nullptr) {
    return base::MakeError(absl::StatusCode::kResourceExhausted, base::Reason::kOutOfMemory,
                           "expected memory to write a PNG, found too little");
  }
  return std::vector<uint8_t>(encoded.get(), encoded.get() + num_bytes);
}

}  // namespace md2::image
