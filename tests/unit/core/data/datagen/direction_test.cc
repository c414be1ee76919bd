#include "core/data/datagen/direction.h"

#include <cmath>

#include "gtest/gtest.h"

namespace md2::datagen {
namespace {

TEST(DirectionTest, IsThatOfTheCLibraryToTwelveDigits) {
  for (double degrees = -720; degrees <= 720; degrees += 0.37) {
    const double angle = degrees * std::acos(-1.0) / 180;
    EXPECT_NEAR(DirectionOf(degrees).cosine, std::cos(angle), 1e-12) << degrees;
    EXPECT_NEAR(DirectionOf(degrees).sine, std::sin(angle), 1e-12) << degrees;
  }
}

TEST(DirectionTest, RightAnglesAreExact) {
  EXPECT_EQ(DirectionOf(90).cosine, 0);
  EXPECT_EQ(DirectionOf(90).sine, 1);
  EXPECT_EQ(DirectionOf(-180).cosine, -1);
  EXPECT_EQ(DirectionOf(270).sine, -1);
}

}  // namespace
}  // namespace md2::datagen
