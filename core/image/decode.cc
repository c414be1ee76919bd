#include "core/image/decode.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "core/base/error.h"
#include "core/base/quoted.h"
#include "core/base/status_macros.h"
#include "core/image/exif.h"
#include "core/image/image_error.h"
#include "core/image/jpeg_check.h"
#include "core/image/jpeg_header.h"
#include "core/image/png.h"
#include "core/image/png_pixels.h"

#define STB_IMAGE_IMPLEMENTATION
#define STB_IMAGE_STATIC
#define STBI_ONLY_JPEG
#define STBI_ONLY_PNG
#define STBI_NO_STDIO
#define STBI_NO_LINEAR
#define STBI_NO_HDR
#define STBI_ASSERT(condition) ((void)0)
#include "stb_image.h"

namespace md2::image {
namespace {

using Bytes = absl::Span<const uint8_t>;

absl::Status OutOfMemory(absl::string_view for_what) {
  return base::MakeError(absl::StatusCode::kResourceExhausted, base::Reason::kOutOfMemory,
                         absl::StrCat("expected memory for ", for_what,
                                      ", found too little: decode fewer at a time or allow less"));
}

absl::Status OutOfMemory(int64_t width, int64_t height) {
  return OutOfMemory(absl::StrCat("a picture of ", width, " x ", height, " pixels"));
}

absl::Status CheckBytes(uint64_t num_bytes, const DecodeOptions& options) {
  const uint64_t limit = std::min(options.max_bytes, kMaxImageBytes);
  if (num_bytes <= limit) return absl::OkStatus();
  return ImageTooLarge(
      absl::StrCat("expected a file of at most ", limit, " bytes, found ", num_bytes));
}

absl::Status CheckSize(int64_t width, int64_t height, const DecodeOptions& options) {
  const int64_t max_pixels = std::min(options.max_pixels, kMaxImagePixels);
  if (width > options.max_side || height > options.max_side) {
    return ImageTooLarge(absl::StrCat("expected at most ", options.max_side,
                                      " pixels a side, found ", width, " x ", height));
  }
  if (width * height > max_pixels) {
    return ImageTooLarge(
        absl::StrCat("expected at most ", max_pixels, " pixels, found ", width, " x ", height));
  }
  return absl::OkStatus();
}

std::string NameOf(const std::string& path) { return absl::StrCat("image ", base::Quoted(path)); }

absl::Status NeitherFormat(Bytes bytes) {
  constexpr size_t kShown = 8;
  const Bytes start = bytes.subspan(0, std::min(bytes.size(), kShown));
  const absl::string_view text(reinterpret_cast<const char*>(start.data()), start.size());
  return ImageUnsupported(
      absl::StrCat("expected a JPEG or PNG file, found one that begins with the bytes ",
                   absl::BytesToHexString(text)));
}

// --- PNG: our own container and pixels, stb_image's zlib between.

absl::StatusOr<Image> DecodePng(Bytes bytes, const DecodeOptions& options) {
  MD2_ASSIGN_OR_RETURN(const PngFile file, ReadPngFile(bytes));
  const int64_t expected = PngStreamBytes(file.header);
  std::vector<uint8_t> stream(static_cast<size_t>(expected));
  const int found = stbi_zlib_decode_buffer(
      reinterpret_cast<char*>(stream.data()), static_cast<int>(stream.size()),
      reinterpret_cast<const char*>(file.packed.data()), static_cast<int>(file.packed.size()));
  if (found < 0 && absl::string_view(stbi_failure_reason()) == "output buffer limit") {
    return ImageInvalid(absl::StrCat("PNG is corrupt: expected ", expected,
                                     " bytes of pixels as its header says, found more"));
  }
  if (found < 0) {
    return ImageInvalid("PNG is corrupt: expected a zlib stream of pixels, found a damaged one");
  }
  if (found != expected) {
    return ImageInvalid(absl::StrCat("PNG is corrupt: expected ", expected,
                                     " bytes of pixels as its header says, found ", found));
  }
  MD2_ASSIGN_OR_RETURN(Image image, PngPixels(file, absl::MakeSpan(stream)));
  if (!options.apply_exif_orientation) return image;
  return ApplyOrientation(image, ReadOrientation(file.exif));
}

// --- JPEG: our own checks, then stb_image.

// A file of four components that does not say what they are holds CMYK; stb_image has to be told.
std::vector<uint8_t> WithAdobeSegment(Bytes bytes) {
  constexpr uint8_t kSegment[] = {0xff, kJpegApp14, 0,   14, 'A', 'd', 'o', 'b',
                                  'e',  0,          100, 0,  0,   0,   0,   0};
  std::vector<uint8_t> result(bytes.begin(), bytes.begin() + 2);
  result.insert(result.end(), std::begin(kSegment), std::end(kSegment));
  result.insert(result.end(), bytes.begin() + 2, bytes.end());
  return result;
}

absl::StatusOr<Image> DecodeCheckedJpeg(Bytes bytes, const JpegHeader& header) {
  int width = 0, height = 0, channels = 0;
  const std::unique_ptr<stbi_uc, decltype(&stbi_image_free)> pixels(
      stbi_load_from_memory(bytes.data(), static_cast<int>(bytes.size()), &width, &height,
                            &channels, kChannels),
      &stbi_image_free);
  if (pixels == nullptr) {
    const absl::string_view reason = stbi_failure_reason();
    if (reason == "outofmem") return OutOfMemory(header.width, header.height);
    return ImageInvalid(absl::StrCat("JPEG is corrupt: the decoder says: ", reason));
  }
  if (width != header.width || height != header.height) {
    return ImageInvalid(absl::StrCat("JPEG is corrupt: expected ", header.width, " x ",
                                     header.height, " pixels, decoded ", width, " x ", height));
  }
  Image image(width, height);
  std::memcpy(image.mutable_row(0), pixels.get(), image.pixels().size());
  return image;
}

absl::StatusOr<Image> DecodeJpeg(Bytes bytes, const DecodeOptions& options) {
  MD2_ASSIGN_OR_RETURN(const JpegHeader header, ReadJpegHeader(bytes));
  MD2_RETURN_IF_ERROR(CheckJpegScans(bytes, header));
  const bool names_no_colours = header.num_components == 4 && header.adobe_transform == -1;
  MD2_ASSIGN_OR_RETURN(Image image, names_no_colours
                                        ? DecodeCheckedJpeg(WithAdobeSegment(bytes), header)
                                        : DecodeCheckedJpeg(bytes, header));
  if (!options.apply_exif_orientation) return image;
  return ApplyOrientation(image, ReadOrientation(header.exif));
}

}  // namespace

absl::StatusOr<ImageHeader> ReadImageHeader(Bytes bytes, const DecodeOptions& options) {
  if (bytes.empty()) return ImageInvalid("expected a JPEG or PNG file, found 0 bytes");
  MD2_RETURN_IF_ERROR(CheckBytes(bytes.size(), options));
  if (HasPngSignature(bytes)) {
    MD2_ASSIGN_OR_RETURN(const PngHeader png, ReadPngHeader(bytes));
    MD2_RETURN_IF_ERROR(CheckSize(png.width, png.height, options));
    return ImageHeader{ImageFormat::kPng, static_cast<int>(png.width), static_cast<int>(png.height),
                       png.channels(), png.bit_depth};
  }
  if (HasJpegSignature(bytes)) {
    MD2_ASSIGN_OR_RETURN(const JpegHeader jpeg, ReadJpegHeader(bytes));
    MD2_RETURN_IF_ERROR(CheckSize(jpeg.width, jpeg.height, options));
    return ImageHeader{ImageFormat::kJpeg, jpeg.width, jpeg.height, jpeg.num_components, 8};
  }
  return NeitherFormat(bytes);
}

absl::StatusOr<Image> DecodeImage(Bytes bytes, const DecodeOptions& options) {
  MD2_ASSIGN_OR_RETURN(const ImageHeader header, ReadImageHeader(bytes, options));
  try {
    return header.format == ImageFormat::kPng ? DecodePng(bytes, options)
                                              : DecodeJpeg(bytes, options);
  } catch (const std::bad_alloc&) {
    return OutOfMemory(header.width, header.height);
  }
}

absl::StatusOr<std::vector<uint8_t>> ReadImageFile(base::FileEnv& env, const std::string& path,
                                                   const DecodeOptions& options) {
  MD2_ASSIGN_OR_RETURN(const std::unique_ptr<base::ReadableFile> file, env.OpenForRead(path));
  const uint64_t num_bytes = file->size_bytes();
  if (const absl::Status fits = CheckBytes(num_bytes, options); !fits.ok()) {
    return base::WithContext(fits, NameOf(path));
  }
  try {
    std::vector<uint8_t> bytes(static_cast<size_t>(num_bytes));
    MD2_RETURN_IF_ERROR(file->ReadAt(0, absl::MakeSpan(bytes)));
    return bytes;
  } catch (const std::bad_alloc&) {
    return base::WithContext(OutOfMemory(absl::StrCat("a file of ", num_bytes, " bytes")),
                             NameOf(path));
  }
}

absl::StatusOr<Image> DecodeImageFile(base::FileEnv& env, const std::string& path,
                                      const DecodeOptions& options) {
  MD2_ASSIGN_OR_RETURN(const std::vector<uint8_t> bytes, ReadImageFile(env, path, options));
  absl::StatusOr<Image> image = DecodeImage(bytes, options);
  return image.ok() ? std::move(image) : base::WithContext(image.status(), NameOf(path));
}

}  // namespace md2::image
