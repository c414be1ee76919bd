// Defines CheckpointSaver, which writes a run's checkpoints and removes those that nobody needs.

#ifndef MD2_CORE_TRAIN_CHECKPOINT_SAVER_H_
#define MD2_CORE_TRAIN_CHECKPOINT_SAVER_H_

#include <cstdint>
#include <optional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/base/clock.h"
#include "core/base/file_env.h"
#include "core/train/checkpoint_folder.h"
#include "core/train/observer.h"
#include "core/train/optimizer.h"
#include "core/train/train_state.h"
#include "core/train/trainable_model.h"

namespace md2::train {

// What it is given must outlive it. One thread at a time.
class CheckpointSaver {
 public:
  CheckpointSaver(base::FileEnv& env, const base::Clock& clock, const TrainableModel& model,
                  const Optimizer& optimizer, CheckpointFolder& folder, int64_t keep_last);

  // Reads a checkpoint into model and optimizer. The errors of ReadCheckpoint.
  absl::StatusOr<TrainState> Restore(TrainableModel& model, int64_t update);

  // Writes the state as a complete checkpoint, then index and retention. The errors of
  // WriteCheckpoint; what was there before stays then.
  absl::StatusOr<CheckpointReport> Save(const TrainState& state);

  // The best checkpoint from now on; others that were kept for that go.
  absl::Status Keep(std::optional<int64_t> best);

  // Seconds that the next one is predicted to take: what the last one took, or, before the first,
  // its bytes at kAssumedBytesPerSecond.
  double predicted_seconds() const { return predicted_seconds_; }

  static constexpr double kAssumedBytesPerSecond = 200e6;

 private:
  base::FileEnv& env_;
  const base::Clock& clock_;
  const TrainableModel& model_;
  const Optimizer& optimizer_;
  CheckpointFolder& folder_;
  const int64_t keep_last_;
  std::optional<int64_t> last_;
  std::optional<int64_t> best_;
  double predicted_seconds_ = 0;
};

}  // namespace md2::train

#endif  // MD2_CORE_TRAIN_CHECKPOINT_SAVER_H_
