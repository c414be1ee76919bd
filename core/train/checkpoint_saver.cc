#include "core/train/checkpoint_saver.h"

#include <ATen/ops/empty.h>

#include <algorithm>
#include <string>
#include <utility>

#include "core/base/status_macros.h"
#include "core/model/torch_status.h"
#include "core/model/weight_arena.h"

namespace md2::train {
namespace {

uint64_t BytesOf(const SavedTensors& tensors) {
  uint64_t bytes = 0;
  for (const StateTensor& state : tensors.masters) bytes += state.tensor.nbytes();
  for (const StateTensor& state : tensors.moments) bytes += state.tensor.nbytes();
  return bytes;
}

// Host memory for copies: one piece, so that all of it is given back with the last of them, and not
// on huge pages, whose first touch may take a second a gigabyte.
class CopySpace {
 public:
  explicit CopySpace(const SavedTensors& tensors) {
    int64_t bytes = 0;
    for (const auto* list : {&tensors.masters, &tensors.moments}) {
      for (const StateTensor& state : *list) bytes += PlaceOf(state);
    }
    block_ = at::empty({bytes}, at::kByte);
  }

  std::vector<StateTensor> CopiesOf(const std::vector<StateTensor>& tensors) {
    std::vector<StateTensor> copies;
    for (const StateTensor& state : tensors) {
      const at::Tensor& of = state.tensor;
      const at::Tensor place = block_.narrow(0, used_, static_cast<int64_t>(of.nbytes()));
      copies.push_back({state.name, place.view(of.scalar_type()).view(of.sizes()).copy_(of)});
      used_ += PlaceOf(state);
    }
    return copies;
  }

 private:
  static int64_t PlaceOf(const StateTensor& state) {
    return static_cast<int64_t>(model::AlignedBytes(state.tensor.nbytes()));
  }

  at::Tensor block_;
  int64_t used_ = 0;  // bytes
};

}  // namespace

CheckpointSaver::CheckpointSaver(const CheckpointSaverParts& parts, SavedTensors tensors,
                                 CheckpointSaverOptions options)
    : parts_(parts),
      tensors_(std::move(tensors)),
      options_(std::move(options)),
      write_seconds_(static_cast<double>(BytesOf(tensors_)) / kAssumedBytesPerSecond),
      cost_seconds_(write_seconds_) {}

absl::StatusOr<TrainState> CheckpointSaver::Restore(TrainableModel& model, int64_t update) {
  MD2_RETURN_IF_ERROR(Wait());
  MD2_ASSIGN_OR_RETURN(const CheckpointInUse in_use, parts_.folder.Use(update));
  MD2_ASSIGN_OR_RETURN(TrainState state,
                       ReadCheckpoint(parts_.env, in_use.path, tensors_.masters, tensors_.moments));
  model.CopyMastersToModel();
  last_ = update;
  best_ = state.best.best_update;
  return state;
}

absl::Status CheckpointSaver::Save(const TrainState& state) {
  MD2_RETURN_IF_ERROR(Wait());
  const bool has_room = options_.copy_room && options_.copy_room() >= BytesOf(tensors_);
  // What kept it from being written beside, memory or threads, need not keep it from being written.
  if (has_room && SaveBeside(state).ok()) return absl::OkStatus();
  return SaveAtOnce(state);
}

absl::StatusOr<CheckpointContents> CheckpointSaver::Copy(const TrainState& state) const {
  CheckpointContents copy;
  MD2_RETURN_IF_ERROR(model::CatchTorch("copying the state of training", [&] {
    CopySpace space(tensors_);
    copy = {space.CopiesOf(tensors_.masters), space.CopiesOf(tensors_.moments), state};
    return absl::OkStatus();
  }));
  return copy;
}

absl::Status CheckpointSaver::SaveBeside(const TrainState& state) {
  begun_at_ = parts_.clock.MonotonicNow();
  MD2_ASSIGN_OR_RETURN(CheckpointContents copy, Copy(state));
  copy_seconds_ = SecondsSince(begun_at_);
  return in_flight_.Start(
      [this, contents = std::move(copy), begin = begun_at_,
       path = parts_.folder.PathOf(state.update)] { return Write(contents, path, begin); });
}

absl::Status CheckpointSaver::SaveAtOnce(const TrainState& state) {
  const absl::Duration begin = parts_.clock.MonotonicNow();
  MD2_RETURN_IF_ERROR(Finish(Write({tensors_.masters, tensors_.moments, state},
                                   parts_.folder.PathOf(state.update), begin)));
  cost_seconds_ = SecondsSince(begin);
  return absl::OkStatus();
}

// On any thread.
CheckpointSaver::Written CheckpointSaver::Write(const CheckpointContents& contents,
                                                const std::string& path,
                                                absl::Duration begin) const {
  Written written;
  written.report.update = contents.state.update;
  written.report.path = path;
  const absl::StatusOr<uint64_t> bytes = WriteCheckpoint(parts_.env, path, contents);
  written.status = bytes.status();
  written.report.bytes = static_cast<int64_t>(bytes.value_or(0));
  written.report.seconds = SecondsSince(begin);
  return written;
}

absl::Status CheckpointSaver::Finish(const Written& written) {
  MD2_RETURN_IF_ERROR(written.status);
  last_ = written.report.update;
  write_seconds_ = written.report.seconds;
  MD2_RETURN_IF_ERROR(WriteIndexAndPrune());
  parts_.observer.OnCheckpoint(written.report);
  return absl::OkStatus();
}

absl::Status CheckpointSaver::Collect() { return in_flight_.IsDone() ? Wait() : absl::OkStatus(); }

absl::Status CheckpointSaver::Wait() {
  if (!in_flight_.is_pending()) return absl::OkStatus();
  const absl::Duration begin = parts_.clock.MonotonicNow();
  MD2_RETURN_IF_ERROR(Finish(in_flight_.Take()));
  const double beside_seconds = write_seconds_ - copy_seconds_;
  cost_seconds_ = copy_seconds_ + kShareOfWriting * beside_seconds + SecondsSince(begin);
  return absl::OkStatus();
}

absl::Status CheckpointSaver::Keep(std::optional<int64_t> best) {
  if (best == best_) return absl::OkStatus();
  MD2_RETURN_IF_ERROR(Wait());
  best_ = best;
  return WriteIndexAndPrune();
}

absl::Status CheckpointSaver::WriteIndexAndPrune() {
  MD2_RETURN_IF_ERROR(parts_.folder.WriteIndex({last_, best_}));
  return parts_.folder.Prune({options_.keep_last, best_});
}

bool CheckpointSaver::GiveUpCopies() {
  const bool held_one = options_.copy_room != nullptr && in_flight_.is_pending();
  options_.copy_room = nullptr;
  in_flight_.Wait();
  return held_one;
}

double CheckpointSaver::predicted_seconds() const {
  if (!in_flight_.is_pending() || in_flight_.IsDone()) return write_seconds_;
  return write_seconds_ + std::max(0.0, write_seconds_ - SecondsSince(begun_at_));
}

double CheckpointSaver::SecondsSince(absl::Duration begin) const {
  return absl::ToDoubleSeconds(parts_.clock.MonotonicNow() - begin);
}

}  // namespace md2::train
