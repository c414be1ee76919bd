#include "core/train/estimate.h"

#include "gtest/gtest.h"

namespace md2::train {
namespace {

// By the formula in Python's doubles, with z = 1.959964.
TEST(WilsonEstimateTest, EqualsTheFormula) {
  const Estimate estimate = WilsonEstimate(8, 10);
  EXPECT_EQ(estimate.value, 0.8);
  EXPECT_EQ(estimate.n, 10);
  EXPECT_NEAR(estimate.low, 0.4901624691221323, 1e-12);
  EXPECT_NEAR(estimate.high, 0.9433178490622331, 1e-12);
}

TEST(WilsonEstimateTest, AHalfIsInTheMiddle) {
  const Estimate estimate = WilsonEstimate(100, 200);
  EXPECT_NEAR(estimate.low, 0.43136085907267824, 1e-12);
  EXPECT_NEAR(estimate.high, 0.5686391409273218, 1e-12);
}

TEST(WilsonEstimateTest, NoneAndAllRightHaveOneOpenEnd) {
  const Estimate none = WilsonEstimate(0, 10);
  EXPECT_EQ(none.low, 0);
  EXPECT_NEAR(none.high, 0.2775328030260577, 1e-12);
  const Estimate all = WilsonEstimate(10, 10);
  EXPECT_NEAR(all.low, 0.7224671969739421, 1e-12);
  EXPECT_EQ(all.high, 1);
}

TEST(WilsonEstimateTest, PartialScoresUseTheirMean) {
  const Estimate estimate = WilsonEstimate(2.5, 4);
  EXPECT_EQ(estimate.value, 0.625);
  EXPECT_NEAR(estimate.low, 0.2194265181432527, 1e-12);
  EXPECT_NEAR(estimate.high, 0.9081007717575169, 1e-12);
}

TEST(WilsonEstimateTest, WithoutRowsNothingIsKnown) {
  const Estimate estimate = WilsonEstimate(0, 0);
  EXPECT_EQ(estimate.n, 0);
  EXPECT_EQ(estimate.low, 0);
  EXPECT_EQ(estimate.high, 1);
}

TEST(WilsonEstimateTest, ASumRoundedAboveTheRowsIsAllOfThem) {
  EXPECT_EQ(WilsonEstimate(3.0000000000000004, 3).value, 1);
}

}  // namespace
}  // namespace md2::train
