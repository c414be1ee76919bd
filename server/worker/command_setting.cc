#include "server/worker/command_setting.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/status_macros.h"

namespace md2::worker {

CommandSetting Flag(absl::string_view name, absl::string_view placeholder, base::SettingKind kind,
                    absl::string_view help) {
  CommandSetting setting;
  setting.spec.name = std::string(name);
  setting.spec.kind = std::move(kind);
  setting.spec.help = std::string(help);
  setting.placeholder = std::string(placeholder);
  return setting;
}

CommandSetting Flag(absl::string_view name, absl::string_view placeholder, absl::string_view help) {
  const auto is_not_empty = [](absl::string_view text) { return !text.empty(); };
  return Flag(name, placeholder, base::SettingKind::Checked("a text", is_not_empty), help);
}

CommandSetting Switch(absl::string_view name, absl::string_view help) {
  return WithDefault("false", Flag(name, "", base::SettingKind::Bool(), help));
}

CommandSetting WithDefault(absl::string_view value, CommandSetting setting) {
  setting.spec.default_value = std::string(value);
  return setting;
}

CommandSetting Required(CommandSetting setting) {
  setting.is_required = true;
  return setting;
}

CommandSetting RequiredUnless(absl::string_view other, CommandSetting setting) {
  setting.is_required = true;
  setting.unless = std::string(other);
  return setting;
}

CommandSetting Excluding(std::vector<std::string> others, CommandSetting setting) {
  setting.excludes = std::move(others);
  return setting;
}

CommandSetting ModelSetting(absl::string_view parts) {
  return Required(Flag("model", "DIR", absl::StrCat("a model folder; ", parts)));
}

CommandSetting OutputSetting() {
  return WithDefault("text",
                     Flag("output", "text|json", base::SettingKind::Choice({"text", "json"}),
                          "a table on a terminal and plain lines in a pipe, or JSON"));
}

absl::StatusOr<bool> WantsJson(const base::ResolvedSettings& settings) {
  const absl::StatusOr<std::string> output = settings.GetString("output");
  MD2_RETURN_IF_ERROR(output.status());
  return *output == "json";
}

}  // namespace md2::worker
