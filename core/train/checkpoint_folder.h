// Defines `checkpoints/` of a run's output folder.
//   names of a checkpoint's files
//   CheckpointIndex    index.json: which checkpoint is the last, which the best
//   Retention          which are kept
//   CheckpointFolder   finding, naming, keeping and removing them
//
//   checkpoints/index.json   {"last": 120, "best": 100}
//   checkpoints/000120/      120 updates made: masters.safetensors, moments.safetensors, state.json
//     manifest.json          by which it is complete (core/base/manifest.h)
//     .lock                  held shared by who reads it; never removed meanwhile
//     .pinned                there when somebody wants it kept

#ifndef MD2_CORE_TRAIN_CHECKPOINT_FOLDER_H_
#define MD2_CORE_TRAIN_CHECKPOINT_FOLDER_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/base/file_env.h"
#include "core/train/train_state.h"

namespace md2::train {

inline constexpr char kCheckpointKind[] = "checkpoint";  // of its manifest
inline constexpr char kMastersFile[] = "masters.safetensors";
inline constexpr char kMomentsFile[] = "moments.safetensors";
inline constexpr char kStateFile[] = "state.json";

// "000120"; more digits from a million on.
std::string CheckpointName(int64_t update);

// Nothing for what CheckpointName does not give.
std::optional<int64_t> ParseCheckpointName(absl::string_view name);

struct CheckpointIndex {
  std::optional<int64_t> last;
  std::optional<int64_t> best;

  bool operator==(const CheckpointIndex&) const = default;
};

struct Retention {
  int64_t keep_last = 2;        // the newest so many, at least one
  std::optional<int64_t> best;  // this one too
};

// Not to be read before its lock is held. Holds the lock while it lives.
struct CheckpointInUse {
  std::string path;
  std::unique_ptr<base::FileLock> lock;
};

// One process writes and removes, under the output folder's lock; others may read and pin
// meanwhile. `env` must outlive it. One thread at a time.
class CheckpointFolder {
 public:
  // `dir` need not be there yet.
  CheckpointFolder(base::FileEnv& env, std::string dir) : env_(env), dir_(std::move(dir)) {}

  const std::string& dir() const { return dir_; }
  std::string PathOf(int64_t update) const;

  // Of the complete ones, rising; the files are not verified. The disk's errors.
  absl::StatusOr<std::vector<int64_t>> List() const;

  // What was written last; empty when nothing was. CHECKPOINT_INVALID (InvalidArgument) when the
  // file is damaged. A crash may leave `last` behind List, never before a checkpoint is complete.
  absl::StatusOr<CheckpointIndex> ReadIndex() const;
  // Complete or as before. REQUIRES: both are there.
  absl::Status WriteIndex(const CheckpointIndex& index);

  // A checkpoint that stays while the result lives. FILE_NOT_FOUND (NotFound) when there is none of
  // that update, or it is just being removed.
  absl::StatusOr<CheckpointInUse> Use(int64_t update) const;

  // Pinned ones are kept until they are unpinned. OK when it is so already.
  absl::Status Pin(int64_t update);
  absl::Status Unpin(int64_t update);

  // Removes all that are neither among the newest, nor the best, nor pinned, nor in use. Every
  // other one is complete or absent at each moment. After an error of the disk some are left.
  absl::Status Prune(const Retention& retention);

  // Removes what a writer that died left. REQUIRES: nobody writes.
  absl::Status RemoveUnfinished();

 private:
  base::FileEnv& env_;
  const std::string dir_;
};

// state.json of a checkpoint. The disk's errors; CHECKPOINT_INVALID.
absl::StatusOr<TrainState> ReadState(base::FileEnv& env, const std::string& checkpoint_dir);

}  // namespace md2::train

#endif  // MD2_CORE_TRAIN_CHECKPOINT_FOLDER_H_
