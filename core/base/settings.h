// Defines the one resolver of settings, which all programs use:
//   SettingSpec        a setting: name, default, which texts it takes
//   SettingsInput      what was given: flags, environment, a TOML file
//   ResolveSettings    flag before environment before file before default
//   ResolvedSettings   the values, each with where it came from
//
// A name is written with underscores (`learning_rate`); in flags and files dashes mean the same.

#ifndef MD2_CORE_BASE_SETTINGS_H_
#define MD2_CORE_BASE_SETTINGS_H_

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "core/base/setting_kind.h"

namespace md2::base {

struct SettingSpec {
  std::string name;
  std::string default_value;  // taken as it is, even where `kind` would refuse it, such as ""
  SettingKind kind = SettingKind::Text();
  std::string help;
  std::vector<std::string> aliases;            // other names in flags, files and PREFIX_ variables
  std::vector<std::string> extra_environment;  // whole names of variables, asked after PREFIX_NAME
  // Takes several values: flag repeated, array in the file, separated by commas in the environment
  // and in the default (empty: none).
  bool is_list = false;
  bool is_secret = false;  // its value is shown nowhere
};

struct SettingsInput {
  // Name without leading dashes, and text; in the order given.
  std::vector<std::pair<std::string, std::string>> flags;

  // The variable's text; nothing or empty when it is not set. May be left out.
  std::function<absl::optional<std::string>(const std::string& name)> environment;
  std::string environment_prefix;  // "MD2_": learning_rate is MD2_LEARNING_RATE

  // A TOML file of `name = value` lines; its path is for messages only. Both empty: none.
  std::string file_path;
  std::string file_text;
};

struct ResolvedSetting {
  SettingSpec spec;
  std::vector<std::string> values;  // one, unless spec.is_list
  bool is_default = false;
  std::string source;  // "flag --lr", "environment MD2_SEED", "file md2.toml:3", "default"

  // The values as a person may see them.
  std::string ShownValue() const;
};

// Immutable, share freely. The getters return INTERNAL (Internal) for a name that was not
// registered, a setting of another kind, or a list asked for as a single value: bugs of the caller.
class ResolvedSettings {
 public:
  explicit ResolvedSettings(std::vector<ResolvedSetting> settings)
      : settings_(std::move(settings)) {}

  absl::StatusOr<std::string> GetString(absl::string_view name) const;
  absl::StatusOr<std::vector<std::string>> GetList(absl::string_view name) const;
  absl::StatusOr<bool> GetBool(absl::string_view name) const;
  absl::StatusOr<int64_t> GetInt(absl::string_view name) const;
  absl::StatusOr<double> GetDouble(absl::string_view name) const;
  absl::StatusOr<uint64_t> GetBytes(absl::string_view name) const;

  // Whether the value is one of the words of SettingKind::OrWords or Choice.
  absl::StatusOr<bool> IsWord(absl::string_view name) const;

  // In the order of registration.
  const std::vector<ResolvedSetting>& all() const { return settings_; }
  // Null when not registered.
  const ResolvedSetting* Find(absl::string_view name) const;

  // A line a setting: "learning_rate = 3e-6 (flag --lr)".
  std::string Describe() const;

 private:
  absl::StatusOr<std::string> Single(absl::string_view name) const;

  std::vector<ResolvedSetting> settings_;
};

// SETTING_INVALID (InvalidArgument) names all problems at once: an unknown name in the flags or the
// file (with the nearest known one), a text that its setting does not take (with the place it came
// from and what was expected, even when a stronger source covers it), a setting given twice in one
// source, a file that is not TOML. REQUIRES: names, aliases and variables of `specs` are distinct.
absl::StatusOr<ResolvedSettings> ResolveSettings(const std::vector<SettingSpec>& specs,
                                                 const SettingsInput& input);

}  // namespace md2::base

#endif  // MD2_CORE_BASE_SETTINGS_H_
