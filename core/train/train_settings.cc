#include "core/train/train_settings.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/error.h"
#include "core/base/status_macros.h"
#include "core/train/config_check.h"
#include "core/train/config_fields.h"

namespace md2::train {
namespace {

using base::ResolvedSetting;
using base::ResolvedSettings;
using base::SettingKind;

constexpr char kPreset[] = "preset";
constexpr char kPublished[] = "published";
constexpr char kBidirectional[] = "use_bidirectional_image_attn";
constexpr char kAttention[] = "attention";

// What the published recipe sets; the rest of it are defaults.
struct PresetValue {
  const char* name;
  const char* value;
};
constexpr PresetValue kPublishedValues[] = {{"learning_rate", "3e-6"}, {"grad_accum", "128"}};

TrainSetting Setting(absl::string_view name, absl::string_view placeholder, SettingKind kind,
                     absl::string_view default_value, absl::string_view help) {
  TrainSetting setting;
  setting.spec.name = std::string(name);
  setting.spec.kind = std::move(kind);
  setting.spec.default_value = std::string(default_value);
  setting.spec.help = std::string(help);
  setting.placeholder = std::string(placeholder);
  return setting;
}

SettingKind Path() {
  return SettingKind::Checked("a path", [](absl::string_view text) { return !text.empty(); });
}

SettingKind OneDevice() {
  return SettingKind::Checked(
      "1, since one job cannot train on several devices yet (for more rows an update raise "
      "grad_accum; to use all devices start one job on each)",
      [](absl::string_view text) { return text == "1"; });
}

std::vector<TrainSetting> PlaceSettings() {
  std::vector<TrainSetting> settings = {
      Setting("data", "FILE", Path(), "data/train.jsonl", "rows to train on"),
      Setting("val", "FILE", Path(), "", "rows to evaluate on"),
      Setting("output_dir", "DIR", Path(), "./outputs/moondream2_ft",
              "folder for metrics, checkpoints and the model"),
  };
  settings[0].spec.extra_environment = {"DATA_PATH"};
  settings[1].spec.aliases = {"val_data"};
  settings[2].spec.extra_environment = {"OUTPUT_DIR"};
  return settings;
}

TrainSetting FromField(const ConfigField& field) {
  TrainSetting setting =
      Setting(field.name, field.placeholder, field.kind, DefaultText(field), field.help);
  setting.spec.aliases = field.aliases;
  setting.spec.extra_environment = field.published_environment;
  return setting;
}

void Decide(ResolvedSetting& setting, absl::string_view value, absl::string_view source) {
  setting.values = {std::string(value)};
  setting.source = std::string(source);
  setting.is_default = false;
}

// What a preset gives to settings that nobody set.
void ApplyPreset(absl::string_view preset, std::vector<ResolvedSetting>& settings) {
  if (preset != kPublished) return;
  for (ResolvedSetting& setting : settings) {
    if (!setting.is_default) continue;
    for (const PresetValue& row : kPublishedValues) {
      if (setting.spec.name == row.name) Decide(setting, row.value, "preset published");
    }
  }
}

absl::Status ApplyBidirectional(const ResolvedSetting& given,
                                std::vector<ResolvedSetting>& settings) {
  for (ResolvedSetting& setting : settings) {
    if (setting.spec.name != kAttention) continue;
    const std::string& attention = setting.values.front();
    if (attention == "causal") {
      return base::MakeError(
          absl::StatusCode::kInvalidArgument, base::Reason::kSettingInvalid,
          absl::StrCat(kBidirectional, ": means attention prefix (", given.source,
                       "), found attention causal (", setting.source, "); leave one of them out"));
    }
    if (attention == "auto") Decide(setting, "prefix", given.source);
  }
  return absl::OkStatus();
}

}  // namespace

std::vector<TrainSetting> TrainSettings(PublishedNames names) {
  std::vector<TrainSetting> settings = PlaceSettings();
  settings.push_back(Setting(kPreset, "none|published", SettingKind::Choice({"none", kPublished}),
                             "none", "published: learning_rate 3e-6 and grad_accum 128"));
  settings.push_back(Setting("devices", "1", OneDevice(), "1", "devices that train one job"));
  settings.push_back(
      Setting(kBidirectional, "", SettingKind::Bool(), "false", "the same as --attention prefix"));
  for (const ConfigField& field : ConfigFields()) settings.push_back(FromField(field));
  if (names == PublishedNames::kIgnored) {
    for (TrainSetting& setting : settings) setting.spec.extra_environment.clear();
  }
  return settings;
}

absl::StatusOr<TrainRequest> ReadTrainSettings(const ResolvedSettings& settings) {
  MD2_ASSIGN_OR_RETURN(const std::string preset, settings.GetString(kPreset));
  MD2_ASSIGN_OR_RETURN(const bool is_bidirectional, settings.GetBool(kBidirectional));
  std::vector<ResolvedSetting> decided = settings.all();
  ApplyPreset(preset, decided);
  if (is_bidirectional) {
    MD2_RETURN_IF_ERROR(ApplyBidirectional(*settings.Find(kBidirectional), decided));
  }
  TrainRequest request{"", "", "", TrainConfig(), ResolvedSettings(std::move(decided))};
  MD2_ASSIGN_OR_RETURN(request.data_path, settings.GetString("data"));
  MD2_ASSIGN_OR_RETURN(request.val_path, settings.GetString("val"));
  MD2_ASSIGN_OR_RETURN(request.output_dir, settings.GetString("output_dir"));
  GivenFields given;
  given.has_validation_file = !request.val_path.empty();
  for (const ConfigField& field : ConfigFields()) {
    MD2_ASSIGN_OR_RETURN(const std::string text, request.resolved.GetString(field.name));
    field.set(request.config, text);
    if (!request.resolved.Find(field.name)->is_default) given.names.insert(field.name);
  }
  MD2_RETURN_IF_ERROR(CheckConfig(request.config, given));
  return request;
}

}  // namespace md2::train
