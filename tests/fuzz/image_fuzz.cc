// Any bytes as a picture: refused, or a picture that can be turned, resized and cut.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "core/image/decode.h"
#include "core/image/png.h"
#include "core/image/resize.h"
#include "core/image/tiles.h"
#include "tests/unit/core/image/build_png.h"

namespace {

namespace image = md2::image;

constexpr image::DecodeOptions kSmall = {.max_pixels = 1 << 16, .max_side = 2048};

void Require(bool condition) {
  if (!condition) std::abort();
}

absl::Span<const uint8_t> AsBytes(absl::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

void Use(const image::Image& picture, absl::Span<const uint8_t> file) {
  const auto header = image::ReadImageHeader(file, kSmall);
  Require(header.ok() && header->width == picture.width() && header->height == picture.height());

  image::DecodeOptions upright_options = kSmall;
  upright_options.apply_exif_orientation = true;
  const auto upright = image::DecodeImage(file, upright_options);
  Require(upright.ok() && upright->pixels().size() == picture.pixels().size());

  const image::Image resized = image::ResizeBicubic(picture, 5, 9);
  Require(resized.width() == 5 && resized.height() == 9);
  Require(image::MakeCrops(picture, {.crop = 14}).ok());
}

// A PNG with the checksums that its chunks should have, so that changed bytes get past them.
std::string WithChecksums(absl::string_view file) {
  constexpr size_t kFrame = 12;
  std::string result = image::kPngSignature;
  size_t at = result.size();
  while (file.size() - at >= kFrame) {
    const absl::Span<const uint8_t> length = AsBytes(file.substr(at, 4));
    const size_t size = size_t{length[0]} << 24 | length[1] << 16 | length[2] << 8 | length[3];
    if (size > file.size() - at - kFrame) break;
    absl::StrAppend(&result, image::PngChunk(file.substr(at + 4, 4), file.substr(at + 8, size)));
    at += kFrame + size;
  }
  return absl::StrCat(result, file.substr(at));
}

}  // namespace

extern "C" size_t LLVMFuzzerMutate(uint8_t* data, size_t size, size_t max_size);

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t max_size,
                                          unsigned int seed) {
  size = LLVMFuzzerMutate(data, size, max_size);
  const bool leaves_damage = seed % 16 == 0;
  if (leaves_damage || !image::HasPngSignature({data, size})) return size;
  const std::string mended =
      WithChecksums(absl::string_view(reinterpret_cast<const char*>(data), size));
  std::memcpy(data, mended.data(), mended.size());
  return mended.size();
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::Span<const uint8_t> file(data, size);
  const auto picture = image::DecodeImage(file, kSmall);
  if (picture.ok()) Use(*picture, file);
  return 0;
}
