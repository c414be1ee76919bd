#include "core/data/datagen/captcha_family.h"

#include "gtest/gtest.h"

namespace md2::datagen {
namespace {

TEST(CaptchaFamilyTest, EachIsFoundByItsName) {
  for (const CaptchaFamily& family : kCaptchaFamilies) {
    EXPECT_EQ(FindFamily(family.name), &family);
  }
  EXPECT_EQ(FindFamily("K"), nullptr);
}

TEST(CaptchaFamilyTest, TheirOwnShapesAreWithinTheLimits) {
  for (const CaptchaFamily& family : kCaptchaFamilies) {
    EXPECT_GE(family.height, kMinCaptchaHeight) << family.name;
    EXPECT_LE(family.width, kMaxCaptchaWidth) << family.name;
    EXPECT_LE(family.max_digits, kMaxCaptchaDigits) << family.name;
  }
}

}  // namespace
}  // namespace md2::datagen
