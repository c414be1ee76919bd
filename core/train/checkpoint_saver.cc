#include "core/train/checkpoint_saver.h"

#include "absl/time/time.h"
#include "core/base/status_macros.h"
#include "core/train/checkpoint.h"

namespace md2::train {

CheckpointSaver::CheckpointSaver(base::FileEnv& env, const base::Clock& clock,
                                 const TrainableModel& model, const Optimizer& optimizer,
                                 CheckpointFolder& folder, int64_t keep_last)
    : env_(env),
      clock_(clock),
      model_(model),
      optimizer_(optimizer),
      folder_(folder),
      keep_last_(keep_last) {
  double bytes = 0;
  for (const StateTensor& state : model_.Masters())
    bytes += static_cast<double>(state.tensor.nbytes());
  for (const StateTensor& state : optimizer.moments().State()) {
    bytes += static_cast<double>(state.tensor.nbytes());
  }
  predicted_seconds_ = bytes / kAssumedBytesPerSecond;
}

absl::StatusOr<TrainState> CheckpointSaver::Restore(TrainableModel& model, int64_t update) {
  MD2_ASSIGN_OR_RETURN(const CheckpointInUse in_use, folder_.Use(update));
  MD2_ASSIGN_OR_RETURN(TrainState state, ReadCheckpoint(env_, in_use.path, model_.Masters(),
                                                        optimizer_.moments().State()));
  model.CopyMastersToModel();
  last_ = update;
  best_ = state.best.best_update;
  return state;
}

absl::StatusOr<CheckpointReport> CheckpointSaver::Save(const TrainState& state) {
  const absl::Duration begin = clock_.MonotonicNow();
  CheckpointReport report;
  report.update = state.update;
  report.path = folder_.PathOf(state.update);
  MD2_ASSIGN_OR_RETURN(
      const uint64_t bytes,
      WriteCheckpoint(env_, report.path, {model_.Masters(), optimizer_.moments().State(), state}));
  last_ = state.update;
  MD2_RETURN_IF_ERROR(Keep(best_));
  report.bytes = static_cast<int64_t>(bytes);
  report.seconds = absl::ToDoubleSeconds(clock_.MonotonicNow() - begin);
  predicted_seconds_ = report.seconds;
  return report;
}

absl::Status CheckpointSaver::Keep(std::optional<int64_t> best) {
  best_ = best;
  MD2_RETURN_IF_ERROR(folder_.WriteIndex({last_, best_}));
  return folder_.Prune({keep_last_, best_});
}

}  // namespace md2::train
