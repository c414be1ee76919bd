#include "server/worker/fields.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace md2::worker {

std::string FieldsText(const std::vector<Field>& fields, bool is_terminal) {
  size_t width = 0;
  for (const Field& field : fields) width = std::max(width, field.name.size());
  std::string text;
  for (const Field& field : fields) {
    if (is_terminal) {
      absl::StrAppend(&text, field.name, std::string(width - field.name.size() + 2, ' '),
                      field.shown.empty() ? field.value : field.shown, "\n");
    } else {
      absl::StrAppend(&text, field.name, "\t", field.value, "\n");
    }
  }
  return text;
}

std::string WithThousands(int64_t value) {
  std::string digits = absl::StrCat(value);
  for (size_t end = digits.size(); end > 3; end -= 3) digits.insert(end - 3, 1, ',');
  return digits;
}

std::string ShownBytes(uint64_t bytes) {
  constexpr std::array<const char*, 6> kUnits = {"kB", "MB", "GB", "TB", "PB", "EB"};
  if (bytes < 1000) return absl::StrCat(bytes, " B");
  double value = static_cast<double>(bytes) / 1000;
  size_t unit = 0;
  // From here on three digits would show as 1000.
  while (value >= 999.5 && unit + 1 < kUnits.size()) {
    value /= 1000;
    ++unit;
  }
  const int decimals = value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
  return absl::StrFormat("%.*f %s", decimals, value, kUnits[unit]);
}

}  // namespace md2::worker
