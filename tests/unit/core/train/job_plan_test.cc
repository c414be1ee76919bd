#include "core/train/job_plan.h"

#include <string>
#include <vector>

#include "core/train/data_facts.h"
#include "core/train/work_plan.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/tiny_sizes.h"

namespace md2::train {
namespace {

using ::testing::ElementsAre;
using testing::TinyModelSizes;

JobFacts Facts() {
  return {.train_rows = 1000,
          .val_rows = 10,
          .longest = {.tokens = 20, .answer_tokens = 4, .crops = 1},
          .longest_prompt_tokens = 16};
}

std::vector<std::string> NamesOf(const JobPlan& plan) {
  std::vector<std::string> names;
  for (const ChosenValue& value : plan.chosen) names.push_back(value.name);
  return names;
}

TEST(PlanJob, PutsAValueAndAReasonWhereItSaidAuto) {
  TrainConfig config;
  config.batch_size = 4;
  const JobPlan plan = PlanJob(TinyModelSizes(), config, Facts());
  EXPECT_THAT(NamesOf(plan),
              ElementsAre("learning_rate", "grad_accum", "attention", "precision", "eval_every",
                          "max_new_tokens", "activation_checkpointing"));
  EXPECT_EQ(plan.config.learning_rate, 1e-3);
  EXPECT_EQ(plan.config.grad_accum, 7);  // 3,000 rows / 100 updates, in batches of 4
  EXPECT_EQ(plan.config.attention, Attention::kCausal);
  EXPECT_EQ(plan.config.precision, ComputePrecision::kFp32);
  EXPECT_EQ(plan.config.activation_checkpointing, ActivationCheckpointing::kNone);
  EXPECT_EQ(plan.config.max_new_tokens, 13);
  EXPECT_EQ(plan.updates_per_epoch, 36);
  EXPECT_EQ(plan.updates, 108);
  EXPECT_EQ(plan.config.eval_every, 11);
  EXPECT_EQ(plan.evaluations, 11);
  EXPECT_EQ(plan.chosen[1].value, "7");
  EXPECT_FALSE(plan.chosen[1].reason.empty());
}

TEST(PlanJob, WhatWasGivenStays) {
  TrainConfig config;
  config.learning_rate = 1e-5;
  config.grad_accum = 100;
  config.attention = Attention::kPrefix;
  config.precision = ComputePrecision::kBf16;
  config.eval_every = 0;
  config.max_new_tokens = 5;
  config.activation_checkpointing = ActivationCheckpointing::kFull;
  const JobPlan plan = PlanJob(TinyModelSizes(), config, Facts());
  EXPECT_THAT(plan.chosen, ElementsAre());
  EXPECT_EQ(plan.config, config);
  EXPECT_EQ(plan.updates, 30);
  EXPECT_EQ(plan.evaluations, 2);
}

TEST(PlanJob, MemoryThatDoesNotSufficeIsSaid) {
  JobFacts facts = Facts();
  facts.available_bytes = 1000;
  const JobPlan plan = PlanJob(TinyModelSizes(), TrainConfig(), facts);
  EXPECT_FALSE(plan.fits);
  EXPECT_EQ(plan.config.activation_checkpointing, ActivationCheckpointing::kFull);
  EXPECT_THAT(plan.chosen.back().reason, ::testing::HasSubstr("do not fit"));
}

TEST(PlanJob, WithoutValidationRowsNothingIsEvaluated) {
  JobFacts facts = Facts();
  facts.val_rows = 0;
  EXPECT_EQ(PlanJob(TinyModelSizes(), TrainConfig(), facts).evaluations, 0);
}

WorkCounts Counts() {
  return {.rows = 10, .tokens = 200, .answer_tokens = 40, .images = 10, .crops = 1};
}

TrainConfig WorkConfig() {
  TrainConfig config;
  config.epochs = 2;
  config.activation_checkpointing = ActivationCheckpointing::kNone;
  return config;
}

TEST(PlanWork, CountsProductsOfForwardAndBackward) {
  const WorkPlan plan = PlanWork(TinyModelSizes(), WorkConfig(), Counts());
  // D 32, M 44, two layers, 37 ids; rows of 20 tokens.
  const double blocks = 200.0 * 2 * (2 * (4 * 32 * 32 + 2 * 32 * 44) + 2 * 32 * 20);
  const double head = 40.0 * 2 * 32 * 37;
  EXPECT_DOUBLE_EQ(plan.training, 2 * 3 * (blocks + head));
  EXPECT_EQ(plan.evaluation, 0);
  // V 24, MLP 20, depth 2, 9 patches of 48 values, projector 28.
  const double patch = 2 * (2.0 * (4 * 24 * 24 + 2 * 24 * 20) + 4 * 24 * 9) + 2 * 24 * 48;
  EXPECT_DOUBLE_EQ(plan.vision, 10 * 9 * (patch + 2 * 28 * (2 * 24 + 32)));
}

TEST(PlanWork, FrozenWeightsCostLessAndCheckpointingMore) {
  TrainConfig config = WorkConfig();
  const double full = PlanWork(TinyModelSizes(), config, Counts()).training;
  config.method = Method::kLora;
  EXPECT_DOUBLE_EQ(PlanWork(TinyModelSizes(), config, Counts()).training, full * 2 / 3);
  config.method = Method::kFull;
  config.activation_checkpointing = ActivationCheckpointing::kFull;
  EXPECT_GT(PlanWork(TinyModelSizes(), config, Counts()).training, full * 1.2);
}

TEST(PlanWork, TrainedVisionSeesEveryRowOfEveryEpoch) {
  TrainConfig config = WorkConfig();
  const double frozen = PlanWork(TinyModelSizes(), config, Counts()).vision;
  config.train_vision = TrainVision::kAll;
  EXPECT_DOUBLE_EQ(PlanWork(TinyModelSizes(), config, Counts()).vision, 3 * 2 * frozen);
}

TEST(PredictSeconds, NeedsARate) {
  const WorkPlan plan = {.vision = 1e9, .training = 8e9, .evaluation = 1e9};
  EXPECT_DOUBLE_EQ(PredictSeconds(plan, 1e9), 13);
  EXPECT_EQ(PredictSeconds(plan, 0), 0);
}

data::CheckReport Report() {
  data::CheckReport report;
  data::CheckedRow row = {.is_usable = true,
                          .image_width = 30,
                          .image_height = 10,  // of two tiles where the crop is 12
                          .prompt_tokens = 14,
                          .answer_tokens = 3};
  report.train.assign(3, row);
  report.train[1].is_usable = false;
  row.image_width = 5;
  report.val.assign(3, row);
  report.train_rows = {0, 2};
  report.val_rows = {0, 1, 2};
  report.num_images = 4;
  report.tokens.longest = 17;
  report.tokens.longest_prompt = 14;
  report.tokens.longest_answer = 3;
  return report;
}

TEST(JobFactsOf, TakesRowsTokensAndCropsOfTheReport) {
  const JobFacts facts = JobFactsOf(Report(), TinyModelSizes(), Tiles::kAuto);
  EXPECT_EQ(facts.train_rows, 2);
  EXPECT_EQ(facts.val_rows, 3);
  EXPECT_EQ(facts.longest.tokens, 17);
  EXPECT_EQ(facts.longest.answer_tokens, 3);
  EXPECT_EQ(facts.longest.crops, 3);
  EXPECT_EQ(facts.longest_prompt_tokens, 14);
  EXPECT_EQ(JobFactsOf(Report(), TinyModelSizes(), Tiles::kOff).longest.crops, 1);
}

TEST(WorkCountsOf, CountsWhatIsTrainedAndEvaluated) {
  TrainConfig config;
  config.eval_samples = 2;
  const JobPlan plan =
      PlanJob(TinyModelSizes(), config, JobFactsOf(Report(), TinyModelSizes(), Tiles::kAuto));
  const WorkCounts counts = WorkCountsOf(Report(), TinyModelSizes(), plan);
  EXPECT_EQ(counts.rows, 2);
  EXPECT_EQ(counts.tokens, 34);
  EXPECT_EQ(counts.answer_tokens, 6);
  EXPECT_EQ(counts.images, 4);
  EXPECT_DOUBLE_EQ(counts.crops, (2 * 3 + 3 * 1) / 5.0);
  EXPECT_EQ(counts.evaluations, plan.evaluations);
  EXPECT_EQ(counts.evaluated_rows, 2);
}

TEST(PlanJob, ACopyOfTheStateCountsWhereItFitsBesideAllElse) {
  JobFacts facts = Facts();
  const JobPlan unknown = PlanJob(TinyModelSizes(), {}, facts);
  EXPECT_EQ(unknown.memory.copy, 0u);
  const uint64_t copy = CopyBytes(TinyModelSizes(), unknown.config);
  facts.available_bytes = unknown.memory.total() + copy + kRoomBesideCopy;
  const JobPlan fits = PlanJob(TinyModelSizes(), {}, facts);
  EXPECT_EQ(fits.memory.copy, copy);
  EXPECT_EQ(fits.memory.total(), unknown.memory.total() + copy);
  --facts.available_bytes;
  const JobPlan does_not = PlanJob(TinyModelSizes(), {}, facts);
  EXPECT_EQ(does_not.memory.copy, 0u);
  EXPECT_TRUE(does_not.fits);
}

}  // namespace
}  // namespace md2::train
