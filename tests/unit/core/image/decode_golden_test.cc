// Pixels against those of Pillow; tests/golden/image/make.py made the files.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/image/decode.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/core/image/golden_file.h"
#include "tests/unit/core/image/test_image.h"

namespace md2::image {
namespace {

using ::testing::SizeIs;

TEST(DecodeGoldenTest, PngPixelsEqualPillow) {
  const auto pictures = ReadGoldenPictures("png.jsonl");
  ASSERT_THAT(pictures, SizeIs(55));
  for (const GoldenPicture& golden : pictures) {
    MD2_ASSERT_OK_AND_ASSIGN(const Image image, DecodeImage(AsBytes(golden.file), {}));
    EXPECT_EQ(image.width(), golden.width) << golden.name;
    EXPECT_EQ(image.height(), golden.height) << golden.name;
    EXPECT_EQ(AsText(image.pixels()), golden.rgb) << golden.name;
  }
}

struct Difference {
  int max = 0;      // levels
  double mean = 0;  // over all samples
};

Difference Compare(const Image& image, const GoldenPicture& golden) {
  Difference difference;
  int64_t sum = 0;
  for (size_t i = 0; i < golden.rgb.size(); ++i) {
    const int apart = std::abs(image.pixels()[i] - AsBytes(golden.rgb)[i]);
    difference.max = std::max(difference.max, apart);
    sum += apart;
  }
  difference.mean = static_cast<double>(sum) / static_cast<double>(golden.rgb.size());
  return difference;
}

// What stb_image may be away from libjpeg-turbo. To see all values again, run this test with
// --gtest_output=json:FILE.
Difference BoundOf(const std::string& name) {
  // Where there are two colour samples a row, libjpeg-turbo repeats instead of interpolating.
  if (name == "420-3x20") return {.max = 11, .mean = 1.46};  // seen: 11, 1.4500
  const bool interpolates =
      absl::StartsWith(name, "420") || absl::StartsWith(name, "422") || name == "440";
  return interpolates ? Difference{.max = 3, .mean = 0.24}    // seen: 3, 0.2334
                      : Difference{.max = 2, .mean = 0.016};  // seen: 2, 0.0159
}

TEST(DecodeGoldenTest, JpegPixelsAreNearThoseOfLibjpegTurbo) {
  int num_decoded = 0;
  for (const GoldenPicture& golden : ReadGoldenPictures("jpeg.jsonl")) {
    if (golden.name == "arithmetic") continue;  // refused: see JpegHeaderTest
    MD2_ASSERT_OK_AND_ASSIGN(const Image image, DecodeImage(AsBytes(golden.file), {}));
    ASSERT_EQ(image.width(), golden.width) << golden.name;
    ASSERT_EQ(image.height(), golden.height) << golden.name;
    const Difference seen = Compare(image, golden);
    EXPECT_LE(seen.max, BoundOf(golden.name).max) << golden.name;
    EXPECT_LE(seen.mean, BoundOf(golden.name).mean) << golden.name;
    RecordProperty(golden.name, absl::StrCat("max ", seen.max, ", mean ", seen.mean));
    ++num_decoded;
  }
  EXPECT_EQ(num_decoded, 28);
}

TEST(DecodeGoldenTest, HeadersSayWhatTheFilesAre) {
  for (const char* const file : {"png.jsonl", "jpeg.jsonl"}) {
    for (const GoldenPicture& golden : ReadGoldenPictures(file)) {
      if (golden.name == "arithmetic") continue;
      MD2_ASSERT_OK_AND_ASSIGN(const ImageHeader header, ReadImageHeader(AsBytes(golden.file), {}));
      EXPECT_EQ(header.format, file[0] == 'p' ? ImageFormat::kPng : ImageFormat::kJpeg);
      EXPECT_EQ(header.width, golden.width) << golden.name;
      EXPECT_EQ(header.height, golden.height) << golden.name;
    }
  }
}

}  // namespace
}  // namespace md2::image
