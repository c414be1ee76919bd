#include "core/train/job_plan.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/train/auto_rules.h"
#include "core/train/config_fields.h"
#include "core/train/config_words.h"
#include "core/train/parameter_counts.h"
#include "core/train/schedule.h"

namespace md2::train {
namespace {

// Fills one plan, rule by rule. One thread at a time; must not outlive its arguments.
class Planner {
 public:
  Planner(const model::Sizes& sizes, const TrainConfig& config, const JobFacts& facts)
      : sizes_(sizes), facts_(facts) {
    plan_.config = config;
    trained_ = {config.method, config.train_vision, config.init, CountParts(sizes).all()};
  }

  JobPlan Plan() {
    ChooseRates();
    ChooseUpdates();
    ChooseWords();
    ChooseEvaluation();
    ChooseMemory();
    return std::move(plan_);
  }

 private:
  TrainConfig& config() { return plan_.config; }

  // A value that was auto is in the configuration now.
  void Note(const std::string& name, std::string reason) {
    plan_.chosen.push_back({name, FindConfigField(name)->text(plan_.config), std::move(reason)});
  }

  template <typename T>
  void Choose(const std::string& name, std::optional<T>& field, AutoChoice<T> choice) {
    if (field.has_value()) return;
    field = choice.value;
    Note(name, std::move(choice.reason));
  }

  void ChooseRates() {
    Choose("learning_rate", config().learning_rate, AutoLearningRate(trained_));
    if (config().train_vision == TrainVision::kNone) return;
    Choose("vision_learning_rate", config().vision_learning_rate,
           AutoVisionLearningRate(trained_, *config().learning_rate));
  }

  void ChooseUpdates() {
    Choose("grad_accum", config().grad_accum,
           AutoGradAccum(trained_, facts_.train_rows, config().epochs, config().batch_size));
    plan_.updates_per_epoch =
        UpdatesOfEpoch(facts_.train_rows, config().batch_size, *config().grad_accum);
    plan_.updates = plan_.updates_per_epoch * config().epochs;
  }

  void ChooseWords() {
    if (config().attention == Attention::kAuto) {
      config().attention = facts_.attention;
      Note("attention", "the revision's own");
    }
    if (config().precision == ComputePrecision::kAuto) {
      AutoChoice<ComputePrecision> choice =
          AutoPrecision(trained_.parameters, facts_.device_has_bf16);
      config().precision = choice.value;
      Note("precision", std::move(choice.reason));
    }
  }

  void ChooseEvaluation() {
    Choose("eval_every", config().eval_every, AutoEvalEvery(plan_.updates));
    const int64_t left = sizes_.text.max_positions - facts_.longest_prompt_tokens;
    Choose("max_new_tokens", config().max_new_tokens,
           AutoMaxNewTokens(facts_.longest.answer_tokens, std::max<int64_t>(left, 1)));
    if (facts_.val_rows == 0) return;
    const int64_t every = *config().eval_every;
    plan_.evaluations = 1 + (every == 0 ? 1 : (plan_.updates + every - 1) / every);
  }

  void ChooseMemory() {
    const uint64_t available =
        facts_.available_bytes == 0 ? std::numeric_limits<uint64_t>::max() : facts_.available_bytes;
    const CheckpointingChoice choice =
        ChooseCheckpointing(sizes_, config(), facts_.longest, available);
    plan_.memory = choice.plan;
    plan_.fits = choice.fits;
    PlanCopy();
    if (config().activation_checkpointing != ActivationCheckpointing::kAuto) return;
    config().activation_checkpointing = choice.checkpointing;
    Note("activation_checkpointing",
         choice.fits
             ? absl::StrCat("the fastest that fits, with ", choice.plan.total(), " bytes")
             : absl::StrCat("the smallest, and its ", choice.plan.total(), " bytes do not fit"));
  }

  // Checkpoints are written beside training where memory is known to have room for it.
  void PlanCopy() {
    const uint64_t copy = CopyBytes(sizes_, config());
    const uint64_t needed = plan_.memory.total() + copy + kRoomBesideCopy;
    if (needed <= facts_.available_bytes) plan_.memory.copy = copy;
  }

  const model::Sizes& sizes_;
  const JobFacts& facts_;
  TrainedModel trained_;
  JobPlan plan_;
};

}  // namespace

JobPlan PlanJob(const model::Sizes& sizes, const TrainConfig& config, const JobFacts& facts) {
  return Planner(sizes, config, facts).Plan();
}

}  // namespace md2::train
