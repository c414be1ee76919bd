#include "server/worker/command_line.h"

#include <algorithm>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "core/base/error.h"

namespace md2::worker {
namespace {

constexpr char kEnvironmentPrefix[] = "MD2_";

class Reader {
 public:
  Reader(const Command& command, const SplitResult& split, const Surroundings& surroundings)
      : command_(command), split_(split), surroundings_(surroundings) {}

  absl::StatusOr<base::ResolvedSettings> Read() {
    for (const std::string& problem : split_.problems) problems_.Add(problem);
    absl::StatusOr<base::ResolvedSettings> settings = Resolve(AllSpecs(), split_.flags);
    if (!settings.ok()) AddProblemsOf(settings.status());
    FindGiven();
    AddMissing();
    AddExcluded();
    if (problems_.empty()) return settings;
    return problems_.ToStatus(absl::StatusCode::kInvalidArgument, base::Reason::kUsageInvalid,
                              absl::StrCat("command line of \"", command_.name,
                                           "\" that cannot be used (its --help says what can)"));
  }

 private:
  using Flags = std::vector<std::pair<std::string, std::string>>;

  absl::StatusOr<base::ResolvedSettings> Resolve(const std::vector<base::SettingSpec>& specs,
                                                 const Flags& flags) const {
    base::SettingsInput input;
    input.flags = flags;
    input.environment = surroundings_.environment;
    input.environment_prefix = kEnvironmentPrefix;
    return base::ResolveSettings(specs, input);
  }

  std::vector<base::SettingSpec> AllSpecs() const {
    std::vector<base::SettingSpec> specs;
    specs.reserve(command_.settings.size());
    for (const CommandSetting& setting : command_.settings) specs.push_back(setting.spec);
    return specs;
  }

  // The lines below the resolver's heading.
  void AddProblemsOf(const absl::Status& status) {
    const std::vector<std::string> lines = absl::StrSplit(status.message(), "\n  ");
    for (size_t i = 1; i < lines.size(); ++i) problems_.Add(lines[i]);
  }

  // A setting with a bad value was given too, so each is resolved alone.
  void FindGiven() {
    given_.insert(split_.without_value.begin(), split_.without_value.end());
    for (const CommandSetting& setting : command_.settings) {
      Flags flags;
      std::copy_if(split_.flags.begin(), split_.flags.end(), std::back_inserter(flags),
                   [&](const auto& flag) { return IsNameOf(setting.spec, flag.first); });
      const auto alone = Resolve({setting.spec}, flags);
      if (!alone.ok() || !alone->all().front().is_default) given_.insert(setting.spec.name);
    }
  }

  bool IsGiven(const std::string& name) const { return given_.count(name) > 0; }

  void AddMissing() {
    for (const CommandSetting& setting : command_.settings) {
      const std::string& name = setting.spec.name;
      if (!setting.is_required || IsGiven(name)) continue;
      if (!setting.unless.empty() && IsGiven(setting.unless)) continue;
      std::string problem =
          absl::StrCat(name, ": expected ", FlagOf(name), " ", setting.placeholder,
                       " or the variable ", kEnvironmentPrefix, absl::AsciiStrToUpper(name));
      if (!setting.unless.empty()) absl::StrAppend(&problem, ", or ", FlagOf(setting.unless));
      problems_.Add(absl::StrCat(problem, ", found none"));
    }
  }

  void AddExcluded() {
    for (const CommandSetting& setting : command_.settings) {
      for (const std::string& other : setting.excludes) {
        if (!IsGiven(setting.spec.name) || !IsGiven(other)) continue;
        problems_.Add(absl::StrCat(setting.spec.name, ": expected either ",
                                   FlagOf(setting.spec.name), " or ", FlagOf(other),
                                   ", found both"));
      }
    }
  }

  const Command& command_;
  const SplitResult& split_;
  const Surroundings& surroundings_;
  std::set<std::string> given_;
  base::ErrorList problems_;
};

}  // namespace

std::string FlagOf(absl::string_view setting_name) {
  return absl::StrCat("--", absl::StrReplaceAll(setting_name, {{"_", "-"}}));
}

bool IsNameOf(const base::SettingSpec& spec, absl::string_view flag) {
  const std::string name = absl::StrReplaceAll(flag, {{"-", "_"}});
  return name == spec.name ||
         std::find(spec.aliases.begin(), spec.aliases.end(), name) != spec.aliases.end();
}

absl::StatusOr<base::ResolvedSettings> ReadCommandLine(const Command& command,
                                                       const SplitResult& split,
                                                       const Surroundings& surroundings) {
  return Reader(command, split, surroundings).Read();
}

}  // namespace md2::worker
