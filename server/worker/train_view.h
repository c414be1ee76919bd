// Defines TrainView, what `md2-worker train` shows a person on a terminal.

#ifndef MD2_SERVER_WORKER_TRAIN_VIEW_H_
#define MD2_SERVER_WORKER_TRAIN_VIEW_H_

#include <cstdint>
#include <ostream>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "core/base/clock.h"
#include "core/train/observer.h"

namespace md2::worker {

// One live line below everything else, written over ten times a second at most and cut off where
// the terminal ends:
//   [###-------] 120/400  3m20s left  loss 0.4123  acc 91.2 %  lr 3e-06  12.3 img/s
// and above it a line for each evaluation (with its samples), checkpoint, finding and warning. The
// time left is what an update took in the mean since this attempt began, evaluations and saves
// included; images a second are those of the last updates alone. Control characters in texts of the
// data and the model are left out. The stream, a terminal, and the clock must outlive it. One
// thread at a time.
class TrainView : public train::TrainObserver {
 public:
  TrainView(std::ostream& terminal, const base::Clock& clock) : out_(terminal), clock_(clock) {}
  // Takes the live line away.
  ~TrainView() override;
  TrainView(const TrainView&) = delete;
  TrainView& operator=(const TrainView&) = delete;

  void OnPhase(const train::PhaseReport& report) override;
  void OnUpdate(const train::UpdateReport& report) override;
  void OnEvaluation(const train::EvaluationReport& report) override;
  void OnCheckpoint(const train::CheckpointReport& report) override;
  void OnFinding(const train::Finding& finding) override;
  void OnWarning(const train::Warning& warning) override;
  void OnFinished(const train::FinishReport& report) override;

 private:
  // Notes where training begins, once.
  void Begin(int64_t updates_done);
  void CountImages(const train::UpdateReport& report);
  std::string TimeLeft(int64_t update) const;

  // The new live line, when it is time for one or `always`.
  void ShowLive(std::string live, bool always);
  // Lines that stay, above the live one. REQUIRES: they end with a line break.
  void Print(absl::string_view lines);
  void WriteLive();
  void ClearLive();

  std::ostream& out_;
  const base::Clock& clock_;

  std::string live_;      // empty: none was shown
  bool is_live_ = false;  // it is what the terminal's last line holds
  absl::Duration shown_at_ = -absl::InfiniteDuration();

  int64_t total_updates_ = 0;  // 0: not known
  bool is_begun_ = false;
  int64_t first_update_ = 0;  // made before this attempt
  absl::Duration begun_at_;
  // Sums in which each further update makes the earlier ones count less.
  double recent_images_ = 0;
  double recent_seconds_ = 0;
};

}  // namespace md2::worker

#endif  // MD2_SERVER_WORKER_TRAIN_VIEW_H_
