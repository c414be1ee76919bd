// Defines CheckpointSaver, which writes a run's checkpoints and removes those that nobody needs.

#ifndef MD2_CORE_TRAIN_CHECKPOINT_SAVER_H_
#define MD2_CORE_TRAIN_CHECKPOINT_SAVER_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "core/base/background_task.h"
#include "core/base/clock.h"
#include "core/base/file_env.h"
#include "core/train/checkpoint.h"
#include "core/train/checkpoint_folder.h"
#include "core/train/observer.h"
#include "core/train/state_tensor.h"
#include "core/train/train_state.h"
#include "core/train/trainable_model.h"

namespace md2::train {

// What it works with; all outlives it.
struct CheckpointSaverParts {
  base::FileEnv& env;  // used by a thread of the saver, too
  const base::Clock& clock;
  TrainObserver& observer;
  CheckpointFolder& folder;
};

struct CheckpointSaverOptions {
  int64_t keep_last = 2;
  // Bytes of host memory that a copy of the state may take now; null: never any.
  std::function<uint64_t()> copy_room;
};

// What a run must be able to go on from: the trained tensors and their moments, as they are at each
// moment. They share memory with model and optimizer.
struct SavedTensors {
  std::vector<StateTensor> masters;
  std::vector<StateTensor> moments;
};

// Where memory has room for a copy of the state, a thread of the saver writes that copy, while its
// caller goes on and changes the tensors; at most one is in flight. Otherwise, and where no thread
// can be started, it is written before Save returns. Both give the same bytes.
//
// Index, retention and the observer's OnCheckpoint follow on the caller's thread, in the first call
// that finds a checkpoint complete. That call returns the error of a write that failed; what was
// there before stays then. Call only from one thread; its destruction waits for what is in flight.
class CheckpointSaver {
 public:
  CheckpointSaver(const CheckpointSaverParts& parts, SavedTensors tensors,
                  CheckpointSaverOptions options);

  // Reads a checkpoint into the tensors, and the model's from its masters. Waits first. The errors
  // of Wait and ReadCheckpoint.
  absl::StatusOr<TrainState> Restore(TrainableModel& model, int64_t update);

  // Begins a checkpoint of the tensors and `state` as they are; it is complete at the latest when
  // Wait returns. Waits first. The errors of Wait and, where it is written at once, of
  // WriteCheckpoint.
  absl::Status Save(const TrainState& state);

  // Does what follows a checkpoint that is complete by now; does not block for one that is not.
  absl::Status Collect();

  // Blocks until none is in flight, as nothing can stop a write.
  absl::Status Wait();

  // The best checkpoint from now on; others that were kept for that go. Waits first when it is
  // another one than before.
  absl::Status Keep(std::optional<int64_t> best);

  // Gives the memory of a copy back, by waiting for its write, and takes none from now on. Errors
  // are left to the next call. False: there was no copy, or it was given up before.
  bool GiveUpCopies();

  // Seconds until a checkpoint that were begun now would be complete: what the last one took, or,
  // before the first, its bytes at kAssumedBytesPerSecond; and what the one in flight still needs.
  double predicted_seconds() const;

  // Seconds of training that a checkpoint costs: those for which the last one blocked the caller,
  // and kShareOfWriting of those in which it was written beside.
  double cost_seconds() const { return cost_seconds_; }

  static constexpr double kAssumedBytesPerSecond = 200e6;
  // Measured with two threads of LibTorch on two cores, where nothing is idle: 0.6.
  static constexpr double kShareOfWriting = 0.6;

 private:
  // What a write came to.
  struct Written {
    absl::Status status;
    CheckpointReport report;
  };

  absl::StatusOr<CheckpointContents> Copy(const TrainState& state) const;
  absl::Status SaveBeside(const TrainState& state);
  absl::Status SaveAtOnce(const TrainState& state);
  Written Write(const CheckpointContents& contents, const std::string& path,
                absl::Duration begin) const;
  absl::Status Finish(const Written& written);
  absl::Status WriteIndexAndPrune();
  double SecondsSince(absl::Duration begin) const;

  const CheckpointSaverParts parts_;
  const SavedTensors tensors_;
  CheckpointSaverOptions options_;
  std::optional<int64_t> last_;
  std::optional<int64_t> best_;
  absl::Duration begun_at_;  // the one in flight
  double copy_seconds_ = 0;  // of the one in flight
  double write_seconds_;     // of the last one that was written, its copy included
  double cost_seconds_;
  base::BackgroundTask<Written> in_flight_;  // last, so that its thread ends first
};

}  // namespace md2::train

#endif  // MD2_CORE_TRAIN_CHECKPOINT_SAVER_H_
