#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/base/byte_size.h"
#include "core/base/error.h"
#include "core/base/settings.h"
#include "core/base/status_macros.h"

namespace md2::base {
namespace {

absl::Status CallersBug(absl::string_view name, absl::string_view problem) {
  return MakeError(absl::StatusCode::kInternal, Reason::kInternal,
                   absl::StrCat("setting asked for wrongly, ", problem, ": ", name));
}

}  // namespace

std::string ResolvedSetting::ShownValue() const {
  if (spec.is_secret) return "(hidden)";
  return absl::StrJoin(values, ",");
}

const ResolvedSetting* ResolvedSettings::Find(absl::string_view name) const {
  for (const ResolvedSetting& setting : settings_) {
    if (setting.spec.name == name) return &setting;
  }
  return nullptr;
}

absl::StatusOr<std::string> ResolvedSettings::Single(absl::string_view name) const {
  const ResolvedSetting* const setting = Find(name);
  if (setting == nullptr) return CallersBug(name, "no such setting");
  if (setting->spec.is_list) return CallersBug(name, "it is a list");
  return setting->values.front();
}

absl::StatusOr<std::string> ResolvedSettings::GetString(absl::string_view name) const {
  return Single(name);
}

absl::StatusOr<std::vector<std::string>> ResolvedSettings::GetList(absl::string_view name) const {
  const ResolvedSetting* const setting = Find(name);
  if (setting == nullptr) return CallersBug(name, "no such setting");
  if (!setting->spec.is_list) return CallersBug(name, "it is not a list");
  return setting->values;
}

absl::StatusOr<bool> ResolvedSettings::GetBool(absl::string_view name) const {
  MD2_ASSIGN_OR_RETURN(const std::string text, Single(name));
  const absl::optional<bool> value = SettingKind::ParseBool(text);
  if (!value.has_value()) return CallersBug(name, "its value is not true or false");
  return *value;
}

absl::StatusOr<int64_t> ResolvedSettings::GetInt(absl::string_view name) const {
  MD2_ASSIGN_OR_RETURN(const std::string text, Single(name));
  const absl::optional<int64_t> value = SettingKind::ParseInt(text);
  if (!value.has_value()) return CallersBug(name, "its value is not a whole number");
  return *value;
}

absl::StatusOr<double> ResolvedSettings::GetDouble(absl::string_view name) const {
  MD2_ASSIGN_OR_RETURN(const std::string text, Single(name));
  const absl::optional<double> value = SettingKind::ParseDouble(text);
  if (!value.has_value()) return CallersBug(name, "its value is not a number");
  return *value;
}

absl::StatusOr<uint64_t> ResolvedSettings::GetBytes(absl::string_view name) const {
  MD2_ASSIGN_OR_RETURN(const std::string text, Single(name));
  const absl::optional<uint64_t> value = ParseByteSize(text);
  if (!value.has_value()) return CallersBug(name, "its value is not a size");
  return *value;
}

absl::StatusOr<bool> ResolvedSettings::IsWord(absl::string_view name) const {
  MD2_ASSIGN_OR_RETURN(const std::string text, Single(name));
  return Find(name)->spec.kind.IsWord(text);
}

std::string ResolvedSettings::Describe() const {
  std::string lines;
  for (const ResolvedSetting& setting : settings_) {
    absl::StrAppend(&lines, setting.spec.name, " = ", setting.ShownValue(), " (", setting.source,
                    ")\n");
  }
  return lines;
}

}  // namespace md2::base
