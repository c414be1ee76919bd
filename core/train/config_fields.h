// Defines ConfigFields, the one table of hyperparameters. Flags, environment, files, help, JSON,
// reports and the API take names, ranges, defaults and texts from it.

#ifndef MD2_CORE_TRAIN_CONFIG_FIELDS_H_
#define MD2_CORE_TRAIN_CONFIG_FIELDS_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "core/base/setting_kind.h"
#include "core/train/train_config.h"

namespace md2::train {

enum class FieldType { kInteger, kReal, kBool, kWord };

struct ConfigField {
  std::string name;
  FieldType type = FieldType::kWord;
  base::SettingKind kind = base::SettingKind::Text();  // range, and the word auto where it is taken
  std::string placeholder;                             // "N", "X", or the words with | between them
  std::string help;
  std::vector<std::string> aliases;
  // Variables of the published recipe, which commands that train or submit read.
  std::vector<std::string> published_environment;
  // Whether a resumed run may have another value: neither weights nor metrics depend on it.
  bool is_free_on_resume = false;

  // The value as a flag takes it: "auto", "0.1", "lora". Reading it back gives the same value. A
  // number that is not finite is "nan" or "inf", which no kind accepts.
  std::function<std::string(const TrainConfig&)> text;
  // Puts a value there. REQUIRES: kind.Accepts(text).
  std::function<void(TrainConfig&, absl::string_view text)> set;
};

// In the order in which help and reports show them. Built once, never destroyed.
const std::vector<ConfigField>& ConfigFields();

// Null for a name that is no field's; aliases and dashes are not looked at.
const ConfigField* FindConfigField(absl::string_view name);

// The value of a TrainConfig nobody has changed.
std::string DefaultText(const ConfigField& field);

}  // namespace md2::train

#endif  // MD2_CORE_TRAIN_CONFIG_FIELDS_H_
