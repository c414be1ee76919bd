#include "core/train/trainer.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/error.h"
#include "core/base/status_macros.h"
#include "core/train/auto_rules.h"
#include "core/train/report_json.h"
#include "core/train/schedule.h"

namespace md2::train {

Trainer::Trainer(const TrainerParts& parts, const TrainerOptions& options, TrainState state,
                 base::CancelToken cancel)
    : parts_(parts),
      options_(options),
      state_(std::move(state)),
      best_(options.config.best_metric, options.config.tolerance, options.config.patience,
            state_.best),
      cancel_(std::move(cancel)),
      saved_update_(state_.update) {}

absl::Status Trainer::Run() {
  absl::Status status = EvaluationIsDue() ? Evaluate() : absl::OkStatus();
  while (status.ok() && !IsOver()) {
    status = cancel_.ToStatus();
    if (status.ok()) status = Step();
    if (status.ok()) status = SaveOrEvaluate();
  }
  if (absl::IsCancelled(status)) return Stop();
  const absl::Status saved = parts_.saver.Wait();
  return status.ok() ? saved : status;
}

absl::Status Trainer::Step() {
  const TrainConfig& config = options_.config;
  const absl::Duration begin = parts_.clock.MonotonicNow();
  const data::Window window = data::WindowOf(options_.windows, state_.update);
  const double factor =
      RateFactor({config.schedule, config.warmup_ratio}, state_.update, options_.num_updates);
  const UpdateRates rates = {*config.learning_rate * factor,
                             config.vision_learning_rate.value_or(0) * factor};
  MD2_ASSIGN_OR_RETURN(UpdateReport report, parts_.updates.Run(window, rates, state_));
  const auto done = static_cast<double>(window.first + window.num_rows);
  report.epoch =
      static_cast<double>(window.epoch) + done / static_cast<double>(options_.windows.num_rows);
  MD2_RETURN_IF_ERROR(parts_.output.AppendUpdate(UpdateLine(report)));
  parts_.observer.OnUpdate(report);
  seconds_of_updates_ += absl::ToDoubleSeconds(parts_.clock.MonotonicNow() - begin);
  ++num_steps_;
  return parts_.saver.Collect();
}

// A checkpoint is begun before the evaluation of its update.
absl::Status Trainer::SaveOrEvaluate() {
  const bool evaluates = EvaluationIsDue();
  if (evaluates || SaveIsDue()) MD2_RETURN_IF_ERROR(Save());
  return evaluates ? Evaluate() : absl::OkStatus();
}

bool Trainer::EvaluationIsDue() const {
  if (parts_.evaluator == nullptr) return false;
  const int64_t every = options_.config.eval_every.value_or(0);
  return state_.update == 0 || state_.update == options_.num_updates ||
         (every > 0 && state_.update % every == 0);
}

bool Trainer::SaveIsDue() const {
  if (state_.update == options_.num_updates) return true;
  const auto steps = static_cast<double>(num_steps_);
  const int64_t every = options_.config.save_every.has_value()
                            ? *options_.config.save_every
                            : AutoSaveEvery(seconds_of_updates_ / steps,
                                            parts_.saver.cost_seconds(), options_.num_updates)
                                  .value;
  return every > 0 && state_.update - saved_update_ >= every;
}

absl::Status Trainer::Save() {
  if (saved_update_ == state_.update) return absl::OkStatus();
  MD2_RETURN_IF_ERROR(parts_.output.SyncLines());
  MD2_RETURN_IF_ERROR(parts_.saver.Save(state_));
  saved_update_ = state_.update;
  return absl::OkStatus();
}

// Again without a copy of the state in memory, where that was too much.
absl::StatusOr<Evaluation> Trainer::RunEvaluator() {
  absl::StatusOr<Evaluation> evaluation = parts_.evaluator->Run();
  const bool is_too_much = base::ReasonOf(evaluation.status()) == base::Reason::kOutOfMemory;
  if (is_too_much && parts_.saver.GiveUpCopies()) evaluation = parts_.evaluator->Run();
  return evaluation;
}

// Its failure ends the evaluation, not the job.
absl::Status Trainer::Evaluate() {
  absl::StatusOr<Evaluation> evaluation = RunEvaluator();
  if (absl::IsCancelled(evaluation.status())) return evaluation.status();
  if (!evaluation.ok()) {
    parts_.observer.OnWarning(
        {state_.update, "evaluation_failed", std::string(evaluation.status().message())});
    return absl::OkStatus();
  }
  EvaluationReport& report = evaluation->report;
  report.update = state_.update;
  MD2_RETURN_IF_ERROR(parts_.output.AppendEvaluation(EvaluationLine(report)));
  MD2_RETURN_IF_ERROR(parts_.output.SyncLines());
  const BestVerdict verdict = best_.Observe(report);
  state_.best = best_.state();
  is_patience_over_ = verdict.is_patience_over;
  parts_.observer.OnEvaluation(report);
  if (state_.update == 0) return absl::OkStatus();
  return parts_.saver.Keep(best_.state().best_update);
}

absl::Status Trainer::Stop() {
  const double seconds = parts_.saver.predicted_seconds();
  const bool has_time = absl::Seconds(seconds) <= options_.time_to_stop;
  if (!has_time && saved_update_ != state_.update) return StopWithoutSaving();
  MD2_RETURN_IF_ERROR(Save());
  MD2_RETURN_IF_ERROR(parts_.saver.Wait());
  return cancel_.ToStatus();
}

absl::Status Trainer::StopWithoutSaving() {
  MD2_RETURN_IF_ERROR(parts_.saver.Wait());
  parts_.observer.OnWarning(
      {state_.update, "not_saved",
       absl::StrCat("asked to stop, and a checkpoint was predicted to take longer than there is; "
                    "the last one is of update ",
                    saved_update_)});
  return cancel_.ToStatus();
}

}  // namespace md2::train
