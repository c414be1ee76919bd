#include "core/train/config_check.h"

#include <cmath>

#include "core/base/error.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace md2::train {
namespace {

using absl::StatusCode;
using base::Reason;
using testing::HasReason;
using ::testing::IsEmpty;
using testing::IsOk;
using testing::StatusIs;

constexpr char kHeading[] = "hyperparameters that cannot be used:\n  ";

TEST(CheckConfigTest, DefaultsMakeAJob) {
  EXPECT_THAT(CheckConfig(TrainConfig(), {}), IsOk());
  TrainConfig lora;
  lora.method = Method::kLora;
  EXPECT_THAT(CheckConfig(lora, {{"method", "lora_rank", "lora_alpha", "lora_dropout"}, false}),
              IsOk());
}

TEST(CheckConfigTest, NamesAllProblemsAtOnce) {
  TrainConfig config;
  config.epochs = 0;
  config.learning_rate = 0;
  config.lora_rank = 0;
  config.lora_dropout = 1;
  config.clip_norm = std::nan("");
  config.moment_bits = 16;
  const absl::Status status = CheckConfig(config, {{"lora_rank"}, false});
  EXPECT_THAT(status, StatusIs(StatusCode::kInvalidArgument,
                               "hyperparameters that cannot be used:\n"
                               "  lora_rank: expected a whole number from 1 to 4096, found 0\n"
                               "  lora_dropout: expected a number from 0 and below 1, found 1.0\n"
                               "  epochs: expected a whole number from 1 to 1000000, found 0\n"
                               "  learning_rate: expected a number above 0 and up to 1, or auto, "
                               "found 0.0\n"
                               "  clip_norm: expected a number from 0 to 1e+06, found nan\n"
                               "  moment_bits: expected 32 or 8, found 16\n"
                               "  lora_rank: 0 has no effect with method full; leave it out, or "
                               "set method to lora"));
  EXPECT_THAT(status, HasReason(Reason::kSettingInvalid));
}

// The one line that is found wrong with `config` where `name` was given.
std::string Useless(const TrainConfig& config, const std::string& name, bool has_file = false) {
  const absl::Status status = CheckConfig(config, {{name}, has_file});
  return std::string(status.message());
}

TEST(CheckConfigTest, AdaptersNeedMethodLora) {
  EXPECT_EQ(Useless({}, "lora_alpha"),
            std::string(kHeading) +
                "lora_alpha: 64.0 has no effect with method full; leave it out, or set method to "
                "lora");
}

TEST(CheckConfigTest, VisionsRateNeedsTrainedVision) {
  TrainConfig config;
  EXPECT_EQ(Useless(config, "vision_learning_rate"), "");
  config.vision_learning_rate = 1e-5;
  EXPECT_EQ(Useless(config, "vision_learning_rate"),
            std::string(kHeading) +
                "vision_learning_rate: 1e-05 has no effect with train_vision none; leave it out, "
                "or set train_vision to projector or all");
  config.train_vision = TrainVision::kProjector;
  EXPECT_EQ(Useless(config, "vision_learning_rate"), "");
}

TEST(CheckConfigTest, ThePublishedScheduleHasItsOwnWarmUp) {
  TrainConfig config;
  config.schedule = Schedule::kMoondream;
  EXPECT_EQ(Useless(config, "warmup_ratio"),
            std::string(kHeading) +
                "warmup_ratio: 0.1 has no effect with schedule moondream, whose formula has its "
                "own; leave it out, or set schedule to cosine");
}

TEST(CheckConfigTest, EvaluationNeedsValidationRows) {
  for (const char* name : {"eval_every", "eval_samples", "best_metric"}) {
    EXPECT_NE(Useless({}, name), "") << name;
    EXPECT_EQ(Useless({}, name, true), "") << name;
    TrainConfig with_split;
    with_split.val_split = 0.1;
    EXPECT_EQ(Useless(with_split, name), "") << name;
  }
  EXPECT_EQ(Useless({}, "eval_samples"),
            std::string(kHeading) +
                "eval_samples: 200 has no effect with no validation rows; leave it out, or give a "
                "validation file or val_split");
}

TEST(CheckConfigTest, PatienceNeedsEvaluations) {
  TrainConfig config;
  EXPECT_EQ(Useless(config, "patience"), "");
  config.patience = 3;
  EXPECT_EQ(Useless(config, "patience"),
            std::string(kHeading) +
                "patience: 3 has no effect with no validation rows; leave it out, or give a "
                "validation file or val_split");
  EXPECT_EQ(Useless(config, "patience", true), "");
  config.eval_every = 0;
  EXPECT_EQ(Useless(config, "patience", true),
            std::string(kHeading) +
                "patience: 3 has no effect with eval_every 0, one evaluation at the end; leave it "
                "out, or set eval_every to a number of updates");
}

TEST(CheckConfigTest, ToleranceNeedsPatience) {
  TrainConfig config;
  config.tolerance = 0.01;
  EXPECT_EQ(Useless(config, "tolerance", true),
            std::string(kHeading) +
                "tolerance: 0.01 has no effect with patience 0; leave it out, or set patience");
}

TEST(CheckConfigTest, AValidationFileLeavesNothingToSplit) {
  TrainConfig config;
  EXPECT_EQ(Useless(config, "val_split", true), "");
  config.val_split = 0.1;
  EXPECT_EQ(Useless(config, "val_split", true),
            std::string(kHeading) +
                "val_split: 0.1 has no effect with a validation file; leave one of the two out");
}

TEST(CheckConfigTest, WhatNobodyGaveIsNotUseless) {
  TrainConfig config;
  config.patience = 3;
  EXPECT_THAT(CheckConfig(config, {}), IsOk());
}

TEST(DifferencesTest, NamesEachFieldWithBothValues) {
  TrainConfig recorded;
  recorded.learning_rate = 3e-6;
  TrainConfig asked = recorded;
  EXPECT_THAT(Differences(recorded, asked), IsEmpty());
  asked.learning_rate = 1e-5;
  asked.keep_last = 5;
  const std::vector<FieldDifference> found = Differences(recorded, asked);
  ASSERT_EQ(found.size(), 2);
  EXPECT_EQ(found[0].name, "learning_rate");
  EXPECT_EQ(found[0].recorded, "3e-06");
  EXPECT_EQ(found[0].asked, "1e-05");
  EXPECT_FALSE(found[0].is_free_on_resume);
  EXPECT_EQ(found[1].name, "keep_last");
  EXPECT_TRUE(found[1].is_free_on_resume);
}

TEST(DifferencesTest, AutoTakesWhatWasRecorded) {
  TrainConfig recorded;
  recorded.grad_accum = 16;
  recorded.precision = ComputePrecision::kBf16;
  EXPECT_THAT(Differences(recorded, TrainConfig()), IsEmpty());
}

TEST(CheckResumeTest, RefusesWhatWouldChangeTheResult) {
  TrainConfig recorded;
  TrainConfig asked = recorded;
  asked.epochs = 5;
  asked.method = Method::kLora;
  asked.save_every = 10;
  const absl::Status status = CheckResume(recorded, asked);
  EXPECT_THAT(status, StatusIs(StatusCode::kFailedPrecondition,
                               "cannot resume with other hyperparameters (give those it began "
                               "with, or another output_dir):\n"
                               "  method: begun with full, asked to go on with lora\n"
                               "  epochs: begun with 3, asked to go on with 5"));
  EXPECT_THAT(status, HasReason(Reason::kSettingInvalid));
}

TEST(CheckResumeTest, HowOftenAndHowManyAreSavedMayChange) {
  TrainConfig recorded;
  recorded.save_every = 7;
  TrainConfig asked = recorded;
  asked.save_every = 10;
  asked.keep_last = 4;
  EXPECT_THAT(CheckResume(recorded, asked), IsOk());
}

}  // namespace
}  // namespace md2::train
