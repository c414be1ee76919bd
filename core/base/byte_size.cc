#include "core/base/byte_size.h"

#include <limits>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/strip.h"

namespace md2::base {
namespace {

constexpr uint64_t kMaxBytes = static_cast<uint64_t>(std::numeric_limits<int64_t>::max());

struct Unit {
  const char* name;
  uint64_t bytes;
};

constexpr Unit kUnits[] = {
    {"", 1},
    {"b", 1},
    {"kib", uint64_t{1} << 10},
    {"mib", uint64_t{1} << 20},
    {"gib", uint64_t{1} << 30},
    {"tib", uint64_t{1} << 40},
    {"kb", 1'000},
    {"mb", 1'000'000},
    {"gb", 1'000'000'000},
    {"tb", 1'000'000'000'000},
};

}  // namespace

absl::optional<uint64_t> ParseByteSize(absl::string_view text) {
  text = absl::StripAsciiWhitespace(text);
  const size_t number_end = text.find_first_not_of("0123456789.");
  const absl::string_view number = text.substr(0, number_end);
  const absl::string_view unit_name = absl::StripLeadingAsciiWhitespace(text.substr(number.size()));
  for (const Unit& unit : kUnits) {
    if (!absl::EqualsIgnoreCase(unit.name, unit_name)) continue;
    uint64_t whole = 0;
    if (absl::SimpleAtoi(number, &whole)) {
      if (whole > kMaxBytes / unit.bytes) return absl::nullopt;
      return whole * unit.bytes;
    }
    double decimal = 0;
    if (!absl::SimpleAtod(number, &decimal)) return absl::nullopt;
    const double bytes = decimal * static_cast<double>(unit.bytes);
    if (!(bytes < static_cast<double>(kMaxBytes))) return absl::nullopt;
    return static_cast<uint64_t>(bytes);
  }
  return absl::nullopt;
}

}  // namespace md2::base
