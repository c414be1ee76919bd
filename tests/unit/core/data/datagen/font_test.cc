#include "core/data/datagen/font.h"

#include <numeric>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/core/data/datagen/real_fonts.h"

namespace md2::datagen {
namespace {

using ::testing::AllOf;
using ::testing::Gt;
using ::testing::Lt;

int SumOf(const Coverage& coverage) {
  return std::accumulate(coverage.levels.begin(), coverage.levels.end(), 0);
}

TEST(FontTest, WhatIsNoFontIsNull) {
  EXPECT_EQ(Font::FromBytes(""), nullptr);
  EXPECT_EQ(Font::FromBytes("short"), nullptr);
  EXPECT_EQ(Font::FromBytes(std::string(1000, 'x')), nullptr);
}

TEST(FontTest, DigitsStandOnTheLineAndGrowWithTheEm) {
  for (const auto& font : RealFonts()) {
    for (char digit = '0'; digit <= '9'; ++digit) {
      const Box box = BoxOf(font->Glyph(digit, 100));
      EXPECT_NEAR(box.high.y, 0, 3) << digit;
      EXPECT_THAT(box.height(), AllOf(Gt(60), Lt(80))) << digit;
      EXPECT_GT(font->Advance(digit, 100), box.width()) << digit;
      EXPECT_NEAR(BoxOf(font->Glyph(digit, 50)).height(), box.height() / 2, 1e-9) << digit;
    }
  }
}

TEST(FontTest, ASpaceHasNoShape) {
  EXPECT_TRUE(RealFonts().front()->Glyph(' ', 20).contours.empty());
}

TEST(RasterizeTest, APixelIsCoveredInProportion) {
  const Coverage coverage = Rasterize(Polygon({{0, 0}, {2.5, 0}, {2.5, 1}, {0, 1}}));
  EXPECT_EQ(coverage.left, 0);
  EXPECT_EQ(coverage.levels[0], 255);
  EXPECT_EQ(coverage.levels[1], 255);
  EXPECT_NEAR(coverage.levels[2], 128, 1);
}

TEST(RasterizeTest, WhereAShapeLiesChangesNothingElse) {
  Outline outline = Arc({{0, 0}, {30, 20}}, 10, 200, 3);
  const Coverage here = Rasterize(outline);
  MoveBy({-100, 57}, outline);
  const Coverage there = Rasterize(outline);
  EXPECT_EQ(there.left, here.left - 100);
  EXPECT_EQ(there.top, here.top + 57);
  EXPECT_EQ(there.levels, here.levels);
}

TEST(RasterizeTest, TheLargestShapeHasNoHoles) {
  const Coverage coverage = Rasterize(Polygon({{0, 0}, {1000, 0}, {1000, 1000}, {0, 1000}}));
  int full = 0;
  for (const uint8_t level : coverage.levels) full += static_cast<int>(level == 255);
  EXPECT_EQ(full, 1'000'000);
}

TEST(RasterizeTest, NothingCoversNothing) { EXPECT_EQ(SumOf(Rasterize({})), 0); }

}  // namespace
}  // namespace md2::datagen
