#include "core/base/setting_kind.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "core/base/byte_size.h"

namespace md2::base {
namespace {

// "a", "a or b", "a, b or c".
std::string Listed(const std::vector<std::string>& words) {
  std::string text;
  for (size_t i = 0; i < words.size(); ++i) {
    if (i > 0) absl::StrAppend(&text, i + 1 == words.size() ? " or " : ", ");
    absl::StrAppend(&text, words[i]);
  }
  return text;
}

// What a range says beyond the kind: nothing where it is the kind's own.
template <typename Number>
std::string RangeText(Number min, Number max) {
  const bool is_bounded_below = min != std::numeric_limits<Number>::lowest();
  const bool is_bounded_above = max != std::numeric_limits<Number>::max();
  if (is_bounded_below && is_bounded_above) return absl::StrCat(" from ", min, " to ", max);
  if (is_bounded_below) return absl::StrCat(" from ", min, " up");
  if (is_bounded_above) return absl::StrCat(" of at most ", max);
  return "";
}

}  // namespace

SettingKind SettingKind::Text() {
  return Checked("a text", [](absl::string_view) { return true; });
}

SettingKind SettingKind::Checked(std::string expectation,
                                 std::function<bool(absl::string_view)> accepts) {
  SettingKind kind;
  kind.expectation_ = std::move(expectation);
  kind.accepts_ = std::move(accepts);
  return kind;
}

SettingKind SettingKind::Choice(std::vector<std::string> words) {
  SettingKind kind;
  kind.words_ = std::move(words);
  return kind;
}

SettingKind SettingKind::Bool() {
  return Checked("true or false",
                 [](absl::string_view text) { return ParseBool(text).has_value(); });
}

SettingKind SettingKind::Int(int64_t min, int64_t max) {
  return Checked(absl::StrCat("a whole number", RangeText(min, max)),
                 [min, max](absl::string_view text) {
                   const absl::optional<int64_t> value = ParseInt(text);
                   return value.has_value() && *value >= min && *value <= max;
                 });
}

SettingKind SettingKind::Double(double min, double max) {
  return Checked(absl::StrCat("a number", RangeText(min, max)), [min, max](absl::string_view text) {
    const absl::optional<double> value = ParseDouble(text);
    return value.has_value() && *value >= min && *value <= max;
  });
}

SettingKind SettingKind::Bytes(uint64_t min, uint64_t max) {
  const std::string range =
      min == 0 ? RangeText(std::numeric_limits<uint64_t>::lowest(), max) : RangeText(min, max);
  const std::string unit = range.empty() ? "" : " bytes";
  return Checked(
      absl::StrCat("a size such as 512MiB or 4GiB", range.empty() ? "" : ",", range, unit),
      [min, max](absl::string_view text) {
        const absl::optional<uint64_t> value = ParseByteSize(text);
        return value.has_value() && *value >= min && *value <= max;
      });
}

SettingKind SettingKind::OrWords(std::vector<std::string> words) const {
  SettingKind kind = *this;
  kind.words_.insert(kind.words_.end(), words.begin(), words.end());
  return kind;
}

bool SettingKind::Accepts(absl::string_view text) const {
  return IsWord(text) || (accepts_ != nullptr && accepts_(text));
}

bool SettingKind::IsWord(absl::string_view text) const {
  return std::any_of(words_.begin(), words_.end(),
                     [text](const std::string& word) { return word == text; });
}

std::string SettingKind::Expectation() const {
  if (accepts_ == nullptr) return Listed(words_);
  if (words_.empty()) return expectation_;
  return absl::StrCat(expectation_, ", or ", Listed(words_));
}

absl::optional<bool> SettingKind::ParseBool(absl::string_view text) {
  for (const char* word : {"true", "yes", "on", "1"}) {
    if (absl::EqualsIgnoreCase(text, word)) return true;
  }
  for (const char* word : {"false", "no", "off", "0"}) {
    if (absl::EqualsIgnoreCase(text, word)) return false;
  }
  return absl::nullopt;
}

absl::optional<int64_t> SettingKind::ParseInt(absl::string_view text) {
  int64_t value = 0;
  if (!absl::SimpleAtoi(text, &value)) return absl::nullopt;
  return value;
}

absl::optional<double> SettingKind::ParseDouble(absl::string_view text) {
  double value = 0;
  if (!absl::SimpleAtod(text, &value) || !std::isfinite(value)) return absl::nullopt;
  return value;
}

}  // namespace md2::base
