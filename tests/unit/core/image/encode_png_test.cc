#include "core/image/encode_png.h"

#include "core/image/decode.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/core/image/test_image.h"

namespace md2::image {
namespace {

TEST(EncodePngTest, DecodingGivesTheSamePicture) {
  for (const auto& [width, height] : {std::pair(1, 1), std::pair(3, 100), std::pair(200, 50)}) {
    const Image image = NoiseImage(1, width, height);
    MD2_ASSERT_OK_AND_ASSIGN(const std::vector<uint8_t> bytes, EncodePng(image));
    MD2_ASSERT_OK_AND_ASSIGN(const Image decoded, DecodeImage(bytes, {}));
    EXPECT_EQ(decoded.width(), width);
    EXPECT_EQ(decoded.height(), height);
    EXPECT_EQ(decoded.pixels(), image.pixels());
  }
}

TEST(EncodePngTest, OneColourTakesFewBytes) {
  MD2_ASSERT_OK_AND_ASSIGN(const std::vector<uint8_t> bytes, EncodePng(Image(400, 400)));
  EXPECT_LT(bytes.size(), 5000U);
}

}  // namespace
}  // namespace md2::image
