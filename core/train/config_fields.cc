#include "core/train/config_fields.h"

#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/base/json.h"
#include "core/train/config_words.h"

namespace md2::train {
namespace {

using base::SettingKind;

constexpr char kAuto[] = "auto";
constexpr int64_t kMaxCount = 1'000'000;
constexpr int64_t kMaxUpdates = 1'000'000'000;

std::string Text(int64_t value) { return absl::StrCat(value); }

std::string Text(bool value) { return value ? "true" : "false"; }

// The fewest digits from which the same number is read.
std::string Text(double value) {
  return std::isfinite(value) ? base::Json(value).dump() : absl::StrCat(value);
}

template <typename Enum>
std::string Text(Enum value) {
  return std::string(WordOf(value));
}

template <typename T>
std::string Text(const std::optional<T>& value) {
  return value.has_value() ? Text(*value) : kAuto;
}

// Reads a text that the field's kind has accepted.
void Put(absl::string_view text, int64_t& out) { out = *SettingKind::ParseInt(text); }

void Put(absl::string_view text, bool& out) { out = *SettingKind::ParseBool(text); }

void Put(absl::string_view text, double& out) { out = *SettingKind::ParseDouble(text); }

template <typename Enum>
void Put(absl::string_view text, Enum& out) {
  out = *FindWord<Enum>(text);
}

template <typename T>
void Put(absl::string_view text, std::optional<T>& out) {
  out.reset();
  if (text != kAuto) Put(text, out.emplace());
}

template <typename T>
struct TypeOf {
  static constexpr FieldType kType = FieldType::kWord;
};
template <>
struct TypeOf<int64_t> {
  static constexpr FieldType kType = FieldType::kInteger;
};
template <>
struct TypeOf<double> {
  static constexpr FieldType kType = FieldType::kReal;
};
template <>
struct TypeOf<bool> {
  static constexpr FieldType kType = FieldType::kBool;
};
template <typename T>
struct TypeOf<std::optional<T>> : TypeOf<T> {};

template <typename T>
ConfigField Field(absl::string_view name, T TrainConfig::* member, absl::string_view placeholder,
                  SettingKind kind, absl::string_view help) {
  ConfigField field;
  field.name = std::string(name);
  field.type = TypeOf<T>::kType;
  field.kind = std::move(kind);
  field.placeholder = std::string(placeholder);
  field.help = std::string(help);
  field.text = [member](const TrainConfig& config) { return Text(config.*member); };
  field.set = [member](TrainConfig& config, absl::string_view text) { Put(text, config.*member); };
  return field;
}

template <typename Enum>
ConfigField Words(absl::string_view name, Enum TrainConfig::* member, absl::string_view help) {
  const auto& words = kWordsOf<Enum>;
  return Field(name, member, absl::StrJoin(words, "|"),
               SettingKind::Choice({words.begin(), words.end()}), help);
}

ConfigField Count(absl::string_view name, int64_t TrainConfig::* member, int64_t min, int64_t max,
                  absl::string_view help) {
  return Field(name, member, "N", SettingKind::Int(min, max), help);
}

ConfigField AutoCount(absl::string_view name, std::optional<int64_t> TrainConfig::* member,
                      int64_t min, int64_t max, absl::string_view help) {
  return Field(name, member, "N|auto", SettingKind::Int(min, max).OrWords({kAuto}), help);
}

// A number in (0, max].
SettingKind Positive(double max) {
  return SettingKind::Checked(absl::StrCat("a number above 0 and up to ", max),
                              [max](absl::string_view text) {
                                const auto value = SettingKind::ParseDouble(text);
                                return value.has_value() && *value > 0 && *value <= max;
                              });
}

// A number in [0, 1).
SettingKind Share() {
  return SettingKind::Checked("a number from 0 and below 1", [](absl::string_view text) {
    const auto value = SettingKind::ParseDouble(text);
    return value.has_value() && *value >= 0 && *value < 1;
  });
}

ConfigField Real(absl::string_view name, double TrainConfig::* member, SettingKind kind,
                 absl::string_view help) {
  return Field(name, member, "X", std::move(kind), help);
}

ConfigField AutoRate(absl::string_view name, std::optional<double> TrainConfig::* member,
                     absl::string_view help) {
  return Field(name, member, "X|auto", Positive(1).OrWords({kAuto}), help);
}

ConfigField WithAlias(absl::string_view alias, ConfigField field) {
  field.aliases.emplace_back(alias);
  return field;
}

ConfigField WithPublished(absl::string_view variable, ConfigField field) {
  field.published_environment.emplace_back(variable);
  return field;
}

ConfigField FreeOnResume(ConfigField field) {
  field.is_free_on_resume = true;
  return field;
}

void AddWhatIsTrained(std::vector<ConfigField>& fields) {
  fields.push_back(Words("method", &TrainConfig::method,
                         "full: the text model; lora: adapters beside its matrices"));
  fields.push_back(Count("lora_rank", &TrainConfig::lora_rank, 1, 4096,
                         "rank of the adapters; method lora only"));
  fields.push_back(Real("lora_alpha", &TrainConfig::lora_alpha, Positive(1e6),
                        "adapters count lora_alpha / lora_rank times; method lora only"));
  fields.push_back(Real("lora_dropout", &TrainConfig::lora_dropout, Share(),
                        "share of an adapter's inputs left out; method lora only"));
  fields.push_back(Words("train_vision", &TrainConfig::train_vision,
                         "what is trained besides: the projector, or the vision tower too"));
  fields.push_back(Words("init", &TrainConfig::init,
                         "start from the base's weights, or from fresh ones to pretrain"));
}

void AddHowFast(std::vector<ConfigField>& fields) {
  fields.push_back(WithPublished("EPOCHS", Count("epochs", &TrainConfig::epochs, 1, kMaxCount,
                                                 "times that every row is trained on")));
  fields.push_back(WithPublished("BATCH_SIZE", Count("batch_size", &TrainConfig::batch_size, 1,
                                                     65'536, "rows in one forward pass")));
  fields.push_back(AutoCount("grad_accum", &TrainConfig::grad_accum, 1, kMaxCount,
                             "forward passes of one update; auto: by model, method and rows"));
  fields.push_back(WithPublished(
      "LR", WithAlias("lr", AutoRate("learning_rate", &TrainConfig::learning_rate,
                                     "highest rate; auto: by method and parameters"))));
  fields.push_back(
      AutoRate("vision_learning_rate", &TrainConfig::vision_learning_rate,
               "highest rate of vision and projector; auto: the full method's; only where "
               "train_vision is not none"));
  fields.push_back(Words("schedule", &TrainConfig::schedule,
                         "course of the rate; moondream: the published formula"));
  fields.push_back(Real("warmup_ratio", &TrainConfig::warmup_ratio, Share(),
                        "share of the updates in which the rate rises from a tenth"));
}

void AddOptimizer(std::vector<ConfigField>& fields) {
  fields.push_back(Real("weight_decay", &TrainConfig::weight_decay, SettingKind::Double(0, 1),
                        "of AdamW, decoupled"));
  fields.push_back(Real("clip_norm", &TrainConfig::clip_norm, SettingKind::Double(0, 1e6),
                        "largest norm of the gradient; 0: any"));
  fields.push_back(
      Real("beta1", &TrainConfig::beta1, Share(), "decay of AdamW's first moment, an update"));
  fields.push_back(
      Real("beta2", &TrainConfig::beta2, Share(), "decay of AdamW's second moment, an update"));
  fields.push_back(Real("epsilon", &TrainConfig::epsilon, Positive(1),
                        "added to the root of AdamW's second moment"));
}

void AddData(std::vector<ConfigField>& fields) {
  fields.push_back(Words("tiles", &TrainConfig::tiles,
                         "crops of an image; off: the whole image once, kept in the export"));
  fields.push_back(Words("attention", &TrainConfig::attention,
                         "prefix: image positions see each other; auto: by the base's revision"));
  fields.push_back(Field("shuffle", &TrainConfig::shuffle, "true|false", SettingKind::Bool(),
                         "rows in an order of each epoch's own; false: as in the file"));
  fields.push_back(Count("seed", &TrainConfig::seed, 0, std::numeric_limits<int64_t>::max(),
                         "of order, dropout, fresh weights and val_split"));
  fields.push_back(Real("val_split", &TrainConfig::val_split, Share(),
                        "share of the images held out, where no validation file is given"));
  fields.push_back(Count("skip_bad_rows", &TrainConfig::skip_bad_rows, 0, kMaxUpdates,
                         "rows that may be left out because they cannot be read"));
}

void AddEvaluation(std::vector<ConfigField>& fields) {
  fields.push_back(AutoCount("eval_every", &TrainConfig::eval_every, 0, kMaxUpdates,
                             "updates between evaluations; 0: at the end alone; auto: 10 a run"));
  fields.push_back(Count("eval_samples", &TrainConfig::eval_samples, 1, kMaxUpdates,
                         "validation rows of one evaluation, at most"));
  fields.push_back(AutoCount("max_new_tokens", &TrainConfig::max_new_tokens, 1, kMaxCount,
                             "tokens of an answer at most; auto: by the longest reference"));
  fields.push_back(Words("best_metric", &TrainConfig::best_metric,
                         "metric of evaluations by which the best checkpoint is chosen"));
  fields.push_back(Count("patience", &TrainConfig::patience, 0, kMaxCount,
                         "evaluations without improvement that end the job; 0: none do"));
  fields.push_back(Real("tolerance", &TrainConfig::tolerance, SettingKind::Double(0, 1e6),
                        "what best_metric must gain to count as improvement"));
}

void AddCheckpointsAndCompute(std::vector<ConfigField>& fields) {
  fields.push_back(
      FreeOnResume(AutoCount("save_every", &TrainConfig::save_every, 1, kMaxUpdates,
                             "updates between checkpoints; auto: as costs 2 % of the time")));
  fields.push_back(FreeOnResume(Count("keep_last", &TrainConfig::keep_last, 1, kMaxCount,
                                      "checkpoints kept, besides the best one")));
  fields.push_back(Words("precision", &TrainConfig::precision,
                         "of the computation; auto: fp32 below 50 million parameters, else bf16 "
                         "where the device has it"));
  fields.push_back(Field("moment_bits", &TrainConfig::moment_bits, "32|8",
                         SettingKind::Choice({"32", "8"}),
                         "of each of AdamW's moments; 8: in blocks with a scale each"));
  fields.push_back(Words("activation_checkpointing", &TrainConfig::activation_checkpointing,
                         "compute activations again to save memory; auto: where they do not fit"));
}

std::vector<ConfigField> MakeFields() {
  std::vector<ConfigField> fields;
  AddWhatIsTrained(fields);
  AddHowFast(fields);
  AddOptimizer(fields);
  AddData(fields);
  AddEvaluation(fields);
  AddCheckpointsAndCompute(fields);
  return fields;
}

}  // namespace

const std::vector<ConfigField>& ConfigFields() {
  static const auto* const kFields = new std::vector<ConfigField>(MakeFields());
  return *kFields;
}

const ConfigField* FindConfigField(absl::string_view name) {
  for (const ConfigField& field : ConfigFields()) {
    if (field.name == name) return &field;
  }
  return nullptr;
}

std::string DefaultText(const ConfigField& field) { return field.text(TrainConfig()); }

}  // namespace md2::train
