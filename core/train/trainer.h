// Defines Trainer, the loop of a job: updates, checkpoints, evaluations.

#ifndef MD2_CORE_TRAIN_TRAINER_H_
#define MD2_CORE_TRAIN_TRAINER_H_

#include <cstdint>
#include <functional>
#include <optional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "core/base/cancel.h"
#include "core/base/clock.h"
#include "core/data/order.h"
#include "core/train/checkpoint_saver.h"
#include "core/train/evaluator.h"
#include "core/train/observer.h"
#include "core/train/output_folder.h"
#include "core/train/train_state.h"
#include "core/train/update_runner.h"

namespace md2::train {

struct TrainerOptions {
  TrainConfig config;  // resolved, but for save_every, which may be auto
  data::WindowSize windows;
  int64_t num_updates = 0;
  // How long a checkpoint may take once the job was asked to stop.
  absl::Duration time_to_stop = absl::Seconds(20);
};

// What the loop works with; all outlives it. `evaluator` is null where there are no validation
// rows.
struct TrainerParts {
  UpdateRunner& updates;
  CheckpointSaver& saver;
  Evaluator* evaluator;
  OutputFolder& output;
  TrainObserver& observer;
  const base::Clock& clock;
};

// One thread at a time.
class Trainer {
 public:
  // `state` is that of the checkpoint from which the run goes on, or a new one.
  Trainer(const TrainerParts& parts, const TrainerOptions& options, TrainState state,
          base::CancelToken cancel);

  // Until all updates are made or patience is over; the last update is saved then. CANCELLED when
  // it was asked to stop: what was not saved yet is saved if that is predicted to fit into
  // time_to_stop, what the saver has in flight included. Otherwise the first error of an update, of
  // the disk or of a save; an evaluation that failed is a warning. No write is in flight
  // afterwards.
  absl::Status Run();

  const TrainState& state() const { return state_; }

 private:
  absl::Status Step();
  absl::Status SaveOrEvaluate();
  absl::Status Save();
  absl::Status Evaluate();
  absl::StatusOr<Evaluation> RunEvaluator();
  absl::Status Stop();
  absl::Status StopWithoutSaving();
  bool EvaluationIsDue() const;
  bool SaveIsDue() const;
  bool IsOver() const { return is_patience_over_ || state_.update >= options_.num_updates; }

  const TrainerParts parts_;
  const TrainerOptions options_;
  TrainState state_;
  BestTracker best_;
  const base::CancelToken cancel_;
  bool is_patience_over_ = false;
  int64_t saved_update_;           // or being saved
  double seconds_of_updates_ = 0;  // of this attempt
  int64_t num_steps_ = 0;
};

}  // namespace md2::train

#endif  // MD2_CORE_TRAIN_TRAINER_H_
