#include "core/image/png_pixels.h"

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/base/error.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/core/image/test_image.h"

namespace md2::image {
namespace {

using ::testing::ElementsAre;
using testing::StatusIs;

PngFile Grey(int width, int height) {
  PngFile file;
  file.header.width = width;
  file.header.height = height;
  file.header.bit_depth = 8;
  return file;
}

absl::StatusOr<Image> Pixels(const PngFile& file, std::vector<uint8_t> stream) {
  EXPECT_EQ(PngStreamBytes(file.header), static_cast<int64_t>(stream.size()));
  return PngPixels(file, absl::MakeSpan(stream));
}

TEST(PngStreamBytesTest, CountsEachRowOfEachPass) {
  PngHeader header = {.width = 9, .height = 5, .bit_depth = 1};
  EXPECT_EQ(PngStreamBytes(header), 5 * (1 + 2));
  header.interlaced = true;  // passes 2x1 1x1 3x1 2x2 5x1 4x3 9x2
  EXPECT_EQ(PngStreamBytes(header), 2 + 2 + 2 + 2 * 2 + 2 + 3 * 2 + 2 * 3);
  header = {.width = 1, .height = 1, .bit_depth = 16, .colour = PngColour::kRgba};
  EXPECT_EQ(PngStreamBytes(header), 1 + 8);
}

TEST(PngStreamBytesTest, HugeSidesDoNotOverflow) {
  PngHeader header = {.width = 0x7fffffff, .height = 0x7fffffff, .bit_depth = 8};
  EXPECT_EQ(PngStreamBytes(header), int64_t{0x7fffffff} * 0x80000000);
}

TEST(PngPixelsTest, UndoesEachFilterWithinItsRowAndAbove) {
  MD2_ASSERT_OK_AND_ASSIGN(const Image image,
                           Pixels(Grey(3, 5), {0, 10, 20, 30,    // as they are
                                               1, 1,  1,  254,   // left: 1 2 0
                                               2, 1,  1,  255,   // above: 2 3 255
                                               3, 1,  1,  0,     // mean: 2 3 129
                                               4, 1,  1,  1}));  // Paeth: 3 4 130
  EXPECT_THAT(RedLevels(image), ElementsAre(10, 20, 30, 1, 2, 0, 2, 3, 255, 2, 3, 129, 3, 4, 130));
}

TEST(PngPixelsTest, AboveTheFirstRowLieZeros) {
  for (const uint8_t filter : std::vector<uint8_t>{2, 3, 4}) {
    MD2_ASSERT_OK_AND_ASSIGN(const Image image, Pixels(Grey(2, 1), {filter, 8, 8}));
    EXPECT_THAT(RedLevels(image), ElementsAre(8, filter == 2 ? 8 : filter == 3 ? 12 : 16));
  }
}

TEST(PngPixelsTest, RefusesAnUnknownFilter) {
  for (const uint8_t filter : std::vector<uint8_t>{5, 255}) {
    const auto image = Pixels(Grey(1, 2), {0, 7, filter, 7});
    EXPECT_THAT(image, testing::HasReason(base::Reason::kImageInvalid));
    EXPECT_THAT(
        image,
        StatusIs(absl::StatusCode::kInvalidArgument,
                 absl::StrCat("PNG is corrupt: expected filter 0 to 4 in row 1, found ", filter)));
  }
}

TEST(PngPixelsTest, AnIndexBeyondThePaletteIsBlack) {
  PngFile file = Grey(2, 1);
  file.header.colour = PngColour::kPalette;
  file.palette[0] = 9;
  MD2_ASSERT_OK_AND_ASSIGN(const Image image, Pixels(file, {0, 0, 255}));
  EXPECT_THAT(image.pixels(), ElementsAre(9, 0, 0, 0, 0, 0));
}

}  // namespace
}  // namespace md2::image
