#include "core/image/tiles.h"

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/base/error.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/core/image/golden_file.h"
#include "tests/unit/core/image/test_image.h"

namespace md2::image {
namespace {

using ::testing::ElementsAre;
using testing::HasReason;
using ::testing::SizeIs;
using testing::StatusIs;

std::string Hex16(uint64_t digest) { return absl::StrCat(absl::Hex(digest, absl::kZeroPad16)); }

std::vector<int> Pair(const Size& size) { return {size.width, size.height}; }

// --- TargetSize.

// 0, 1, 2, 3 for 1 x 1, 1 x 2, 2 x 1 and 2 x 2 crops.
uint8_t Shape(int width, int height, int crop) {
  const Size size = TargetSize(width, height, crop);
  EXPECT_EQ(size.width % crop + size.height % crop, 0) << width << " x " << height;
  return static_cast<uint8_t>(2 * (size.width / crop - 1) + size.height / crop - 1);
}

std::vector<uint8_t> ShapesOfAll(int crop, int limit) {
  std::vector<uint8_t> shapes;
  for (int w = 1; w <= limit; ++w) {
    for (int h = 1; h <= limit; ++h) shapes.push_back(Shape(w, h, crop));
  }
  return shapes;
}

std::vector<uint8_t> ShapesAlongBorders(int crop, int limit) {
  std::vector<uint8_t> shapes;
  for (int m = 3; m <= limit; ++m) {
    shapes.push_back(Shape(m, m, crop));
    for (const int off : {0, 1, -1}) shapes.push_back(Shape(m, 4 * m / 3 + off, crop));
    for (const int off : {0, 1, -1}) shapes.push_back(Shape(3 * m / 2 + off, m, crop));
  }
  return shapes;
}

TEST(TargetSizeTest, EqualsTheSpecification) {
  const auto lines = ReadGoldenLines("target_size.txt");
  ASSERT_THAT(lines, SizeIs(110));
  for (const std::vector<std::string>& line : lines) {
    const int crop = std::stoi(line[1]), limit = std::stoi(line[2]);
    const auto shapes =
        line[0] == "all" ? ShapesOfAll(crop, limit) : ShapesAlongBorders(crop, limit);
    EXPECT_EQ(Hex16(Fnv1a(shapes)), line[3]) << absl::StrJoin(line, " ");
  }
}

TEST(TargetSizeTest, PublishedExamples) {
  EXPECT_THAT(Pair(TargetSize(511, 511, 378)), ElementsAre(378, 378));
  EXPECT_THAT(Pair(TargetSize(640, 480, 378)), ElementsAre(378, 378));
  EXPECT_THAT(Pair(TargetSize(800, 600, 378)), ElementsAre(756, 756));
  EXPECT_THAT(Pair(TargetSize(1200, 800, 378)), ElementsAre(756, 756));
  EXPECT_THAT(Pair(TargetSize(1201, 800, 378)), ElementsAre(756, 378));
  EXPECT_THAT(Pair(TargetSize(599, 800, 378)), ElementsAre(378, 756));
}

TEST(TargetSizeTest, HugeSidesDoNotOverflow) {
  constexpr int kHuge = 2'147'483'647;
  EXPECT_THAT(Pair(TargetSize(kHuge, 1, 378)), ElementsAre(756, 378));
  EXPECT_THAT(Pair(TargetSize(1, kHuge, 378)), ElementsAre(378, 756));
  EXPECT_THAT(Pair(TargetSize(kHuge, kHuge, 4096)), ElementsAre(8192, 8192));
}

// --- MakeCrops.

uint64_t DigestOf(const std::vector<float>& values) {  // as little-endian bytes
  return Fnv1a(absl::MakeConstSpan(reinterpret_cast<const uint8_t*>(values.data()),
                                   values.size() * sizeof(float)));
}

TEST(MakeCropsTest, EqualsTheSpecificationInEveryBit) {
  const auto lines = ReadGoldenLines("crops.txt");
  ASSERT_THAT(lines, SizeIs(104));
  for (const std::vector<std::string>& line : lines) {
    const Image image = NoiseImage(std::stoull(line[0]), std::stoi(line[1]), std::stoi(line[2]));
    const CropOptions options = {.crop = std::stoi(line[3]), .tiles = line[4] == "1"};
    MD2_ASSERT_OK_AND_ASSIGN(const Crops crops, MakeCrops(image, options));
    EXPECT_EQ(absl::StrCat(crops.rows, " ", crops.cols, " ", Hex16(DigestOf(crops.pixels))),
              absl::StrJoin(line.begin() + 5, line.end(), " "))
        << absl::StrJoin(line, " ");
    EXPECT_EQ(crops.count, 1 + crops.rows * crops.cols);
    EXPECT_EQ(crops.side, options.crop);
  }
}

TEST(MakeCropsTest, WholeViewIsTheMeanAndTilesGoRowByRow) {
  const Image image = GreyImage(2, {0, 255, 255, 255});
  MD2_ASSERT_OK_AND_ASSIGN(const Crops crops, MakeCrops(image, {.crop = 1}));
  EXPECT_EQ(crops.count, 5);
  EXPECT_THAT(crops.pixels, ElementsAre(.5, .5, .5, -1, -1, -1, 1, 1, 1, 1, 1, 1, 1, 1, 1));
}

TEST(MakeCropsTest, OneCropHasNoTiles) {
  const Image image = GreyImage(1, {255});
  MD2_ASSERT_OK_AND_ASSIGN(const Crops crops, MakeCrops(image, {.crop = 2}));
  EXPECT_EQ(crops.count, 1);
  EXPECT_EQ(crops.rows, 0);
  EXPECT_EQ(crops.cols, 0);
  EXPECT_THAT(crops.pixels, SizeIs(3 * 2 * 2));
}

TEST(MakeCropsTest, RefusesACropOutOfRange) {
  for (const int crop : {-1, 0, kMaxCrop + 1}) {
    const auto crops = MakeCrops(GreyImage(1, {0}), {.crop = crop});
    EXPECT_THAT(crops, HasReason(base::Reason::kModelConfigInvalid));
    EXPECT_THAT(crops,
                StatusIs(absl::StatusCode::kInvalidArgument,
                         absl::StrCat("crop: expected 1 to 4096 pixels a side, found ", crop)));
  }
}

}  // namespace
}  // namespace md2::image
