#include "core/data/datagen/outline.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace md2::datagen {
namespace {

Outline Square() { return Polygon({{0, 0}, {10, 0}, {10, 10}, {0, 10}}); }

void ExpectBox(const Outline& outline, const Box& box) {
  const Box found = BoxOf(outline);
  EXPECT_NEAR(found.low.x, box.low.x, 1e-9);
  EXPECT_NEAR(found.low.y, box.low.y, 1e-9);
  EXPECT_NEAR(found.high.x, box.high.x, 1e-9);
  EXPECT_NEAR(found.high.y, box.high.y, 1e-9);
}

TEST(OutlineTest, NothingHasAnEmptyBox) { ExpectBox({}, {{0, 0}, {0, 0}}); }

TEST(OutlineTest, APolygonIsClosed) {
  const Outline square = Square();
  ASSERT_EQ(square.contours.size(), 1U);
  EXPECT_EQ(square.contours[0].curves.size(), 4U);
  EXPECT_EQ(square.contours[0].curves.back().end.y, 0);
  ExpectBox(square, {{0, 0}, {10, 10}});
}

TEST(OutlineTest, TurningIsClockwiseAboutTheOrigin) {
  Outline outline = Polygon({{1, 0}, {10, 0}, {10, 2}, {1, 2}});
  TurnBy(90, outline);
  ExpectBox(outline, {{-2, 1}, {0, 10}});
}

TEST(OutlineTest, ScalingAndMovingChangeTheBoxAlike) {
  Outline outline = Square();
  ScaleBy(2, 0.5, outline);
  MoveBy({3, -1}, outline);
  ExpectBox(outline, {{3, -1}, {23, 4}});
}

TEST(OutlineTest, WarpingMovesEachCornerByItsOffset) {
  Outline outline = Square();
  WarpCorners({{{1, 2}, {3, 4}, {5, 6}, {7, 8}}}, outline);
  const Contour& contour = outline.contours[0];
  EXPECT_EQ(contour.start.x, 1);
  EXPECT_EQ(contour.curves[0].end.x, 13);
  EXPECT_EQ(contour.curves[1].end.y, 16);
  EXPECT_EQ(contour.curves[2].end.x, 7);
  EXPECT_EQ(contour.curves[0].control.y, 3);  // half way between the corners of its side
}

TEST(OutlineTest, AStrokeIsAsWideAsAsked) {
  ExpectBox(Stroke({0, 5}, {8, 5}, 3), {{0, 3.5}, {8, 6.5}});
}

TEST(OutlineTest, AnArcFollowsItsEllipse) {
  const Outline half = Arc({{0, 0}, {20, 10}}, 0, 180, 2);
  ExpectBox(half, {{-1, 5}, {21, 11}});
}

}  // namespace
}  // namespace md2::datagen
