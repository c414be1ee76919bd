// Defines the tensors of a checkpoint on the disk (core/train/checkpoint_folder.h has the names).
//   CheckpointContents
//   WriteCheckpoint   complete or absent
//   ReadCheckpoint    into tensors that are there
//   MapMasters        the trained tensors, for an export

#ifndef MD2_CORE_TRAIN_CHECKPOINT_H_
#define MD2_CORE_TRAIN_CHECKPOINT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/base/file_env.h"
#include "core/train/state_tensor.h"
#include "core/train/train_state.h"

namespace md2::train {

struct CheckpointContents {
  std::vector<StateTensor> masters;  // of trained tensors, fp32, under their names in the model
  std::vector<StateTensor> moments;  // of the optimizer, under names of its own
  TrainState state;
};

// Writes the folder `dir`, which is complete or absent at every moment; one that is there, of an
// earlier attempt at the same update, is replaced. Returns its bytes on the disk. STORAGE_FULL
// (ResourceExhausted), before anything is written, when the disk has less room than it takes; else
// the disk's errors. Blocks, and needs no thread in particular: a snapshot may be written while
// training goes on, as long as nobody changes its tensors.
absl::StatusOr<uint64_t> WriteCheckpoint(base::FileEnv& env, const std::string& dir,
                                         const CheckpointContents& contents);

// Verifies all files, then fills the tensors of `masters` and `moments`, which say what is
// expected, and returns the state. The disk's errors, FILE_NOT_FOUND where there is no complete
// checkpoint; FILE_DAMAGED; CHECKPOINT_INVALID (InvalidArgument) with a line for every tensor that
// is missing, not expected, or of another shape or dtype. Tensors are undefined after an error of
// the disk, and untouched after any other.
absl::StatusOr<TrainState> ReadCheckpoint(base::FileEnv& env, const std::string& dir,
                                          const std::vector<StateTensor>& masters,
                                          const std::vector<StateTensor>& moments);

// The masters of a checkpoint in the order of the file, verified; on the CPU, in memory that is
// mapped from the file and must not be written to. Errors as ReadCheckpoint.
absl::StatusOr<std::vector<StateTensor>> MapMasters(base::FileEnv& env, const std::string& dir);

}  // namespace md2::train

#endif  // MD2_CORE_TRAIN_CHECKPOINT_H_
