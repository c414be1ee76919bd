// Faults in the middle of a run.

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <limits>
#include <string>

#include "absl/strings/str_cat.h"
#include "core/base/errno_status.h"
#include "core/base/error.h"
#include "core/model/safetensors_reader.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/integration/job_run.h"
#include "tests/testing/limited_memory.h"
#include "tests/testing/status_matchers.h"

namespace md2::train {
namespace {

using base::Reason;
using testing::HasMessage;
using testing::HasReason;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::IsOk;
using ::testing::SizeIs;
using ::testing::StartsWith;
using testing::StatusIs;

class TrainJobFaultsTest : public ::testing::Test {
 protected:
  // A NaN in the first value of the last tensor of the base.
  void PlantNanInWeights() {
    std::string file = run_.files.Get("m/model.safetensors").value();
    const float nan = std::numeric_limits<float>::quiet_NaN();
    std::memcpy(file.data() + file.size() - sizeof(nan), &nan, sizeof(nan));
    run_.files.Put("m/model.safetensors", file);
  }

  static uint64_t BytesInUse(const JobRun& run) {
    uint64_t used = 0;
    for (const std::string& path : run.files.Files()) used += run.files.Get(path)->size();
    return used;
  }

  JobRun run_;
};

TEST_F(TrainJobFaultsTest, ANanInAWeightEndsTheJobAndNamesTheCause) {
  PlantNanInWeights();
  Listener listener;
  const absl::Status status = run_.Run(run_.Options("o"), listener);
  EXPECT_THAT(status, HasReason(Reason::kWeightsNotFinite));
  EXPECT_THAT(std::string(status.message()), HasSubstr("3 updates in a row were not finite"));
  EXPECT_THAT(std::string(status.message()), HasSubstr("train.jsonl"));
  ASSERT_EQ(listener.warnings.size(), 2u);
  EXPECT_EQ(listener.warnings[0].code, "update_skipped");
  EXPECT_FALSE(run_.files.Get("o/model/manifest.json").has_value());
}

TEST_F(TrainJobFaultsTest, ADiskThatFillsUpAtAnyMomentKeepsWhatWasSavedAndSaysHowToGoOn) {
  const uint64_t before = BytesInUse(run_);
  ASSERT_THAT(run_.Run(run_.Options("o")), IsOk());
  const uint64_t taken = BytesInUse(run_) - before;
  int num_full = 0;
  for (uint64_t tenth = 1; tenth < 10; ++tenth) {
    JobRun other;
    other.files.SetCapacity(before + taken * tenth / 10);
    TrainJobOptions options = other.Options("o");
    const absl::Status status = other.Run(options);
    num_full += status.ok() ? 0 : 1;
    if (!status.ok()) {
      EXPECT_THAT(status, HasReason(Reason::kStorageFull));
      EXPECT_EQ(base::ExitCodeOf(status), 8);
      EXPECT_THAT(status, HasMessage(StartsWith("the disk is full; what was saved stays, make room "
                                                "and go on with --resume: ")));
    }
    other.files.SetCapacity(uint64_t{1} << 30);
    options.resume = true;
    EXPECT_THAT(other.Run(options), IsOk()) << tenth;
    EXPECT_TRUE(other.Model("o") == run_.Model("o")) << tenth;
    EXPECT_EQ(other.Metrics("o"), run_.Metrics("o")) << tenth;
  }
  EXPECT_GT(num_full, 5);
}

TEST_F(TrainJobFaultsTest, AJobOfNoUpdateIsRefused) {
  TrainJobOptions options = run_.Options("o");
  options.config.epochs = 0;
  EXPECT_THAT(run_.Run(options),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       "expected rows and epochs that make at least one update, found none; give "
                       "more rows or epochs"));
  EXPECT_FALSE(run_.files.Get("o/config.json").has_value());
}

TEST_F(TrainJobFaultsTest, WhatTheCheckFindsSaysInWhichFile) {
  run_.files.Put("val.jsonl", run_.files.Get("train.jsonl").value());
  Listener listener;
  ASSERT_THAT(run_.Run(run_.Options("o"), listener), IsOk());
  const auto found = std::find_if(
      listener.findings.begin(), listener.findings.end(),
      [](const Finding& finding) { return finding.is_val && finding.field == "image"; });
  ASSERT_NE(found, listener.findings.end());
  EXPECT_EQ(found->row, 1);
  EXPECT_EQ(found->message,
            "expected a picture that is not trained on, found that of row 1 of the training data: "
            "take it out of one of the two, or the evaluation flatters");
}

TEST_F(TrainJobFaultsTest, AFailureOfAnyDiskOperationIsGoneOnFromWithTheSameBytes) {
  const int64_t before = run_.files.num_operations();
  ASSERT_THAT(run_.Run(run_.Options("unbroken")), IsOk());
  const int64_t num_operations = run_.files.num_operations() - before;
  constexpr int64_t kStep = 11;  // of all, these, so that the test takes seconds
  for (int64_t k = 0; k < num_operations; k += kStep) {
    SCOPED_TRACE(k);
    TrainJobOptions options = run_.Options(absl::StrCat("broken", k));
    Listener broken;
    run_.files.FailOnce(k, absl::UnavailableError("once"));
    run_.Run(options, broken).IgnoreError();  // it may have survived
    run_.files.ClearFaults();
    options.resume = true;
    ASSERT_THAT(run_.Run(options), IsOk());
    EXPECT_EQ(run_.Metrics(options.output_dir), run_.Metrics("unbroken"));
    if (broken.HasWarning("evaluation_failed")) continue;  // another one may be the best
    EXPECT_EQ(run_.Evaluations(options.output_dir), run_.Evaluations("unbroken"));
    EXPECT_TRUE(run_.Model(options.output_dir) == run_.Model("unbroken"));
  }
}

// Allocations of a copy of the state.
constexpr int64_t kOfTheCopy = 1;

// Memory runs out once, while the checkpoint of update 2 is written.
class OutOfMemoryTest : public TrainJobFaultsTest {
 protected:
  OutOfMemoryTest() {
    listener_.on_update = [this](const UpdateReport& report) {
      if (report.update == 2) memory_.FailOnce(kOfTheCopy);
    };
  }

