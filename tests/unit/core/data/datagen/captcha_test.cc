#include "core/data/datagen/captcha.h"

#include <algorithm>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/core/data/datagen/real_fonts.h"

namespace md2::datagen {
namespace {

using ::testing::Ge;
using ::testing::MatchesRegex;

constexpr int kNumDrawn = 100;

class CaptchaTest : public ::testing::TestWithParam<CaptchaFamily> {
 protected:
  static Captcha Draw(const CaptchaShape& shape, uint64_t index) {
    return DrawCaptcha(GetParam(), shape, RealFonts(), SampleRandom(7, 0, index));
  }
  static Captcha Draw(uint64_t index) { return Draw(ShapeOf(GetParam()), index); }

  static void ExpectInside(const Captcha& captcha) {
    for (const Box& box : captcha.digits) {
      EXPECT_GE(box.low.x, 1);
      EXPECT_GE(box.low.y, 1);
      EXPECT_LE(box.high.x, captcha.picture.width() - 1 + 1e-9);
      EXPECT_LE(box.high.y, captcha.picture.height() - 1 + 1e-9);
    }
  }
};

TEST_P(CaptchaTest, TheSameNumbersGiveTheSamePicture) {
  const Captcha one = Draw(3);
  const Captcha two = Draw(3);
  EXPECT_EQ(one.answer, two.answer);
  EXPECT_EQ(one.picture.pixels(), two.picture.pixels());
  EXPECT_NE(Draw(4).picture.pixels(), one.picture.pixels());
}

TEST_P(CaptchaTest, EachDigitLiesWholeWithinThePictureAndIsLargeEnoughToRead) {
  for (uint64_t index = 0; index < kNumDrawn; ++index) {
    const Captcha captcha = Draw(index);
    ASSERT_EQ(captcha.digits.size(), captcha.answer.size());
    ExpectInside(captcha);
    for (const Box& box : captcha.digits) {
      EXPECT_GT(box.height(), 0.35 * captcha.picture.height()) << index;
      EXPECT_GT(box.width(), 0.1 * captcha.picture.height()) << index;
    }
  }
}

TEST_P(CaptchaTest, DigitsFollowEachOtherAndOverlapNoMoreThanAllowed) {
  for (uint64_t index = 0; index < kNumDrawn; ++index) {
    const std::vector<Box> digits = Draw(index).digits;
    double mean = 0;
    for (const Box& box : digits) mean += box.width() / static_cast<double>(digits.size());
    for (size_t i = 1; i < digits.size(); ++i) {
      EXPECT_GT(digits[i].low.x, digits[i - 1].low.x) << index;
      const double overlap = digits[i - 1].high.x - digits[i].low.x;
      EXPECT_LE(overlap, GetParam().max_overlap * mean + 1e-9) << index;
    }
  }
}

TEST_P(CaptchaTest, EveryDigitStandsOutFromItsGround) {
  for (uint64_t index = 0; index < kNumDrawn; ++index) {
    const Captcha captcha = Draw(index);
    for (const Box& box : captcha.digits) {
      int darkest = 255;
      for (int y = static_cast<int>(box.low.y); y < static_cast<int>(box.high.y); ++y) {
        for (int x = static_cast<int>(box.low.x); x < static_cast<int>(box.high.x); ++x) {
          const uint8_t* pixel = captcha.picture.row(y) + ptrdiff_t{3} * x;
          darkest = std::min({darkest, int{pixel[0]}, int{pixel[1]}, int{pixel[2]}});
        }
      }
      EXPECT_LE(darkest, GetParam().lightest_ink + 15) << index;
    }
  }
}

TEST_P(CaptchaTest, AnswersHaveAsManyDigitsAsAsked) {
  CaptchaShape shape = ShapeOf(GetParam());
  shape.min_digits = 2;
  shape.max_digits = 4;
  std::array<int, 5> counts{};
  for (uint64_t index = 0; index < kNumDrawn; ++index) {
    const std::string answer = Draw(shape, index).answer;
    EXPECT_THAT(answer, MatchesRegex("[0-9]+"));
    ++counts.at(answer.size());
  }
  EXPECT_EQ(counts[0] + counts[1], 0);
  EXPECT_THAT(*std::min_element(counts.begin() + 2, counts.end()), Ge(kNumDrawn / 5));
}

TEST_P(CaptchaTest, AnySizeHoldsItsDigits) {
  for (const auto& [width, height, digits] :
       {std::array{kMinCaptchaWidth, kMinCaptchaHeight, kMaxCaptchaDigits},
        std::array{kMaxCaptchaWidth, kMaxCaptchaHeight, kMaxCaptchaDigits},
        std::array{kMinCaptchaWidth, kMaxCaptchaHeight, 1},
        std::array{kMaxCaptchaWidth, kMinCaptchaHeight, 1}}) {
    for (uint64_t index = 0; index < 5; ++index) {
      const Captcha captcha = Draw({width, height, digits, digits}, index);
      EXPECT_EQ(captcha.picture.width(), width);
      EXPECT_EQ(captcha.picture.height(), height);
      ExpectInside(captcha);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Families, CaptchaTest, ::testing::ValuesIn(kCaptchaFamilies),
                         [](const auto& tested) { return std::string(tested.param.name); });

}  // namespace
}  // namespace md2::datagen
