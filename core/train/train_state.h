// Defines state.json of a checkpoint: what a run must know, besides tensors, to go on.
//   TrainState
//   StateText, ParseState
//
// Order of rows, learning rate and dropout are functions of the update's number and the seed, so
// that none of them is kept.

#ifndef MD2_CORE_TRAIN_TRAIN_STATE_H_
#define MD2_CORE_TRAIN_TRAIN_STATE_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/train/best_tracker.h"
#include "core/train/run_identity.h"

namespace md2::train {

// Of fp16 compute: the loss is multiplied by `scale` before the backward pass.
struct LossScaleState {
  double scale = 1;
  int64_t updates_since_change = 0;  // after so many without overflow the scale grows

  bool operator==(const LossScaleState&) const = default;
};

// A plain value.
struct TrainState {
  int64_t update = 0;            // made so far, skipped ones included
  int64_t micro_batch_rows = 0;  // in one forward pass; config.batch_size unless memory ran out
  int64_t skipped_updates = 0;   // because something was not finite
  int64_t skipped_in_a_row = 0;
  LossScaleState loss_scale;
  BestState best;  // of the metric that run.config.best_metric names
  RunIdentity run;

  bool operator==(const TrainState&) const = default;
};

std::string StateText(const TrainState& state);

// CHECKPOINT_INVALID (InvalidArgument), naming `what` and every member that is missing, unknown, of
// another type or out of range, or that it is of another version. Reading what StateText wrote
// gives an equal state.
absl::StatusOr<TrainState> ParseState(absl::string_view text, absl::string_view what);

}  // namespace md2::train

#endif  // MD2_CORE_TRAIN_TRAIN_STATE_H_
