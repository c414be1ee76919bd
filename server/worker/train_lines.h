// Defines TrainLines, what `md2-worker train` tells programs.

#ifndef MD2_SERVER_WORKER_TRAIN_LINES_H_
#define MD2_SERVER_WORKER_TRAIN_LINES_H_

#include <ostream>

#include "absl/strings/string_view.h"
#include "core/base/json_fwd.h"
#include "core/train/observer.h"

namespace md2::worker {

// A JSON object a line, flushed at once: the report as core/train/report_json.h writes it, and
// `event`, one of "phase", "progress" (an update), "evaluation", "checkpoint", "finding",
// "warning", "finished". The stream must outlive it; when it fails, nothing is said any more. One
// thread at a time.
class TrainLines : public train::TrainObserver {
 public:
  explicit TrainLines(std::ostream& out) : out_(out) {}

  void OnPhase(const train::PhaseReport& report) override;
  void OnUpdate(const train::UpdateReport& report) override;
  void OnEvaluation(const train::EvaluationReport& report) override;
  void OnCheckpoint(const train::CheckpointReport& report) override;
  void OnFinding(const train::Finding& finding) override;
  void OnWarning(const train::Warning& warning) override;
  void OnFinished(const train::FinishReport& report) override;

 private:
  void Write(absl::string_view event, base::Json json);

  std::ostream& out_;
};

}  // namespace md2::worker

#endif  // MD2_SERVER_WORKER_TRAIN_LINES_H_
