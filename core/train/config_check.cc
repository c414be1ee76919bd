#include "core/train/config_check.h"

#include "absl/strings/str_cat.h"
#include "core/base/error.h"
#include "core/train/config_fields.h"

namespace md2::train {
namespace {

using base::ErrorList;

// Adds a line for each given field that has no effect. One thread at a time; must not outlive its
// arguments.
class UselessFinder {
 public:
  UselessFinder(const TrainConfig& config, const GivenFields& given, ErrorList& problems)
      : config_(config), given_(given), problems_(problems) {}

  void Find() {
    FindInMethod();
    FindInSchedule();
    FindInValidation();
  }

 private:
  void FindInMethod() {
    if (config_.method == Method::kFull) {
      for (const char* name : {"lora_rank", "lora_alpha", "lora_dropout"}) {
        AddIfGiven(name, "method full", "leave it out, or set method to lora");
      }
    }
    if (config_.train_vision == TrainVision::kNone && config_.vision_learning_rate.has_value()) {
      AddIfGiven("vision_learning_rate", "train_vision none",
                 "leave it out, or set train_vision to projector or all");
    }
  }

  void FindInSchedule() {
    if (config_.schedule == Schedule::kMoondream) {
      AddIfGiven("warmup_ratio", "schedule moondream, whose formula has its own",
                 "leave it out, or set schedule to cosine");
    }
  }

  void FindInValidation() {
    if (given_.has_validation_file && config_.val_split > 0) {
      AddIfGiven("val_split", "a validation file", "leave one of the two out");
    }
    if (!given_.has_validation_file && config_.val_split == 0) {
      for (const char* name : {"eval_every", "eval_samples", "best_metric"}) {
        AddIfGiven(name, "no validation rows", kGiveRows);
      }
      if (config_.patience > 0) AddIfGiven("patience", "no validation rows", kGiveRows);
    } else if (config_.patience > 0 && config_.eval_every == 0) {
      AddIfGiven("patience", "eval_every 0, one evaluation at the end",
                 "leave it out, or set eval_every to a number of updates");
    }
    if (config_.patience == 0 && config_.tolerance > 0) {
      AddIfGiven("tolerance", "patience 0", "leave it out, or set patience");
    }
  }

  void AddIfGiven(const char* name, absl::string_view because, absl::string_view advice) {
    if (given_.names.count(name) == 0) return;
    problems_.Add(absl::StrCat(name, ": ", FindConfigField(name)->text(config_),
                               " has no effect with ", because, "; ", advice));
  }

  static constexpr char kGiveRows[] = "leave it out, or give a validation file or val_split";

  const TrainConfig& config_;
  const GivenFields& given_;
  ErrorList& problems_;
};

}  // namespace

absl::Status CheckConfig(const TrainConfig& config, const GivenFields& given) {
  ErrorList problems;
  for (const ConfigField& field : ConfigFields()) {
    const std::string text = field.text(config);
    if (field.kind.Accepts(text)) continue;
    problems.Add(
        absl::StrCat(field.name, ": expected ", field.kind.Expectation(), ", found ", text));
  }
  UselessFinder(config, given, problems).Find();
  return problems.ToStatus(absl::StatusCode::kInvalidArgument, base::Reason::kSettingInvalid,
                           "hyperparameters that cannot be used");
}

std::vector<FieldDifference> Differences(const TrainConfig& recorded, const TrainConfig& asked) {
  std::vector<FieldDifference> differences;
  for (const ConfigField& field : ConfigFields()) {
    std::string was = field.text(recorded);
    std::string now = field.text(asked);
    if (now == was || now == "auto") continue;
    differences.push_back({field.name, std::move(was), std::move(now), field.is_free_on_resume});
  }
  return differences;
}

absl::Status CheckResume(const TrainConfig& recorded, const TrainConfig& asked) {
  ErrorList problems;
  for (const FieldDifference& difference : Differences(recorded, asked)) {
    if (difference.is_free_on_resume) continue;
    problems.Add(absl::StrCat(difference.name, ": begun with ", difference.recorded,
                              ", asked to go on with ", difference.asked));
  }
  return problems.ToStatus(absl::StatusCode::kFailedPrecondition, base::Reason::kSettingInvalid,
                           "cannot resume with other hyperparameters (give those it began with, or "
                           "another output_dir)");
}

}  // namespace md2::train
