#include "core/train/best_tracker.h"

#include <limits>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace md2::train {
namespace {

using ::testing::ElementsAre;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

EvaluationReport Loss(int64_t update, double loss) {
  EvaluationReport report;
  report.update = update;
  report.loss = loss;
  return report;
}

// Updates 1, 2, ... with these losses: which were best.
std::vector<bool> Best(BestTracker& tracker, const std::vector<double>& losses) {
  std::vector<bool> best;
  for (const double loss : losses) {
    best.push_back(tracker.Observe(Loss(static_cast<int64_t>(best.size()) + 1, loss)).is_best);
  }
  return best;
}

// The evaluation, from 1, at which patience is over; 0 when it never is.
int64_t EndsAt(BestTracker tracker, const std::vector<double>& losses) {
  int64_t update = 0;
  for (const double loss : losses) {
    if (tracker.Observe(Loss(++update, loss)).is_patience_over) return update;
  }
  return 0;
}

TEST(BestTrackerTest, LessLossIsBetterAndOfEqualOnesTheFirst) {
  BestTracker tracker(BestMetric::kLoss, 0, 0);
  EXPECT_THAT(Best(tracker, {3, 2, 2, 2.5, 1}), ElementsAre(true, true, false, false, true));
  EXPECT_EQ(tracker.state().best_update, 5);
  EXPECT_EQ(tracker.state().best_value, 1);
}

TEST(BestTrackerTest, MoreOfAllOtherMetricsIsBetter) {
  for (const BestMetric metric : {BestMetric::kTokenAccuracy, BestMetric::kExactMatch,
                                  BestMetric::kAnls, BestMetric::kCharAccuracy}) {
    BestTracker tracker(metric, 0, 0);
    std::vector<bool> best;
    for (const double value : {0.2, 0.1, 0.3}) {
      EvaluationReport report = Loss(static_cast<int64_t>(best.size()) + 1, 0);
      report.token_accuracy = value;
      report.exact_match = report.anls = report.char_accuracy = Estimate{.value = value, .n = 5};
      best.push_back(tracker.Observe(report).is_best);
    }
    EXPECT_THAT(best, ElementsAre(true, false, true));
  }
}

TEST(BestTrackerTest, PatienceCountsEvaluationsWithoutImprovement) {
  EXPECT_EQ(EndsAt({BestMetric::kLoss, 0, 2}, {3, 4, 5, 1}), 3);
  EXPECT_EQ(EndsAt({BestMetric::kLoss, 0, 2}, {3, 4, 2, 4, 1, 2}), 0);
  EXPECT_EQ(EndsAt({BestMetric::kLoss, 0, 1}, {3, 3}), 2);
}

TEST(BestTrackerTest, WithoutPatienceNothingEnds) {
  EXPECT_EQ(EndsAt({BestMetric::kLoss, 0, 0}, std::vector<double>(1000, 3)), 0);
}

TEST(BestTrackerTest, StepsWithinTheToleranceAreBestButNoImprovement) {
  BestTracker tracker(BestMetric::kLoss, 0.5, 2);
  EXPECT_THAT(Best(tracker, {3, 2.9}), ElementsAre(true, true));
  EXPECT_EQ(tracker.state().stale, 1);
  EXPECT_TRUE(tracker.Observe(Loss(3, 2.8)).is_patience_over);
}

TEST(BestTrackerTest, SmallStepsThatAddUpAreAnImprovement) {
  EXPECT_EQ(EndsAt({BestMetric::kLoss, 0.5, 3}, {3, 2.8, 2.6, 2.4, 2.2, 2.0, 1.8}), 0);
}

TEST(BestTrackerTest, WhatIsNotFiniteIsNeverBestButCosts) {
  BestTracker tracker(BestMetric::kLoss, 0, 2);
  EXPECT_THAT(Best(tracker, {kNan, -std::numeric_limits<double>::infinity()}),
              ElementsAre(false, false));
  EXPECT_EQ(tracker.state().best_update, std::nullopt);
  EXPECT_EQ(EndsAt({BestMetric::kLoss, 0, 2}, {kNan, kNan}), 2);
}

TEST(BestTrackerTest, TheBasesOwnScoreIsNoCandidate) {
  BestTracker tracker(BestMetric::kLoss, 0, 1);
  EXPECT_FALSE(tracker.Observe(Loss(0, 1)).is_best);
  EXPECT_EQ(tracker.state(), BestState());
  EXPECT_TRUE(tracker.Observe(Loss(1, 2)).is_best);
}

TEST(BestTrackerTest, AnEvaluationWithoutTheMetricChangesNothing) {
  BestTracker tracker(BestMetric::kAnls, 0, 1);
  EvaluationReport report = Loss(1, 0);
  EXPECT_FALSE(tracker.Observe(report).is_best);
  report.anls = Estimate{};  // of no rows
  EXPECT_FALSE(tracker.Observe(report).is_patience_over);
  EXPECT_EQ(tracker.state(), BestState());
}

TEST(BestTrackerTest, ASavedStateGoesOnAsIfUnbroken) {
  const std::vector<double> losses = {3, 2.9, 2.2, 2.4, 2.3, 2.1, kNan, 2.0, 1.9};
  for (size_t cut = 0; cut <= losses.size(); ++cut) {
    BestTracker whole(BestMetric::kLoss, 0.5, 3);
    BestTracker parts(BestMetric::kLoss, 0.5, 3);
    for (size_t i = 0; i < losses.size(); ++i) {
      if (i == cut) parts = BestTracker(BestMetric::kLoss, 0.5, 3, parts.state());
      const auto update = static_cast<int64_t>(i) + 1;
      const BestVerdict expected = whole.Observe(Loss(update, losses[i]));
      const BestVerdict found = parts.Observe(Loss(update, losses[i]));
      EXPECT_EQ(found.is_best, expected.is_best);
      EXPECT_EQ(found.is_patience_over, expected.is_patience_over);
    }
    EXPECT_EQ(parts.state(), whole.state());
  }
}

}  // namespace
}  // namespace md2::train
