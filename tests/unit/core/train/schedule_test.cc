#include "core/train/schedule.h"

#include <cmath>
#include <cstdint>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace md2::train {
namespace {

using ::testing::DoubleNear;
using ::testing::Pointwise;

// Far below the 1e-7 that runs are compared with.
constexpr double kBound = 1e-12;

std::vector<double> Factors(Schedule kind, double warmup_ratio, int64_t num_updates) {
  std::vector<double> factors;
  for (int64_t k = 0; k < num_updates; ++k) {
    factors.push_back(RateFactor({kind, warmup_ratio}, k, num_updates));
  }
  return factors;
}

MATCHER(IsClose, "") { return std::abs(std::get<0>(arg) - std::get<1>(arg)) <= kBound; }

// md2_reference.py, learning_rate(k, 11, 1.0).
TEST(ScheduleTest, CosineEqualsTheReference) {
  EXPECT_THAT(
      Factors(Schedule::kCosine, 0.1, 11),
      Pointwise(IsClose(), {0.1, 1.0, 0.9728616793536588, 0.8947199994035401, 0.7750000000000001,
                            0.6281416799501187, 0.4718583200498814, 0.32500000000000007,
                            0.20528000059645995, 0.12713832064634134, 0.1}));
}

// md2_reference.py, learning_rate(k, 7, 1.0, warmup=0.35).
TEST(ScheduleTest, CosineWithAnotherWarmUpEqualsTheReference) {
  EXPECT_THAT(Factors(Schedule::kCosine, 0.35, 7),
              Pointwise(IsClose(), {0.1, 0.5285714285714286, 0.9571428571428572, 0.8868298366769954,
                                    0.5681196730492368, 0.2382740409206803, 0.1}));
}

TEST(ScheduleTest, LinearFallsByEqualStepsToATenth) {
  EXPECT_THAT(Factors(Schedule::kLinear, 0.2, 6),
              Pointwise(IsClose(), {0.1, 1.0, 0.775, 0.55, 0.325, 0.1}));
}

TEST(ScheduleTest, ConstantWarmsUpAndStays) {
  EXPECT_THAT(Factors(Schedule::kConstant, 0.5, 5),
              Pointwise(IsClose(), {0.1, 0.55, 1.0, 1.0, 1.0}));
}

TEST(ScheduleTest, WithoutWarmUpTheFirstUpdateUsesTheHighestRate) {
  for (const Schedule kind : {Schedule::kCosine, Schedule::kLinear, Schedule::kConstant}) {
    EXPECT_EQ(RateFactor({kind, 0.0}, 0, 10), 1.0);
  }
}

// By hand: x = k / 10; 0.1 + 0.9 (1 + cos(pi (x - 0.1))) / 2.
TEST(ScheduleTest, MoondreamIsThePublishedFormula) {
  const std::vector<double> factors = Factors(Schedule::kMoondream, 0.1, 10);
  EXPECT_THAT(factors[0], DoubleNear(0.1, kBound));
  EXPECT_THAT(factors[1], DoubleNear(1.0, kBound));
  EXPECT_THAT(factors[6], DoubleNear(0.55, kBound));  // cos(pi / 2) = 0
  EXPECT_THAT(factors[9], DoubleNear(0.55 + 0.45 * std::cos(0.8 * 3.14159265358979323846), kBound));
}

TEST(ScheduleTest, MoondreamHasItsOwnWarmUp) {
  EXPECT_EQ(Factors(Schedule::kMoondream, 0.5, 20), Factors(Schedule::kMoondream, 0.1, 20));
}

TEST(ScheduleTest, MoondreamEndsNear0122) {
  EXPECT_NEAR(RateFactor({Schedule::kMoondream, 0.1}, 999'999, 1'000'000), 0.122, 5e-4);
}

TEST(ScheduleTest, TheOnlyUpdateIsTheFirst) {
  EXPECT_EQ(RateFactor({Schedule::kCosine, 0.1}, 0, 1), 0.1);
  EXPECT_EQ(RateFactor({Schedule::kMoondream, 0.1}, 0, 1), 0.1);
}

TEST(ScheduleTest, NoFactorLeavesATenthToOne) {
  for (const Schedule kind :
       {Schedule::kCosine, Schedule::kLinear, Schedule::kConstant, Schedule::kMoondream}) {
    for (const int64_t num_updates : {1, 2, 3, 17, 1000}) {
      for (const double factor : Factors(kind, 0.3, num_updates)) {
        EXPECT_GE(factor, 0.1 - kBound);
        EXPECT_LE(factor, 1.0 + kBound);
      }
    }
  }
}

TEST(UpdatesOfEpochTest, TheLastUpdateTakesWhatIsLeft) {
  EXPECT_EQ(UpdatesOfEpoch(8, 2, 4), 1);
  EXPECT_EQ(UpdatesOfEpoch(9, 2, 4), 2);
  EXPECT_EQ(UpdatesOfEpoch(7, 2, 4), 1);
  EXPECT_EQ(UpdatesOfEpoch(1, 64, 128), 1);
  EXPECT_EQ(UpdatesOfEpoch(0, 2, 4), 0);
}

}  // namespace
}  // namespace md2::train
