#include "core/train/report_json.h"

#include <cmath>

#include "core/base/error.h"
#include "core/base/json.h"
#include "gtest/gtest.h"

namespace md2::train {
namespace {

using base::Json;

TEST(ReportJsonTest, AnUpdateHasThePublishedNames) {
  UpdateReport report;
  report.update = 7;
  report.epoch = 0.5;
  report.loss = 1.25;
  report.token_accuracy = 0.75;
  report.learning_rate = 3e-6;
  report.grad_norm = 2;
  report.answer_tokens = 56;
  report.images = 8;
  report.moved_share = 0.5;
  report.seconds = {.data = 0.25, .vision = 0.5, .forward_backward = 4, .update = 1};
  report.peak_bytes = 1024;
  EXPECT_EQ(UpdateLine(report),
            "{\"answer_tokens\":56,\"epoch\":0.5,\"grad_norm\":2.0,\"images\":8,"
            "\"learning_rate\":3e-06,\"loss\":1.25,\"moved_share\":0.5,\"peak_bytes\":1024,"
            "\"seconds\":{\"data\":0.25,\"forward_backward\":4.0,\"update\":1.0,\"vision\":0.5},"
            "\"token_accuracy\":0.75,\"update\":7}\n");
}

TEST(ReportJsonTest, AnEvaluationHasThePublishedNames) {
  EvaluationReport report;
  report.update = 10;
  report.loss = 0.5;
  report.token_accuracy = 0.25;
  report.exact_match = Estimate{0.5, 4, 0.25, 0.75};
  report.anls = Estimate{0.5, 4, 0.25, 0.75};
  report.char_accuracy = Estimate{0.5, 4, 0.25, 0.75};
  report.samples = {{3, "What?", "482913", "482918"}};
  const std::string estimate = "{\"high\":0.75,\"low\":0.25,\"n\":4,\"value\":0.5}";
  EXPECT_EQ(EvaluationLine(report),
            "{\"anls\":" + estimate + ",\"char_accuracy\":" + estimate +
                ",\"exact_match\":" + estimate +
                ",\"loss\":0.5,\"samples\":[{\"answer\":\"482918\",\"question\":\"What?\","
                "\"reference\":\"482913\",\"row\":3}],\"token_accuracy\":0.25,\"update\":10}\n");
}

TEST(ReportJsonTest, WhatWasNotMeasuredIsLeftOut) {
  EXPECT_EQ(EvaluationLine(EvaluationReport()),
            "{\"loss\":0.0,\"samples\":[],\"token_accuracy\":0.0,\"update\":0}\n");
}

TEST(ReportJsonTest, ANumberThatIsNotFiniteIsNull) {
  UpdateReport report;
  report.loss = std::nan("");
  report.grad_norm = INFINITY;
  const Json json = ReportToJson(report);
  EXPECT_TRUE(json["loss"].is_null());
  EXPECT_TRUE(json["grad_norm"].is_null());
}

TEST(ReportJsonTest, AnEstimateOfNothingHasNoValue) {
  EXPECT_EQ(ReportToJson(Estimate()).dump(), "{\"high\":1.0,\"low\":0.0,\"n\":0,\"value\":null}");
}

TEST(ReportJsonTest, BrokenBytesBecomeTheReplacementCharacter) {
  EvaluationReport report;
  report.samples = {{1, "q", "r", "a\xFF"}};
  EXPECT_NE(EvaluationLine(report).find("\"a\xEF\xBF\xBD\""), std::string::npos);
}

TEST(ReportJsonTest, ALineHasOneLineBreak) {
  Warning warning{3, "update_skipped", "line one\nline two"};
  EXPECT_EQ(JsonLine(ReportToJson(warning)),
            "{\"code\":\"update_skipped\",\"message\":\"line one\\nline two\",\"update\":3}\n");
}

TEST(ReportJsonTest, AFailureCarriesItsReason) {
  FinishReport report;
  report.result = base::MakeError(absl::StatusCode::kResourceExhausted, base::Reason::kStorageFull,
                                  "disk full");
  report.updates = 12;
  report.best_update = 10;
  EXPECT_EQ(ReportToJson(report).dump(),
            "{\"best_update\":10,\"model_path\":\"\",\"result\":{\"message\":\"disk full\","
            "\"ok\":false,\"reason\":\"STORAGE_FULL\"},\"seconds\":0.0,\"updates\":12}");
  EXPECT_EQ(ReportToJson(FinishReport())["result"].dump(), "{\"ok\":true}");
}

TEST(ReportJsonTest, TheOtherReports) {
  EXPECT_EQ(ReportToJson(PhaseReport{Phase::kGate, 1, 8}).dump(),
            "{\"done\":1,\"phase\":\"gate\",\"total\":8}");
  EXPECT_EQ(ReportToJson(CheckpointReport{120, "checkpoints/000120", 4096, 0.5, true}).dump(),
            "{\"bytes\":4096,\"is_best\":true,\"path\":\"checkpoints/000120\",\"seconds\":0.5,"
            "\"update\":120}");
  Finding finding{true, false, 9, "answer", "empty"};
  EXPECT_EQ(ReportToJson(finding).dump(),
            "{\"data\":\"train\",\"field\":\"answer\",\"is_error\":true,\"message\":\"empty\","
            "\"row\":9}");
  finding.is_val = true;
  EXPECT_EQ(ReportToJson(finding)["data"], "val");
}

TEST(ReportJsonTest, EveryPhaseHasItsWord) {
  EXPECT_EQ(PhaseName(Phase::kLoad), "load");
  EXPECT_EQ(PhaseName(Phase::kEvaluate), "evaluate");
  EXPECT_EQ(PhaseName(Phase::kGate), "gate");
}

// Listens to one thing only.
class CountingObserver : public TrainObserver {
 public:
  int num_updates = 0;
  void OnUpdate(const UpdateReport& /*report*/) override { ++num_updates; }
};

TEST(TrainObserverTest, AListenerTakesWhatItWants) {
  CountingObserver counter;
  TrainObserver& observer = counter;
  observer.OnPhase({});
  observer.OnUpdate({});
  observer.OnEvaluation({});
  observer.OnCheckpoint({});
  observer.OnFinding({});
  observer.OnWarning({});
  observer.OnFinished({});
  EXPECT_EQ(counter.num_updates, 1);
}

}  // namespace
}  // namespace md2::train
