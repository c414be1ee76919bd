#include "core/train/auto_rules.h"

#include <cmath>
#include <limits>

#include "gtest/gtest.h"

namespace md2::train {
namespace {

constexpr int64_t kNano = 2'980'000;
constexpr int64_t kMiddle = 75'000'000;
constexpr int64_t kReal = 1'860'000'000;

TrainedModel Full(int64_t parameters) { return {.parameters = parameters}; }
TrainedModel Lora(int64_t parameters) {
  return {.method = Method::kLora, .parameters = parameters};
}
TrainedModel WithVision(TrainedModel model) {
  model.train_vision = TrainVision::kAll;
  return model;
}

TEST(AutoLearningRateTest, SmallModelsUseTheMeasuredRates) {
  EXPECT_EQ(AutoLearningRate(Full(kNano)).value, 1e-3);
  EXPECT_EQ(AutoLearningRate(WithVision(Full(kNano))).value, 7e-4);
  EXPECT_EQ(AutoLearningRate(Lora(kNano)).value, 2e-3);
}

TEST(AutoLearningRateTest, TheRealModelUsesThePublishedRate) {
  EXPECT_EQ(AutoLearningRate(Full(kReal)).value, 3e-6);
  EXPECT_EQ(AutoLearningRate(Lora(kReal)).value, 1e-4);
}

TEST(AutoLearningRateTest, BetweenThemALineInLogarithms) {
  EXPECT_EQ(AutoLearningRate(Full(kMiddle)).value, 5.4e-5);
  EXPECT_EQ(AutoLearningRate(Lora(kMiddle)).value, 4.5e-4);
}

TEST(AutoLearningRateTest, FreshWeightsUseARateOfTheirOwn) {
  TrainedModel model = Full(kReal);
  model.init = Init::kRandom;
  EXPECT_EQ(AutoLearningRate(model).value, 2e-4);
}

TEST(AutoLearningRateTest, SaysWhereItComesFrom) {
  EXPECT_EQ(AutoLearningRate(Lora(kMiddle)).reason,
            "for method lora in 75 million parameters: from 2e-03 at 3 million to 1e-04 at 1.85 "
            "billion");
}

TEST(AutoVisionLearningRateTest, IsTheFullMethodsButNotAboveTheOthers) {
  const AutoChoice<double> beside_lora = AutoVisionLearningRate(WithVision(Lora(kNano)), 2e-3);
  EXPECT_EQ(beside_lora.value, 7e-4);
  EXPECT_EQ(beside_lora.reason,
            "vision is trained in full, for method full with vision in 2.98 million parameters: "
            "from 7e-04 at 3 million to 3e-06 at 1.85 billion");
  const AutoChoice<double> below = AutoVisionLearningRate(WithVision(Full(kNano)), 1e-4);
  EXPECT_EQ(below.value, 1e-4);
  EXPECT_EQ(below.reason, "the same as learning_rate");
}

TEST(AutoGradAccumTest, ManyRowsMakeTheUsualUpdate) {
  const AutoChoice<int64_t> real = AutoGradAccum(Full(kReal), 100'000, 3, 4);
  EXPECT_EQ(real.value, 32);
  EXPECT_EQ(real.reason, "128 rows an update, for method full in 1.86 billion parameters");
  EXPECT_EQ(AutoGradAccum(Lora(kReal), 100'000, 3, 4).value, 8);
  EXPECT_EQ(AutoGradAccum(Full(kNano), 100'000, 3, 4).value, 8);
}

TEST(AutoGradAccumTest, FewRowsStillMakeAHundredUpdates) {
  const AutoChoice<int64_t> few = AutoGradAccum(Full(kNano), 500, 3, 1);
  EXPECT_EQ(few.value, 15);
  EXPECT_EQ(few.reason, "15 rows an update, few enough for 100 updates where the rows allow");
  EXPECT_EQ(AutoGradAccum(Full(kReal), 10, 1, 1).value, 1);
}

TEST(AutoGradAccumTest, ABatchIsNeverSplit) {
  EXPECT_EQ(AutoGradAccum(Full(kNano), 100'000, 3, 64).value, 1);
  EXPECT_EQ(AutoGradAccum(Full(kNano), 100'000, 3, 20).value, 1);
}

TEST(AutoGradAccumTest, AnyNumberOfRowsIsFine) {
  const int64_t most = std::numeric_limits<int64_t>::max();
  EXPECT_EQ(AutoGradAccum(Full(kReal), most, most, 1).value, 128);
}

TEST(AutoPrecisionTest, Fp32BelowFiftyMillion) {
  EXPECT_EQ(AutoPrecision(49'999'999, true).value, ComputePrecision::kFp32);
  EXPECT_EQ(AutoPrecision(50'000'000, true).value, ComputePrecision::kBf16);
  EXPECT_EQ(AutoPrecision(50'000'000, false).value, ComputePrecision::kFp32);
  EXPECT_EQ(AutoPrecision(50'000'000, false).reason, "this device does not compute in bf16");
}

TEST(AutoEvalEveryTest, AtMostTenTimesARun) {
  EXPECT_EQ(AutoEvalEvery(1000).value, 100);
  EXPECT_EQ(AutoEvalEvery(1001).value, 101);
  EXPECT_EQ(AutoEvalEvery(3).value, 1);
  EXPECT_EQ(AutoEvalEvery(1000).reason, "10 times in 1000 updates");
}

TEST(AutoSaveEveryTest, SavingTakesAtMostTwoPercent) {
  const AutoChoice<int64_t> choice = AutoSaveEvery(0.5, 2.0, 10'000);
  EXPECT_EQ(choice.value, 200);
  EXPECT_LE(2.0 / (0.5 * static_cast<double>(choice.value)), 0.02);
  EXPECT_EQ(choice.reason, "a save takes 2 s, an update 0.5 s, and saving may take 2 %");
}

TEST(AutoSaveEveryTest, IsRoundedUp) { EXPECT_EQ(AutoSaveEvery(1.0, 0.05, 100).value, 3); }

TEST(AutoSaveEveryTest, StaysWithinTheRun) {
  EXPECT_EQ(AutoSaveEvery(0.001, 60, 50).value, 50);
  EXPECT_EQ(AutoSaveEvery(60, 0.001, 50).value, 1);
}

TEST(AutoSaveEveryTest, WithoutMeasurementsEveryUpdateSaves) {
  EXPECT_EQ(AutoSaveEvery(0, 1, 50).value, 1);
  EXPECT_EQ(AutoSaveEvery(1, 0, 50).value, 1);
  EXPECT_EQ(AutoSaveEvery(std::nan(""), 1, 50).value, 1);
}

TEST(AutoMaxNewTokensTest, LeavesRoomBehindTheLongestReference) {
  EXPECT_EQ(AutoMaxNewTokens(6, 1000).value, 15);
  EXPECT_EQ(AutoMaxNewTokens(100, 1000).value, 133);
  EXPECT_EQ(AutoMaxNewTokens(6, 1000).reason, "the longest reference has 6 tokens");
}

TEST(AutoMaxNewTokensTest, StaysWithinThePositions) {
  const AutoChoice<int64_t> choice = AutoMaxNewTokens(1000, 1100);
  EXPECT_EQ(choice.value, 1100);
  EXPECT_EQ(choice.reason, "what the model's positions leave behind the longest prompt");
}

}  // namespace
}  // namespace md2::train
