#include "server/worker/train_lines.h"

#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/str_split.h"
#include "core/base/error.h"
#include "core/base/json.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace md2::worker {
namespace {

using ::testing::ElementsAre;

std::vector<base::Json> Lines(const std::string& text) {
  std::vector<base::Json> lines;
  for (const absl::string_view line : absl::StrSplit(text, '\n', absl::SkipEmpty())) {
    lines.push_back(base::Json::parse(std::string(line)));
  }
  return lines;
}

TEST(TrainLinesTest, EveryReportIsALineWithItsEvent) {
  std::ostringstream out;
  TrainLines lines(out);
  lines.OnPhase({.phase = train::Phase::kTrain, .done = 0, .total = 4});
  lines.OnUpdate({});
  lines.OnEvaluation({});
  lines.OnCheckpoint({});
  lines.OnFinding({});
  lines.OnWarning({});
  lines.OnFinished({});
  std::vector<std::string> events;
  for (const base::Json& line : Lines(out.str())) events.push_back(line["event"]);
  EXPECT_THAT(events, ElementsAre("phase", "progress", "evaluation", "checkpoint", "finding",
                                  "warning", "finished"));
}

TEST(TrainLinesTest, ALineHoldsTheReport) {
  std::ostringstream out;
  TrainLines lines(out);
  train::UpdateReport report;
  report.update = 7;
  report.loss = 0.5;
  lines.OnUpdate(report);
  const std::vector<base::Json> found = Lines(out.str());
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0]["update"], 7);
  EXPECT_EQ(found[0]["loss"], 0.5);
}

TEST(TrainLinesTest, TheEndSaysWhy) {
  std::ostringstream out;
  TrainLines lines(out);
  train::FinishReport report;
  report.result =
      base::MakeError(absl::StatusCode::kUnknown, base::Reason::kLossTooHigh, "too high");
  lines.OnFinished(report);
  const base::Json line = Lines(out.str())[0];
  EXPECT_EQ(line["result"]["reason"], "LOSS_TOO_HIGH");
  EXPECT_EQ(line["result"]["message"], "too high");
}

}  // namespace
}  // namespace md2::worker
