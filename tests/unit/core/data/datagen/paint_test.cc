#include "core/data/datagen/paint.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace md2::datagen {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;

constexpr Colour kWhite = {255, 255, 255};
constexpr Colour kRed = {200, 0, 10};

image::Image White(int width, int height) {
  image::Image picture(width, height);
  FillImage(kWhite, picture);
  return picture;
}

std::array<int, 3> At(const image::Image& picture, int x, int y) {
  const uint8_t* pixel = picture.row(y) + 3 * x;
  return {pixel[0], pixel[1], pixel[2]};
}

TEST(PaintTest, FillingGivesEachChannelItsLevel) {
  image::Image picture(4, 3);
  FillImage(kRed, picture);
  EXPECT_THAT(At(picture, 3, 2), ElementsAre(200, 0, 10));
}

TEST(PaintTest, EdgesAreBlendedAndTheRestStays) {
  image::Image picture = White(4, 2);
  Paint(Polygon({{1, 0}, {2.5, 0}, {2.5, 1}, {1, 1}}), kRed, picture);
  EXPECT_THAT(At(picture, 0, 0), ElementsAre(255, 255, 255));
  EXPECT_THAT(At(picture, 1, 0), ElementsAre(200, 0, 10));
  EXPECT_NEAR(At(picture, 2, 0)[1], 127, 1);
  EXPECT_THAT(At(picture, 1, 1), ElementsAre(255, 255, 255));
}

TEST(PaintTest, WhatLiesOutsideIsLeftOut) {
  image::Image picture = White(4, 4);
  Paint(Polygon({{-10, -10}, {20, -10}, {20, 20}, {-10, 20}}), kRed, picture);
  EXPECT_THAT(At(picture, 0, 0), ElementsAre(200, 0, 10));
  EXPECT_THAT(At(picture, 3, 3), ElementsAre(200, 0, 10));
  image::Image untouched = White(4, 4);
  Paint(Polygon({{40, 40}, {50, 40}, {50, 50}}), kRed, untouched);
  Paint(Polygon({{-40, 0}, {-30, 0}, {-30, 4}}), kRed, untouched);
  EXPECT_THAT(untouched.pixels(), Each(255));
}

TEST(PaintTest, SmoothingSharesAPixelWithItsNeighboursButNotAtTheEdge) {
  image::Image picture(5, 5);
  picture.mutable_row(2)[6] = 130;
  picture.mutable_row(0)[0] = 130;
  const image::Image smoothed = Smooth(picture);
  EXPECT_EQ(At(smoothed, 2, 2)[0], 50);
  EXPECT_EQ(At(smoothed, 3, 3)[0], 10);
  EXPECT_EQ(At(smoothed, 1, 1)[0], 20);
  EXPECT_EQ(At(smoothed, 0, 0)[0], 130);
  EXPECT_EQ(At(smoothed, 2, 2)[1], 0);
}

TEST(PaintTest, SmoothingLeavesTheSmallestPicturesAlone) {
  EXPECT_THAT(Smooth(White(1, 1)).pixels(), Each(255));
  EXPECT_THAT(Smooth(White(2, 2)).pixels(), Each(255));
}

}  // namespace
}  // namespace md2::datagen
