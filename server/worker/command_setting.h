// Defines
//   CommandSetting   a flag of a command: a setting, and how it stands to the others
//   Flag, Switch, and what may be said of them   how commands declare them
//   ModelSetting     --model, the folder that most commands read
//   OutputSetting, WantsJson   -o, --output, which every command has

#ifndef MD2_SERVER_WORKER_COMMAND_SETTING_H_
#define MD2_SERVER_WORKER_COMMAND_SETTING_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/base/settings.h"

namespace md2::worker {

struct CommandSetting {
  base::SettingSpec spec;
  std::string placeholder;  // "DIR"; empty for a switch, which needs no value to be true
  bool is_required = false;
  std::string unless;                 // required only where this other setting is not given
  std::vector<std::string> excludes;  // settings that cannot be given together with this one

  bool is_switch() const { return placeholder.empty(); }
};

// A setting of text that is not empty, whose default is none.
CommandSetting Flag(absl::string_view name, absl::string_view placeholder, absl::string_view help);
// As Flag, for values of a kind.
CommandSetting Flag(absl::string_view name, absl::string_view placeholder, base::SettingKind kind,
                    absl::string_view help);
// False unless given.
CommandSetting Switch(absl::string_view name, absl::string_view help);

CommandSetting WithDefault(absl::string_view value, CommandSetting setting);
CommandSetting Required(CommandSetting setting);
CommandSetting RequiredUnless(absl::string_view other, CommandSetting setting);
CommandSetting Excluding(std::vector<std::string> others, CommandSetting setting);

// `parts` ends "a model folder; ...".
CommandSetting ModelSetting(absl::string_view parts);

CommandSetting OutputSetting();
// INTERNAL when the command has no OutputSetting.
absl::StatusOr<bool> WantsJson(const base::ResolvedSettings& settings);

}  // namespace md2::worker

#endif  // MD2_SERVER_WORKER_COMMAND_SETTING_H_
