// Defines how a command's arguments become settings:
//   SplitArguments    arguments -> flags, each with its value
//   ReadCommandLine   flags and environment -> settings, or everything that is wrong with them
//
// Our own and not CLI11's: that one stops at its first error, cannot take dashes for underscores,
// and does not tell by which of its names a flag was given, which ResolveSettings reports.

#ifndef MD2_SERVER_WORKER_COMMAND_LINE_H_
#define MD2_SERVER_WORKER_COMMAND_LINE_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "core/base/settings.h"
#include "server/worker/command.h"

namespace md2::worker {

struct SplitResult {
  std::vector<std::pair<std::string, std::string>> flags;  // as in base::SettingsInput
  bool wants_help = false;                                 // --help or -h is among them
  std::vector<std::string> without_value;                  // settings whose value is missing
  std::vector<std::string> problems;                       // these included
};

// `--name value`, `--name=value`, `--switch`, `-o value`, `-ovalue`. A value that begins with two
// dashes must be joined by "=". A flag that `settings` do not know takes the argument after it,
// unless that is a flag.
SplitResult SplitArguments(const std::vector<CommandSetting>& settings,
                           absl::Span<const std::string> arguments);

// USAGE_INVALID (InvalidArgument) names every problem at once: those of `split` and of
// base::ResolveSettings, settings that are required and missing, and pairs that exclude each other.
absl::StatusOr<base::ResolvedSettings> ReadCommandLine(const Command& command,
                                                       const SplitResult& split,
                                                       const Surroundings& surroundings);

// "--max-new-tokens" of max_new_tokens.
std::string FlagOf(absl::string_view setting_name);

// Whether a flag, without its leading dashes, is a name of the setting.
bool IsNameOf(const base::SettingSpec& spec, absl::string_view flag);

}  // namespace md2::worker

#endif  // MD2_SERVER_WORKER_COMMAND_LINE_H_
