#include "server/worker/train_lines.h"

#include <string>

#include "core/base/json.h"
#include "core/train/report_json.h"
#include "server/worker/json_line.h"

namespace md2::worker {

void TrainLines::Write(absl::string_view event, base::Json json) {
  json["event"] = std::string(event);
  out_ << JsonLine(json) << std::flush;
}

void TrainLines::OnPhase(const train::PhaseReport& report) {
  Write("phase", train::ReportToJson(report));
}

void TrainLines::OnUpdate(const train::UpdateReport& report) {
  Write("progress", train::ReportToJson(report));
}

void TrainLines::OnEvaluation(const train::EvaluationReport& report) {
  Write("evaluation", train::ReportToJson(report));
}

void TrainLines::OnCheckpoint(const train::CheckpointReport& report) {
  Write("checkpoint", train::ReportToJson(report));
}

void TrainLines::OnFinding(const train::Finding& finding) {
  Write("finding", train::ReportToJson(finding));
}

void TrainLines::OnWarning(const train::Warning& warning) {
  Write("warning", train::ReportToJson(warning));
}

void TrainLines::OnFinished(const train::FinishReport& report) {
  Write("finished", train::ReportToJson(report));
}

}  // namespace md2::worker