  testing::LimitedMemory memory_;
  Listener listener_;
};

TEST_F(OutOfMemoryTest, ACopyOfTheStateGoesBeforeAMicroBatchIsHalved) {
  ASSERT_THAT(run_.Run(run_.Options("unbroken")), IsOk());
  ASSERT_THAT(run_.Run(run_.Options("o"), listener_), IsOk());
  EXPECT_THAT(listener_.warnings, IsEmpty());
  EXPECT_EQ(run_.Metrics("o"), run_.Metrics("unbroken"));
}

TEST_F(OutOfMemoryTest, WithoutACopyTheMicroBatchIsHalved) {
  TrainJobOptions options = run_.Options("o");
  options.available_bytes = 0;
  ASSERT_THAT(run_.Run(options, listener_), IsOk());
  ASSERT_THAT(listener_.warnings, SizeIs(1));
  EXPECT_EQ(listener_.warnings[0].code, "micro_batch_halved");
}

TEST_F(OutOfMemoryTest, AnEvaluationBesideACopyIsMadeAgainWithoutIt) {
  listener_.on_update = [this](const UpdateReport& report) {
    if (report.update == 3) memory_.FailOnce(kOfTheCopy);
  };
  ASSERT_THAT(run_.Run(run_.Options("o"), listener_), IsOk());
  EXPECT_THAT(listener_.warnings, IsEmpty());
  EXPECT_THAT(run_.Evaluations("o"), SizeIs(3));
}

TEST_F(TrainJobFaultsTest, ABrokenImageInTheMiddleOfARunIsNamed) {
  TrainJobOptions options = run_.Options("o");
  options.config.train_vision = TrainVision::kAll;
  options.config.vision_learning_rate = 0.01;
  options.config.shuffle = false;
  Listener listener;
  listener.stop_after = 1;
  ASSERT_THAT(run_.Run(options, listener), HasReason(Reason::kCancelled));
  run_.files.Put("img/train6.png", "no picture");
  options.resume = true;
  Listener second;
  const absl::Status status = run_.Run(options, second);
  EXPECT_THAT(status, HasReason(Reason::kDataInvalid));  // the check before it goes on
  const auto error = std::find_if(second.findings.begin(), second.findings.end(),
                                  [](const Finding& finding) { return finding.is_error; });
  ASSERT_NE(error, second.findings.end());
  EXPECT_EQ(error->row, 7);
}

TEST_F(TrainJobFaultsTest, AnotherRunInTheSameFolderIsRefused) {
  run_.files.Put("o/.lock", "");
  MD2_ASSERT_OK_AND_ASSIGN(const auto lock, run_.files.Lock("o/.lock"));
  const absl::Status status = run_.Run(run_.Options("o"));
  EXPECT_THAT(status, HasReason(Reason::kOutputInUse));
  EXPECT_THAT(status, HasMessage("another run writes to this output folder; wait for it, stop it, "
                                 "or give another output_dir: o"));
}

TEST_F(TrainJobFaultsTest, AFolderThatMayNotBeWrittenIsNamed) {
  ASSERT_THAT(run_.files.CreateDirectories("o"), IsOk());
  run_.files.FailPath("o/.lock", base::ErrnoToStatus(EACCES, "open for locking", "o/.lock"));
  const absl::Status status = run_.Run(run_.Options("o"));
  EXPECT_THAT(status, HasReason(Reason::kFilePermission));
  EXPECT_EQ(base::ExitCodeOf(status), 4);
  EXPECT_THAT(status, HasMessage("cannot open for locking, permission denied (check the modes of "
                                 "the file and of its folders): o/.lock"));
}

}  // namespace
}  // namespace md2::train
