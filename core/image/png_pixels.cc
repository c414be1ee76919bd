#include "core/image/png_pixels.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "core/base/status_macros.h"
#include "core/image/image_error.h"

namespace md2::image {
namespace {

// Pixels (left + i * right_step, top + j * down_step) of the image, as an image of its own.
struct Pass {
  int left, top, right_step, down_step;
};

constexpr std::array<Pass, 1> kWhole = {{{0, 0, 1, 1}}};
constexpr std::array<Pass, 7> kAdam7 = {{{0, 0, 8, 8},
                                         {4, 0, 8, 8},
                                         {0, 4, 4, 8},
                                         {2, 0, 4, 4},
                                         {0, 2, 2, 4},
                                         {1, 0, 2, 2},
                                         {0, 1, 1, 2}}};

absl::Span<const Pass> PassesOf(const PngHeader& header) {
  return header.interlaced ? absl::MakeConstSpan(kAdam7) : absl::MakeConstSpan(kWhole);
}

int64_t PassWidth(const PngHeader& header, const Pass& pass) {
  return (header.width - pass.left + pass.right_step - 1) / pass.right_step;
}

int64_t PassHeight(const PngHeader& header, const Pass& pass) {
  return (header.height - pass.top + pass.down_step - 1) / pass.down_step;
}

int64_t RowBytes(const PngHeader& header, int64_t width) {
  return (width * header.bits_per_pixel() + 7) / 8;
}

// --- Filters.

uint8_t Paeth(int left, int up, int corner) {
  const int to_left = std::abs(up - corner);
  const int to_up = std::abs(left - corner);
  const int to_corner = std::abs(left + up - 2 * corner);
  if (to_left <= to_up && to_left <= to_corner) return static_cast<uint8_t>(left);
  return static_cast<uint8_t>(to_up <= to_corner ? up : corner);
}

// `row` from its differences; `above` is the row before it, of zeros for the first. A pixel's
// neighbour to the left is `step` bytes before it.
bool UndoFilter(int filter, uint8_t* row, const uint8_t* above, size_t size, size_t step) {
  const auto add = [row](size_t i, int value) { row[i] = static_cast<uint8_t>(row[i] + value); };
  const size_t head = std::min(step, size);  // has no neighbour to the left
  switch (filter) {
    case 0:
      return true;
    case 1:
      for (size_t i = step; i < size; ++i) add(i, row[i - step]);
      return true;
    case 2:
      for (size_t i = 0; i < size; ++i) add(i, above[i]);
      return true;
    case 3:
      for (size_t i = 0; i < head; ++i) add(i, above[i] / 2);
      for (size_t i = step; i < size; ++i) add(i, (row[i - step] + above[i]) / 2);
      return true;
    case 4:
      for (size_t i = 0; i < head; ++i) add(i, above[i]);
      for (size_t i = step; i < size; ++i) {
        add(i, Paeth(row[i - step], above[i], above[i - step]));
      }
      return true;
    default:
      return false;
  }
}

// --- Colours.

// The sample number x of a row whose samples have 1, 2, 4 or 8 bits.
int SampleAt(const uint8_t* row, int x, int depth) {
  if (depth == 8) return row[x];
  const int bit = x * depth;
  return row[bit / 8] >> (8 - depth - bit % 8) & ((1 << depth) - 1);
}

void PaletteRow(const PngFile& file, const uint8_t* row, int width, uint8_t* rgb) {
  for (int x = 0; x < width; ++x, rgb += kChannels) {
    const int index = SampleAt(row, x, file.header.bit_depth);
    std::memcpy(rgb, file.palette.data() + kChannels * index, kChannels);
  }
}

void GreyRow(const uint8_t* row, int depth, int width, uint8_t* rgb) {
  const int scale = depth == 16 ? 1 : 255 / ((1 << depth) - 1);
  for (int x = 0; x < width; ++x, rgb += kChannels) {
    const int level =
        depth == 16 ? (row[2 * x] != 0 ? 255 : row[2 * x + 1]) : SampleAt(row, x, depth) * scale;
    std::memset(rgb, level, kChannels);
  }
}

// The upper bytes of the colour samples of a row; alpha, the last sample, is left out.
void DeepRow(const PngHeader& header, const uint8_t* row, int width, uint8_t* rgb) {
  const int sample_bytes = header.bit_depth / 8;
  const int pixel_bytes = sample_bytes * header.channels();
  const int step = header.colour == PngColour::kGreyAlpha ? 0 : sample_bytes;
  for (int x = 0; x < width; ++x, row += pixel_bytes, rgb += kChannels) {
    for (int c = 0; c < kChannels; ++c) rgb[c] = row[c * step];
  }
}

void ToRgb(const PngFile& file, const uint8_t* row, int width, uint8_t* rgb) {
  switch (file.header.colour) {
    case PngColour::kPalette:
      return PaletteRow(file, row, width, rgb);
    case PngColour::kGrey:
      return GreyRow(row, file.header.bit_depth, width, rgb);
    case PngColour::kRgb:
    case PngColour::kGreyAlpha:
    case PngColour::kRgba:
      return DeepRow(file.header, row, width, rgb);
  }
}

// `rgb` into every right_step-th pixel of a row of the image.
void Spread(const std::vector<uint8_t>& rgb, const Pass& pass, uint8_t* out) {
  out += kChannels * pass.left;
  for (size_t i = 0; i < rgb.size(); i += kChannels, out += kChannels * pass.right_step) {
    std::memcpy(out, rgb.data() + i, kChannels);
  }
}

// Reads one pass from the start of `stream` and moves it on.
absl::Status ReadPass(const PngFile& file, const Pass& pass, absl::Span<uint8_t>& stream,
                      Image& image) {
  const int width = static_cast<int>(PassWidth(file.header, pass));
  if (width == 0) return absl::OkStatus();
  const auto row_bytes = static_cast<size_t>(RowBytes(file.header, width));
  const auto step = static_cast<size_t>(std::max(1, file.header.bits_per_pixel() / 8));
  const std::vector<uint8_t> zeros(row_bytes);
  std::vector<uint8_t> rgb(size_t{kChannels} * width);
  const uint8_t* above = zeros.data();
  for (int y = pass.top; y < image.height(); y += pass.down_step) {
    uint8_t* row = stream.data() + 1;
    if (!UndoFilter(stream[0], row, above, row_bytes, step)) {
      return ImageInvalid(absl::StrCat("PNG is corrupt: expected filter 0 to 4 in row ", y,
                                       ", found ", int{stream[0]}));
    }
    if (pass.right_step == 1) {
      ToRgb(file, row, width, image.mutable_row(y));
    } else {
      ToRgb(file, row, width, rgb.data());
      Spread(rgb, pass, image.mutable_row(y));
    }
    above = row;
    stream.remove_prefix(1 + row_bytes);
  }
  return absl::OkStatus();
}

}  // namespace

int64_t PngStreamBytes(const PngHeader& header) {
  int64_t bytes = 0;
  for (const Pass& pass : PassesOf(header)) {
    const int64_t width = PassWidth(header, pass);
    if (width > 0) bytes += PassHeight(header, pass) * (1 + RowBytes(header, width));
  }
  return bytes;
}

absl::StatusOr<Image> PngPixels(const PngFile& file, absl::Span<uint8_t> stream) {
  Image image(static_cast<int>(file.header.width), static_cast<int>(file.header.height));
  for (const Pass& pass : PassesOf(file.header)) {
    MD2_RETURN_IF_ERROR(ReadPass(file, pass, stream, image));
  }
  return image;
}

}  // namespace md2::image
