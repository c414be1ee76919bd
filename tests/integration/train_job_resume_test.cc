// A run that was stopped and goes on ends with the bytes of one that never stopped.

#include <functional>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/integration/job_run.h"
#include "tests/testing/status_matchers.h"

namespace md2::train {
namespace {

using base::Reason;
using testing::HasReason;
using testing::IsOk;

struct Mode {
  const char* name;
  std::function<void(TrainConfig&)> set;
  bool has_memory = true;  // for copies of the state, which are written beside training
};

void PrintTo(const Mode& mode, std::ostream* out) { *out << mode.name; }

const Mode kModes[] = {
    {"Full", [](TrainConfig&) {}},
    {"FileOrder", [](TrainConfig& c) { c.shuffle = false; }},
    {"Prefix", [](TrainConfig& c) { c.attention = Attention::kPrefix; }},
    {"Bf16", [](TrainConfig& c) { c.precision = ComputePrecision::kBf16; }},
    {"Fp16", [](TrainConfig& c) { c.precision = ComputePrecision::kFp16; }},
    {"Moments8", [](TrainConfig& c) { c.moment_bits = 8; }},
    {"Vision",
     [](TrainConfig& c) {
       c.train_vision = TrainVision::kAll;
       c.vision_learning_rate = 0.01;
     }},
    {"LoraWithDropout",
     [](TrainConfig& c) {
       c.method = Method::kLora;
       c.lora_rank = 3;
       c.lora_dropout = 0.2;
     }},
    {"FreshWeights", [](TrainConfig& c) { c.init = Init::kRandom; }},
    {"Recomputing",
     [](TrainConfig& c) { c.activation_checkpointing = ActivationCheckpointing::kFull; }},
    {"SavedAtOnce", [](TrainConfig&) {}, false},
};

class ResumeTest : public ::testing::TestWithParam<Mode> {
 protected:
  TrainJobOptions Options(const std::string& output_dir) const {
    TrainJobOptions options = run_.Options(output_dir);
    GetParam().set(options.config);
    if (!GetParam().has_memory) options.available_bytes = 0;
    return options;
  }

  void ExpectSame() {
    EXPECT_TRUE(run_.Model("stopped") == run_.Model("unbroken"));
    EXPECT_EQ(run_.Metrics("stopped"), run_.Metrics("unbroken"));
    EXPECT_EQ(run_.Evaluations("stopped"), run_.Evaluations("unbroken"));
  }

  JobRun run_;
};

TEST_P(ResumeTest, StoppedAfterEveryUpdateGivesTheSameBytes) {
  ASSERT_THAT(run_.Run(Options("unbroken")), IsOk());
  TrainJobOptions options = Options("stopped");
  for (int64_t update = 1; update <= 6; ++update) {
    Listener listener;
    listener.stop_after = update;
    EXPECT_THAT(run_.Run(options, listener), HasReason(Reason::kCancelled));
    options.resume = true;
  }
  ASSERT_THAT(run_.Run(options), IsOk());
  ExpectSame();
}

TEST_P(ResumeTest, PowerLossInAnyPartOfARunGivesTheSameBytes) {
  const int64_t before = run_.files.num_operations();
  ASSERT_THAT(run_.Run(Options("unbroken")), IsOk());
  const int64_t num_operations = run_.files.num_operations() - before;
  TrainJobOptions options = Options("stopped");
  // Some of the moments; each run begins where the last one lay.
  for (int64_t k = 7; k < num_operations; k += num_operations / 5 + 1) {
    run_.files.FailFrom(k, absl::UnavailableError("gone"));
    run_.Run(options).IgnoreError();  // the later ones may have come to the end before
    run_.files.DropUnsynced(testing::PowerLoss::kDataAndNames);
    options.resume = true;
  }
  ASSERT_THAT(run_.Run(options), IsOk());
  ExpectSame();
}

INSTANTIATE_TEST_SUITE_P(Modes, ResumeTest, ::testing::ValuesIn(kModes),
                         [](const ::testing::TestParamInfo<Mode>& param) {
                           return std::string(param.param.name);
                         });

class ChangedRunTest : public ::testing::Test {
 protected:
  ChangedRunTest() {
    Listener listener;
    listener.stop_after = 2;
    EXPECT_THAT(run_.Run(run_.Options("o"), listener), HasReason(Reason::kCancelled));
  }

  absl::Status Resume(const std::function<void(TrainJobOptions&)>& change) {
    TrainJobOptions options = run_.Options("o");
    options.resume = true;
    change(options);
    return run_.Run(options);
  }

  JobRun run_;
};

TEST_F(ChangedRunTest, AnotherHyperparameterIsRefused) {
  const absl::Status status = Resume([](TrainJobOptions& o) { o.config.learning_rate = 2e-3; });
  EXPECT_THAT(status, HasReason(Reason::kRunChanged));
  EXPECT_THAT(std::string(status.message()), ::testing::HasSubstr("learning_rate"));
}

TEST_F(ChangedRunTest, OtherDataAreRefused) {
  run_.files.Put("train.jsonl", run_.files.Get("train.jsonl").value() + "\n");
  EXPECT_THAT(Resume([](TrainJobOptions&) {}), HasReason(Reason::kRunChanged));
}

TEST_F(ChangedRunTest, AutoMeansWhatTheRunBeganWith) {
  EXPECT_THAT(Resume([](TrainJobOptions& o) { o.config.learning_rate.reset(); }), IsOk());
}

TEST_F(ChangedRunTest, WithoutResumeTheFolderIsRefused) {
  EXPECT_THAT(run_.Run(run_.Options("o")), HasReason(Reason::kFileExists));
}

}  // namespace
}  // namespace md2::train
