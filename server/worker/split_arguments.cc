#include <algorithm>
#include <cstddef>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/base/quoted.h"
#include "server/worker/command_line.h"

namespace md2::worker {
namespace {

// Whether an argument is a flag even where a value should stand.
bool IsFlagAnywhere(absl::string_view argument) {
  return absl::StartsWith(argument, "--") || argument == "-o" || argument == "-h";
}

class Splitter {
 public:
  Splitter(const std::vector<CommandSetting>& settings, absl::Span<const std::string> arguments)
      : settings_(settings), arguments_(arguments) {}

  SplitResult Split() {
    while (next_ < arguments_.size()) TakeArgument(arguments_[next_++]);
    return std::move(result_);
  }

 private:
  void TakeArgument(absl::string_view argument) {
    if (argument == "--help" || argument == "-h") {
      result_.wants_help = true;
    } else if (absl::StartsWith(argument, "--") && argument.size() > 2) {
      TakeFlag(argument.substr(2));
    } else if (argument == "-o") {
      TakeFlag("output");
    } else if (absl::StartsWith(argument, "-o")) {
      Add("output", argument.substr(argument[2] == '=' ? 3 : 2));
    } else {
      result_.problems.push_back(absl::StrCat("expected a flag, found ", base::Quoted(argument),
                                              "; a value with spaces needs quotes"));
    }
  }

  // `flag` is the argument without its dashes.
  void TakeFlag(absl::string_view flag) {
    const size_t equals = flag.find('=');
    const auto setting =
        std::find_if(settings_.begin(), settings_.end(),
                     [flag](const CommandSetting& known) { return IsNameOf(known.spec, flag); });
    if (equals != absl::string_view::npos) {
      Add(flag.substr(0, equals), flag.substr(equals + 1));
    } else if (setting != settings_.end() && setting->is_switch()) {
      Add(flag, "true");
    } else if (next_ < arguments_.size() && !IsFlagAnywhere(arguments_[next_])) {
      Add(flag, arguments_[next_++]);
    } else if (setting == settings_.end()) {
      Add(flag, "");
    } else {
      AddMissingValue(*setting);
    }
  }

  void AddMissingValue(const CommandSetting& setting) {
    const std::string& name = setting.spec.name;
    const std::string found = next_ < arguments_.size()
                                  ? absl::StrCat(base::Quoted(arguments_[next_]),
                                                 "; join a value that begins so by \"=\"")
                                  : "the end of the command line";
    result_.without_value.push_back(name);
    result_.problems.push_back(
        absl::StrCat(name, ": expected a value after ", FlagOf(name), ", found ", found));
  }

  void Add(absl::string_view name, absl::string_view value) {
    result_.flags.emplace_back(std::string(name), std::string(value));
  }

  const std::vector<CommandSetting>& settings_;
  const absl::Span<const std::string> arguments_;
  size_t next_ = 0;
  SplitResult result_;
};

}  // namespace

SplitResult SplitArguments(const std::vector<CommandSetting>& settings,
                           absl::Span<const std::string> arguments) {
  return Splitter(settings, arguments).Split();
}

}  // namespace md2::worker
