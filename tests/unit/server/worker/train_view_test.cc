#include "server/worker/train_view.h"

#include <sstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "core/base/error.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/fake_clock.h"

namespace md2::worker {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class TrainViewTest : public ::testing::Test {
 protected:
  // What was written since the last call: a live line is "<LINE>", and "^" takes it away.
  std::string Written() {
    std::string text =
        absl::StrReplaceAll(out_.str(), {{"\033[?7l", "<"}, {"\033[?7h", ">"}, {"\r\033[K", "^"}});
    out_.str("");
    return text;
  }

  void Train(int64_t done, int64_t total) {
    view_.OnPhase({.phase = train::Phase::kTrain, .done = done, .total = total});
  }

  // An update that took a second.
  void Update(int64_t update, double loss = 0.5, int64_t images = 8) {
    clock_.Advance(absl::Seconds(1));
    train::UpdateReport report;
    report.update = update;
    report.loss = loss;
    report.token_accuracy = 0.912;
    report.learning_rate = 3e-6;
    report.images = images;
    report.seconds = {.data = 0.1, .vision = 0.2, .forward_backward = 0.6, .update = 0.1};
    view_.OnUpdate(report);
  }

  std::ostringstream out_;
  testing::FakeClock clock_;
  TrainView view_{out_, clock_};
};

TEST_F(TrainViewTest, AnUpdateIsALiveLine) {
  Train(0, 400);
  EXPECT_EQ(Written(), "<train [----------] 0/400>");
  Update(1);
  EXPECT_EQ(Written(),
            "^<[----------] 1/400  6m39s left  loss 0.5000  acc 91.2 %  lr 3e-06  8.0 img/s>");
  Update(2, 0.25);
  EXPECT_EQ(Written(),
            "^<[----------] 2/400  6m38s left  loss 0.2500  acc 91.2 %  lr 3e-06  8.0 img/s>");
}

TEST_F(TrainViewTest, TheBarFillsWithTheUpdates) {
  Train(0, 4);
  Update(1);
  EXPECT_THAT(Written(), HasSubstr("[##--------] 1/4"));
  Update(4);
  EXPECT_THAT(Written(), HasSubstr("[##########] 4/4  0 left"));
}

TEST_F(TrainViewTest, AfterAResumeTheTimeLeftIsMeasuredOnThisAttemptAlone) {
  Train(100, 110);
  clock_.Advance(absl::Seconds(1));
  Update(101);
  EXPECT_THAT(Written(), HasSubstr("101/110  18s left"));
}

TEST_F(TrainViewTest, WithoutATotalThereIsNoBar) {
  Update(3);
  EXPECT_THAT(Written(), HasSubstr("<3  loss 0.5000"));
}

TEST_F(TrainViewTest, ImagesASecondAreThoseOfTheLastUpdates) {
  Train(0, 1000);
  Update(1, 0.5, 0);
  EXPECT_THAT(Written(), HasSubstr("  0.0 img/s"));
  for (int64_t update = 2; update < 100; ++update) Update(update);
  Written();
  Update(100);
  EXPECT_THAT(Written(), HasSubstr("  8.0 img/s"));
}

TEST_F(TrainViewTest, TheLiveLineIsWrittenTenTimesASecondAtMostButAtTheEnd) {
  view_.OnPhase({.phase = train::Phase::kVision, .done = 0, .total = 100});
  EXPECT_EQ(Written(), "<vision [----------] 0/100>");
  clock_.Advance(absl::Milliseconds(99));
  view_.OnPhase({.phase = train::Phase::kVision, .done = 1, .total = 100});
  EXPECT_EQ(Written(), "");
  clock_.Advance(absl::Milliseconds(1));
  view_.OnPhase({.phase = train::Phase::kVision, .done = 50, .total = 100});
  EXPECT_EQ(Written(), "^<vision [#####-----] 50/100>");
  view_.OnPhase({.phase = train::Phase::kVision, .done = 100, .total = 100});
  EXPECT_EQ(Written(), "^<vision [##########] 100/100>");
}

TEST_F(TrainViewTest, APhaseThatDoesNotCountIsNamed) {
  view_.OnPhase({.phase = train::Phase::kLoad});
  EXPECT_EQ(Written(), "<load ...>");
}

TEST_F(TrainViewTest, AnEvaluationStaysAboveTheLiveLine) {
  Train(0, 4);
  Written();
  train::EvaluationReport report;
  report.update = 2;
  report.loss = 0.4123;
  report.token_accuracy = 0.5;
  report.exact_match = train::Estimate{.value = 0.85, .n = 200, .low = 0.794, .high = 0.893};
  report.samples = {{.row = 3, .question = "Who?", .reference = "me", .answer = "m\033[2Je\n"}};
  view_.OnEvaluation(report);
  EXPECT_EQ(Written(),
            "^evaluation after update 2: loss 0.4123, token accuracy 50.0 %, exact match 85.0 % "
            "(79.4 to 89.3, n 200)\n"
            "  row 3: \"Who?\" answered \"m[2Je\\n\", reference \"me\"\n"
            "<train [----------] 0/4>");
}

TEST_F(TrainViewTest, TheBasesOwnScoreIsNamedSo) {
  view_.OnEvaluation({});
  EXPECT_THAT(Written(), HasSubstr("evaluation before training: loss"));
}

TEST_F(TrainViewTest, ACheckpointAFindingAndAWarningStay) {
  view_.OnCheckpoint(
      {.update = 120, .path = "out/000120", .bytes = 2000, .seconds = 1.25, .is_best = true});
  EXPECT_EQ(Written(),
            "checkpoint after update 120, the best so far: out/000120, 2.00 kB, 1.2 s\n");
  view_.OnFinding({.is_error = true, .row = 7, .field = "image", .message = "expected\033 a file"});
  view_.OnFinding({.is_error = false, .row = 0, .field = "", .message = "few rows"});
  EXPECT_EQ(Written(), "error in row 7, image: expected a file\nwarning: few rows\n");
  view_.OnFinding({.is_val = true, .row = 2, .field = "image", .message = "trained on"});
  EXPECT_EQ(Written(), "warning in val row 2, image: trained on\n");
  view_.OnWarning({.update = 9, .code = "update_skipped", .message = "skipped"});
  EXPECT_EQ(Written(), "warning in update 9: skipped\n");
}

TEST_F(TrainViewTest, TheEndTakesTheLiveLineAway) {
  Train(0, 4);
  Update(4);
  Written();
  train::FinishReport report;
  report.updates = 4;
  report.seconds = 83.7;
  report.best_update = 3;
  report.model_path = "out/model";
  view_.OnFinished(report);
  EXPECT_EQ(Written(),
            "^finished after 4 updates and 1m23s, best after update 3, model in out/model\n");
}

TEST_F(TrainViewTest, AFailureIsNamedByItsReason) {
  train::FinishReport report;
  report.result =
      base::MakeError(absl::StatusCode::kUnknown, base::Reason::kLossTooHigh, "a long text");
  report.updates = 12;
  report.seconds = 5;
  view_.OnFinished(report);
  EXPECT_EQ(Written(), "stopped after 12 updates and 5s: LOSS_TOO_HIGH\n");
}

TEST_F(TrainViewTest, ItGoesWithoutALine) {
  {
    TrainView view(out_, clock_);
    view.OnPhase({.phase = train::Phase::kLoad});
  }
  EXPECT_EQ(Written(), "<load ...>^");
  EXPECT_THAT(Written(), Not(HasSubstr("\n")));
}

}  // namespace
}  // namespace md2::worker
