#include "core/base/settings.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "core/base/error.h"
#include "core/base/nearest_name.h"
#include "core/base/quoted.h"
#include "core/base/settings_toml.h"

namespace md2::base {
namespace {

std::string WithUnderscores(absl::string_view name) {
  return absl::StrReplaceAll(name, {{"-", "_"}});
}

// What one source says about one setting.
struct Given {
  std::vector<std::string> values;
  std::string source;
};

class Resolver {
 public:
  Resolver(const std::vector<SettingSpec>& specs, const SettingsInput& input)
      : specs_(specs), input_(input) {
    for (const SettingSpec& spec : specs) {
      known_names_.push_back(spec.name);
      known_names_.insert(known_names_.end(), spec.aliases.begin(), spec.aliases.end());
    }
  }

  absl::StatusOr<ResolvedSettings> Resolve() {
    const std::vector<Given> from_flags = ReadFlags();
    const std::vector<Given> from_environment = ReadEnvironment();
    const std::vector<Given> from_file = ReadFile();
    std::vector<ResolvedSetting> settings;
    for (size_t i = 0; i < specs_.size(); ++i) {
      ResolvedSetting setting = Default(specs_[i]);
      // The strongest source comes last; weaker ones are checked all the same.
      for (const std::vector<Given>* source : {&from_file, &from_environment, &from_flags}) {
        Take((*source)[i], setting);
      }
      settings.push_back(std::move(setting));
    }
    if (!problems_.empty()) {
      return problems_.ToStatus(absl::StatusCode::kInvalidArgument, Reason::kSettingInvalid,
                                "settings that cannot be used");
    }
    return ResolvedSettings(std::move(settings));
  }

 private:
  std::vector<Given> ReadFlags() {
    std::vector<Given> given(specs_.size());
    for (const auto& [name, text] : input_.flags) {
      const std::string source = absl::StrCat("flag --", name);
      const absl::optional<size_t> index = IndexOf(name);
      if (!index.has_value()) {
        AddUnknown(source, name);
        continue;
      }
      if (!given[*index].source.empty() && !specs_[*index].is_list) {
        AddTwice(specs_[*index].name, given[*index].source, source);
      }
      given[*index].values.push_back(text);
      given[*index].source = source;
    }
    return given;
  }

  std::vector<Given> ReadEnvironment() {
    std::vector<Given> given(specs_.size());
    if (input_.environment == nullptr) return given;
    for (size_t i = 0; i < specs_.size(); ++i) {
      for (const std::string& variable : VariablesOf(specs_[i])) {
        const absl::optional<std::string> text = input_.environment(variable);
        if (!text.has_value() || text->empty()) continue;
        given[i].values = Separated(specs_[i], *text);
        given[i].source = absl::StrCat("environment ", variable);
        break;
      }
    }
    return given;
  }

  std::vector<Given> ReadFile() {
    std::vector<Given> given(specs_.size());
    for (TomlLine& line : ReadSettingsToml(input_.file_text, input_.file_path, problems_)) {
      const std::string source = absl::StrCat("file ", input_.file_path, ":", line.line);
      const absl::optional<size_t> index = IndexOf(line.key);
      if (!index.has_value()) {
        AddUnknown(source, line.key);
        continue;
      }
      const SettingSpec& spec = specs_[*index];
      if (line.is_array && !spec.is_list) {
        problems_.Add(absl::StrCat(spec.name, ": expected ", spec.kind.Expectation(),
                                   ", found a list in ", source));
        continue;
      }
      if (!given[*index].source.empty()) AddTwice(spec.name, given[*index].source, source);
      given[*index].values = std::move(line.values);
      given[*index].source = source;
    }
    return given;
  }

  // PREFIX_NAME, PREFIX_ALIAS, then the extra ones.
  std::vector<std::string> VariablesOf(const SettingSpec& spec) const {
    const std::string& prefix = input_.environment_prefix;
    std::vector<std::string> variables = {absl::StrCat(prefix, absl::AsciiStrToUpper(spec.name))};
    for (const std::string& alias : spec.aliases) {
      variables.push_back(absl::StrCat(prefix, absl::AsciiStrToUpper(alias)));
    }
    variables.insert(variables.end(), spec.extra_environment.begin(), spec.extra_environment.end());
    return variables;
  }

  static std::vector<std::string> Separated(const SettingSpec& spec, const std::string& text) {
    if (!spec.is_list) return {text};
    return absl::StrSplit(text, ',', absl::SkipEmpty());
  }

  static ResolvedSetting Default(const SettingSpec& spec) {
    ResolvedSetting setting;
    setting.spec = spec;
    setting.values = Separated(spec, spec.default_value);
    setting.is_default = true;
    setting.source = "default";
    return setting;
  }

  void Take(const Given& given, ResolvedSetting& setting) {
    if (given.source.empty()) return;
    for (const std::string& value : given.values) {
      if (setting.spec.kind.Accepts(value)) continue;
      const std::string shown = setting.spec.is_secret ? "another value" : Quoted(value);
      problems_.Add(absl::StrCat(setting.spec.name, ": expected ", setting.spec.kind.Expectation(),
                                 ", found ", shown, " in ", given.source));
    }
    setting.values = given.values;
    setting.source = given.source;
    setting.is_default = false;
  }

  absl::optional<size_t> IndexOf(absl::string_view given_name) const {
    const std::string name = WithUnderscores(given_name);
    for (size_t i = 0; i < specs_.size(); ++i) {
      const std::vector<std::string>& aliases = specs_[i].aliases;
      if (specs_[i].name == name) return i;
      if (std::find(aliases.begin(), aliases.end(), name) != aliases.end()) return i;
    }
    return absl::nullopt;
  }

  void AddUnknown(absl::string_view source, absl::string_view name) {
    const std::string nearest = NearestName(WithUnderscores(name), known_names_);
    const std::string hint = nearest.empty() ? "" : absl::StrCat("; did you mean ", nearest, "?");
    problems_.Add(
        absl::StrCat(absl::Utf8SafeCEscape(name), ": no such setting, in ", source, hint));
  }

  void AddTwice(absl::string_view name, absl::string_view first, absl::string_view second) {
    problems_.Add(absl::StrCat(name, ": expected once, found in ", first, " and in ", second));
  }

  const std::vector<SettingSpec>& specs_;
  const SettingsInput& input_;
  std::vector<std::string> known_names_;
  ErrorList problems_;
};

}  // namespace

absl::StatusOr<ResolvedSettings> ResolveSettings(const std::vector<SettingSpec>& specs,
                                                 const SettingsInput& input) {
  return Resolver(specs, input).Resolve();
}

}  // namespace md2::base
