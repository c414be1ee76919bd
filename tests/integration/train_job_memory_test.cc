// Memory that runs out in the middle of a run: of tensors, which LibTorch asks for.

#include <functional>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/base/json.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/integration/job_run.h"
#include "tests/testing/limited_memory.h"
#include "tests/testing/status_matchers.h"

namespace md2::train {
namespace {

using base::Reason;
using ::testing::AnyOf;
using ::testing::ElementsAre;
using testing::HasMessage;
using testing::HasReason;
using ::testing::IsEmpty;
using testing::IsOk;

// Calls back when updates begin and when they are over.
class TrainingListener : public Listener {
 public:
  void OnPhase(const PhaseReport& report) override {
    if (report.phase == Phase::kTrain) on_begin();
    if (report.phase == Phase::kGate) on_end();
  }

  std::function<void()> on_begin = [] {};
  std::function<void()> on_end = [] {};
};

class TrainJobMemoryTest : public ::testing::Test {
 protected:
  // Eight rows an update, `batch_size` of them at a time, without evaluations or copies.
  TrainJobOptions Options(const std::string& output_dir, int64_t batch_size) const {
    TrainJobOptions options = run_.Options(output_dir);
    options.data.val = "";
    options.config.batch_size = batch_size;
    options.config.grad_accum = 8 / batch_size;
    options.config.activation_checkpointing = ActivationCheckpointing::kNone;
    options.available_bytes = 0;  // no copy of the state, which would go first
    return options;
  }

  // Of the updates of a job that has what it wants.
  int64_t Need(const TrainJobOptions& options) {
    TrainingListener listener;
    int64_t need = 0;
    listener.on_begin = [&] { memory_.AllowAll(); };
    listener.on_end = [&] { need = memory_.peak_bytes(); };
    EXPECT_THAT(run_.Run(options, listener), IsOk());
    EXPECT_THAT(listener.warnings, IsEmpty());
    return need;
  }

  // A job whose updates have so much.
  absl::Status RunWithin(int64_t bytes, const TrainJobOptions& options,
                         TrainingListener& listener) {
    listener.on_begin = [this, bytes] { memory_.Allow(bytes); };
    listener.on_end = [this] { memory_.AllowAll(); };
    absl::Status status = run_.Run(options, listener);
    memory_.AllowAll();
    return status;
  }

  static std::vector<std::string> Codes(const Listener& listener) {
    std::vector<std::string> codes;
    for (const Warning& warning : listener.warnings) codes.push_back(warning.code);
    return codes;
  }

  std::vector<int64_t> AnswerTokens(const std::string& dir) const {
    std::vector<int64_t> tokens;
    for (const base::Json& line : run_.Metrics(dir)) tokens.push_back(line["answer_tokens"]);
    return tokens;
  }

  void ExpectSame(const std::string& dir, const std::string& other) {
    EXPECT_TRUE(run_.Model(dir) == run_.Model(other));
    EXPECT_EQ(run_.Metrics(dir), run_.Metrics(other));
  }

  testing::LimitedMemory memory_;
  JobRun run_;
};

TEST_F(TrainJobMemoryTest, AMicroBatchThatDoesNotFitIsHalvedToTheSameBytes) {
  const int64_t whole = Need(Options("8", 8));
  const int64_t half = Need(Options("4", 4));
  ASSERT_LT(half, whole);
  TrainingListener listener;
  ASSERT_THAT(RunWithin(half, Options("halved", 8), listener), IsOk());
  ASSERT_THAT(Codes(listener), ElementsAre("micro_batch_halved"));
  EXPECT_EQ(listener.warnings[0].update, 1);
  EXPECT_EQ(listener.warnings[0].message,
            "memory ran out; from now on 4 rows are computed at a time, with the same rows in an "
            "update");
  ExpectSame("halved", "4");
}

TEST_F(TrainJobMemoryTest, ItIsHalvedDownToOneRow) {
  const int64_t one = Need(Options("1", 1));
  TrainingListener listener;
  ASSERT_THAT(RunWithin(one, Options("halved", 8), listener), IsOk());
  EXPECT_THAT(Codes(listener),
              ElementsAre("micro_batch_halved", "micro_batch_halved", "micro_batch_halved"));
  ExpectSame("halved", "1");
}

TEST_F(TrainJobMemoryTest, WhereOneRowDoesNotFitItsActivationsAreComputedAgain) {
  ASSERT_THAT(run_.Run(Options("kept", 1)), IsOk());
  TrainingListener listener;
  listener.on_begin = [this] { memory_.FailOnce(10); };
  ASSERT_THAT(run_.Run(Options("again", 1), listener), IsOk());
  ASSERT_THAT(Codes(listener), ElementsAre("activation_checkpointing_full"));
  EXPECT_EQ(listener.warnings[0].message,
            "memory ran out with one row at a time; from now on activations are computed again "
            "instead of kept");
  ExpectSame("again", "kept");
}

TEST_F(TrainJobMemoryTest, ARunThatWasHalvedGoesOnHalved) {
  const int64_t half = Need(Options("4", 4));
  TrainJobOptions options = Options("halved", 8);
  TrainingListener first;
  first.stop_after = 2;
  ASSERT_THAT(RunWithin(half, options, first), HasReason(Reason::kCancelled));
  options.resume = true;
  ASSERT_THAT(run_.Run(options), IsOk());
  ExpectSame("halved", "4");
}

TEST_F(TrainJobMemoryTest, TooLittleForOneRowEndsTheRunWithFiguresAndAdvice) {
  TrainJobOptions options = Options("o", 2);
  TrainingListener listener;
  const absl::Status status = RunWithin(1000, options, listener);
  EXPECT_THAT(Codes(listener), ElementsAre("micro_batch_halved", "activation_checkpointing_full"));
  EXPECT_THAT(status, HasReason(Reason::kOutOfMemory));
  EXPECT_EQ(base::ExitCodeOf(status), 8);
  EXPECT_THAT(
      status,
      HasMessage(::testing::MatchesRegex(
          "one row at a time with activation_checkpointing full does not fit into memory, of which "
          "0 MB were in use at most; use a machine with more, method lora, moment_bits 8 or a "
          "lower precision: encoding an image: memory ran out; use a smaller precision or batch, "
          "or a larger machine: DefaultCPUAllocator: not enough memory: you tried to allocate "
          "[0-9]+ bytes\\.")));
  options.resume = true;
  ASSERT_THAT(run_.Run(options), IsOk());
  ASSERT_THAT(run_.Run(Options("unbroken", 2)), IsOk());
  ExpectSame("o", "unbroken");
}

TEST_F(TrainJobMemoryTest, AnyAllocationOfARunMayFail) {
  memory_.AllowAll();
  ASSERT_THAT(run_.Run(Options("unbroken", 8)), IsOk());
  const int64_t num_allocations = memory_.num_allocations();
  ASSERT_GT(num_allocations, 100);
  for (int64_t k = 3; k < num_allocations; k += num_allocations / 60 + 1) {
    const std::string dir = "o" + std::to_string(k);
    memory_.FailOnce(k);
    const absl::Status status = run_.Run(Options(dir, 8));
    memory_.AllowAll();
    EXPECT_THAT(status, AnyOf(IsOk(), HasReason(Reason::kOutOfMemory))) << k;
    TrainJobOptions options = Options(dir, 8);
    options.resume = true;
    EXPECT_THAT(run_.Run(options), IsOk()) << k;
    EXPECT_EQ(AnswerTokens(dir), AnswerTokens("unbroken")) << k;  // of the same rows
  }
}

}  // namespace
}  // namespace md2::train
