#include "core/train/update_runner.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/base/error.h"
#include "core/base/status_macros.h"

namespace md2::train {
namespace {

// After so many updates without overflow the scale is doubled.
constexpr int64_t kScaleGrowsAfter = 2000;
constexpr double kMaxLossScale = 1 << 24;

bool IsOutOfMemory(const absl::Status& status) {
  return base::ReasonOf(status) == base::Reason::kOutOfMemory;
}

}  // namespace

UpdateRunner::UpdateRunner(TrainableModel& model, Optimizer& optimizer, ExampleFeed& feed,
                           const base::Clock& clock, TrainObserver& observer,
                           const UpdateOptions& options)
    : model_(model),
      optimizer_(optimizer),
      feed_(feed),
      clock_(clock),
      observer_(observer),
      options_(options),
      lap_(clock.MonotonicNow()) {}

absl::StatusOr<UpdateReport> UpdateRunner::Run(const data::Window& window, const UpdateRates& rates,
                                               TrainState& state) {
  TrainState next = state;
  next.update = state.update + 1;
  taken_ = 0;
  Lap();
  UpdateReport report;
  report.update = next.update;
  report.learning_rate = rates.learning_rate;
  MD2_ASSIGN_OR_RETURN(const Summed summed, SumFinite(window, next));
  const FeedSeconds fed = feed_.TakeSeconds();
  report.seconds = {
      .data = fed.data, .vision = fed.vision, .forward_backward = Lap() - fed.data - fed.vision};
  report.loss = summed.sums.loss / static_cast<double>(summed.sums.tokens);
  report.token_accuracy =
      static_cast<double>(summed.sums.correct) / static_cast<double>(summed.sums.tokens);
  report.answer_tokens = summed.sums.tokens;
  report.images = window.num_rows;
  report.grad_norm = summed.norm;
  if (summed.is_finite()) {
    report.moved_share = Step(summed, rates, next);
  } else {
    MD2_RETURN_IF_ERROR(Skip(window, summed.not_finite, next));
  }
  report.seconds.update = Lap();
  report.peak_bytes = options_.peak_bytes();
  state = next;
  return report;
}

// Passes over the window, again with half the loss scale while that is what overflowed.
absl::StatusOr<UpdateRunner::Summed> UpdateRunner::SumFinite(const data::Window& window,
                                                             TrainState& state) {
  for (;;) {
    Summed summed;
    MD2_ASSIGN_OR_RETURN(summed.sums, SumInMemory(window, state));
    const GradientNorm norm = optimizer_.Norm();
    summed.factor = 1 / (static_cast<double>(summed.sums.tokens) * state.loss_scale.scale);
    summed.norm = norm.norm * summed.factor;
    summed.not_finite = norm.not_finite;
    if (summed.is_finite() || !options_.scales_loss || state.loss_scale.scale <= 1) return summed;
    state.loss_scale = {state.loss_scale.scale / 2, 0};
  }
}

// Passes over the window, again with less memory while that is what lacks.
absl::StatusOr<LossSums> UpdateRunner::SumInMemory(const data::Window& window, TrainState& state) {
  for (;;) {
    absl::StatusOr<LossSums> sums = Sum(window, state);
    if (sums.ok() || !IsOutOfMemory(sums.status())) return sums;
    if (options_.free_memory()) continue;
    MD2_RETURN_IF_ERROR(UseLessMemory(sums.status(), state));
  }
}

absl::StatusOr<LossSums> UpdateRunner::Sum(const data::Window& window, const TrainState& state) {
  model_.ZeroGradients();
  PassOptions pass = {options_.attention, options_.kept, {}, state.loss_scale.scale};
  const model::DropoutKey update = {options_.lora_dropout, options_.seed};
  LossSums sums;
  const int64_t batch_rows = state.micro_batch_rows;
  for (int64_t first = 0; first < window.num_rows; first += batch_rows) {
    const int64_t end = std::min(first + batch_rows, window.num_rows);
    MD2_ASSIGN_OR_RETURN(const std::vector<Example> examples, Take(window, first, end));
    pass.dropout =
        update.For(static_cast<uint64_t>(state.update)).For(static_cast<uint64_t>(first));
    MD2_ASSIGN_OR_RETURN(const LossSums batch, AccumulateGradients(model_.moondream(), examples,
                                                                   pass, model_.gradients()));
    sums += batch;
  }
  return sums;
}

// Some rows of the window: from the feed the first time, and by their places afterwards.
absl::StatusOr<std::vector<Example>> UpdateRunner::Take(const data::Window& window, int64_t first,
                                                        int64_t end) {
  std::vector<Example> examples;
  for (int64_t i = first; i < std::min(end, taken_); ++i) {
    MD2_ASSIGN_OR_RETURN(Example example, feed_.Again(window.epoch, window.first + i));
    examples.push_back(std::move(example));
  }
  const int64_t num_new = end - std::max(first, taken_);
  if (num_new <= 0) return examples;
  MD2_ASSIGN_OR_RETURN(std::vector<Example> taken, feed_.Next(num_new));
  taken_ += num_new;
  std::move(taken.begin(), taken.end(), std::back_inserter(examples));
  return examples;
}

// Share of the model's values that changed.
double UpdateRunner::Step(const Summed& summed, const UpdateRates& rates, TrainState& state) {
  const double clip = options_.clip_norm;
  const double shrink = clip == 0 ? 1 : std::min(1.0, clip / (summed.norm + 1e-6));
  state.skipped_in_a_row = 0;
  if (options_.scales_loss && ++state.loss_scale.updates_since_change >= kScaleGrowsAfter) {
    state.loss_scale = {std::min(2 * state.loss_scale.scale, kMaxLossScale), 0};
  }
  const int64_t moved = optimizer_.Apply({.update = state.update - state.skipped_updates,
                                          .rate = rates.learning_rate,
                                          .vision_rate = rates.vision_learning_rate,
                                          .gradient_factor = shrink * summed.factor});
  return static_cast<double>(moved) / static_cast<double>(optimizer_.num_values());
}

absl::Status UpdateRunner::UseLessMemory(const absl::Status& error, TrainState& state) {
  if (state.micro_batch_rows > 1) {
    state.micro_batch_rows = (state.micro_batch_rows + 1) / 2;
    Warn(state, "micro_batch_halved",
         absl::StrCat("memory ran out; from now on ", state.micro_batch_rows,
                      " rows are computed at a time, with the same rows in an update"));
    return absl::OkStatus();
  }
  if (options_.kept != model::KeptActivations::kInputs) {
    options_.kept = model::KeptActivations::kInputs;
    Warn(state, "activation_checkpointing_full",
         "memory ran out with one row at a time; from now on activations are computed again "
         "instead of kept");
    return absl::OkStatus();
  }
  return base::WithContext(
      error, absl::StrCat("one row at a time with activation_checkpointing full does not fit into "
                          "memory, of which ",
                          options_.peak_bytes() / 1'000'000,
                          " MB were in use at most; use a machine with more, method lora, "
                          "moment_bits 8 or a lower precision"));
}

absl::Status UpdateRunner::Skip(const data::Window& window, const std::string& tensor,
                                TrainState& state) {
  ++state.skipped_updates;
  ++state.skipped_in_a_row;
  const std::string cause = CauseOf(window, tensor);
  if (state.skipped_in_a_row >= kMaxSkippedInARow) {
    return base::MakeError(
        absl::StatusCode::kUnknown, base::Reason::kWeightsNotFinite,
        absl::StrCat(state.skipped_in_a_row,
                     " updates in a row were not finite, the last one "
                     "update ",
                     state.update, ": ", cause, "; lower learning_rate, or look at that row"));
  }
  Warn(state, "update_skipped", absl::StrCat("loss or gradient was not finite: ", cause));
  return absl::OkStatus();
}

// The first row whose loss alone is not finite, and the first tensor whose gradient is not.
std::string UpdateRunner::CauseOf(const data::Window& window, const std::string& tensor) {
  std::string cause = tensor.empty() ? "the loss" : absl::StrCat("the gradient of ", tensor);
  for (int64_t i = 0; i < window.num_rows; ++i) {
    const absl::StatusOr<Example> example = feed_.Again(window.epoch, window.first + i);
    if (!example.ok()) break;
    const absl::StatusOr<LossSums> sums =
        ComputeLoss(model_.moondream(), absl::MakeConstSpan(&*example, 1), options_.attention);
    if (!sums.ok()) break;
    if (!std::isfinite(sums->loss)) {
      return absl::StrCat(cause, ", first with ", feed_.NameOf(example->row));
    }
  }
  return cause;
}

void UpdateRunner::Warn(const TrainState& state, std::string code, std::string message) {
  observer_.OnWarning({state.update, std::move(code), std::move(message)});
}

// Seconds since the last lap.
double UpdateRunner::Lap() {
  const absl::Duration now = clock_.MonotonicNow();
  return absl::ToDoubleSeconds(now - std::exchange(lap_, now));
}

bool UpdateRunner::Summed::is_finite() const {
  return std::isfinite(sums.loss) && std::isfinite(norm) && not_finite.empty();
}

}  // namespace md2::train
