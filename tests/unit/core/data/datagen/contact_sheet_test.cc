#include "core/data/datagen/contact_sheet.h"

#include <algorithm>

#include "gtest/gtest.h"
#include "tests/unit/core/data/datagen/real_fonts.h"

namespace md2::datagen {
namespace {

std::vector<CaptionedPicture> Black(int count, const std::string& caption) {
  return std::vector<CaptionedPicture>(count, {image::Image(100, 40), caption});
}

// Whether there is a pixel of black within the rectangle.
bool HasInk(const image::Image& sheet, int left, int top, int right, int bottom) {
  for (int y = top; y < bottom; ++y) {
    for (int x = left; x < right; ++x) {
      if (sheet.row(y)[3 * x] < 64) return true;
    }
  }
  return false;
}

TEST(ContactSheetTest, RowsAreFilledFromTheLeft) {
  const image::Image sheet = ContactSheet(Black(10, ""), *RealFonts().front());
  EXPECT_EQ(sheet.width(), 8 + 9 * 108);
  EXPECT_EQ(sheet.height(), 8 + 2 * 68);
  EXPECT_TRUE(HasInk(sheet, 8, 76, 108, 116));
  EXPECT_FALSE(HasInk(sheet, 116, 76, 216, 116));
}

TEST(ContactSheetTest, AnswersStandUnderTheirPictures) {
  const image::Image sheet = ContactSheet(Black(1, "8"), *RealFonts().front());
  EXPECT_TRUE(HasInk(sheet, 8, 48, 24, 68));
  EXPECT_FALSE(HasInk(sheet, 24, 48, 108, 68));
}

TEST(ContactSheetTest, ALongAnswerEndsWithItsPicture) {
  const image::Image sheet = ContactSheet(Black(1, std::string(100, '8')), *RealFonts().front());
  EXPECT_EQ(sheet.width(), 116);
  EXPECT_FALSE(HasInk(sheet, 108, 0, 116, sheet.height()));
}

}  // namespace
}  // namespace md2::datagen
