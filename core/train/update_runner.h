// Defines UpdateRunner, which makes one update of a model from one window of rows.

#ifndef MD2_CORE_TRAIN_UPDATE_RUNNER_H_
#define MD2_CORE_TRAIN_UPDATE_RUNNER_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "core/base/clock.h"
#include "core/data/order.h"
#include "core/train/example_feed.h"
#include "core/train/loss_pass.h"
#include "core/train/observer.h"
#include "core/train/optimizer.h"
#include "core/train/train_state.h"
#include "core/train/trainable_model.h"

namespace md2::train {

// Updates in a row that may be skipped.
inline constexpr int64_t kMaxSkippedInARow = 3;

struct UpdateOptions {
  model::AttentionKind attention = model::AttentionKind::kCausal;
  model::KeptActivations kept = model::KeptActivations::kAll;
  double lora_dropout = 0;
  uint64_t seed = 0;
  double clip_norm = 1;      // 0: not clipped
  bool scales_loss = false;  // for fp16
  // Largest memory so far, bytes.
  std::function<int64_t()> peak_bytes = [] { return int64_t{0}; };
  // Frees memory that something beside the update holds; whether there was some.
  std::function<bool()> free_memory = [] { return false; };
};

struct UpdateRates {
  double learning_rate = 0;
  double vision_learning_rate = 0;
};

// What it is given must outlive it. One thread at a time.
class UpdateRunner {
 public:
  UpdateRunner(TrainableModel& model, Optimizer& optimizer, ExampleFeed& feed,
               const base::Clock& clock, TrainObserver& observer, const UpdateOptions& options);

  // In this order: passes over the window's rows, a micro-batch at a time, summing the gradient of
  // the loss sum; finite?; norm, of the gradient of the mean over all answer tokens; clip; the
  // optimizer's step; the report. `state` is that before the update, and after success that behind
  // it, update and skips included.
  //
  // When memory runs out, the window is begun again: once free_memory had some, else with half the
  // rows in a pass, and at one row with block inputs alone kept; OUT_OF_MEMORY when that is not
  // enough. When loss or gradient are
  // not finite: with a scaled loss, the window is begun again with half the scale; else the update
  // is skipped, weights and moments stay as they are. Both are told as warnings.
  // WEIGHTS_NOT_FINITE (Unknown) names the cause once kMaxSkippedInARow were skipped. Other errors
  // are those of the feed. After an error `state`, weights and moments are as before.
  absl::StatusOr<UpdateReport> Run(const data::Window& window, const UpdateRates& rates,
                                   TrainState& state);

 private:
  // What all passes over a window came to.
  struct Summed {
    LossSums sums;
    double factor = 1;       // gradients times this are those of the mean loss
    double norm = 0;         // of those
    std::string not_finite;  // a tensor whose gradient is not

    bool is_finite() const;
  };

  absl::StatusOr<Summed> SumFinite(const data::Window& window, TrainState& state);
  absl::StatusOr<LossSums> SumInMemory(const data::Window& window, TrainState& state);
  absl::StatusOr<LossSums> Sum(const data::Window& window, const TrainState& state);
  absl::StatusOr<std::vector<Example>> Take(const data::Window& window, int64_t first, int64_t end);
  double Step(const Summed& summed, const UpdateRates& rates, TrainState& state);
  absl::Status UseLessMemory(const absl::Status& error, TrainState& state);
  absl::Status Skip(const data::Window& window, const std::string& tensor, TrainState& state);
  std::string CauseOf(const data::Window& window, const std::string& tensor);
  void Warn(const TrainState& state, std::string code, std::string message);
  double Lap();

  TrainableModel& model_;
  Optimizer& optimizer_;
  ExampleFeed& feed_;
  const base::Clock& clock_;
  TrainObserver& observer_;
  UpdateOptions options_;
  int64_t taken_ = 0;  // rows of the window that were taken from the feed
  absl::Duration lap_;
};

}  // namespace md2::train

#endif  // MD2_CORE_TRAIN_UPDATE_RUNNER_H_
