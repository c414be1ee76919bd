#include "core/text/unicode_class.h"

#include <algorithm>
#include <array>
#include <iterator>

namespace md2::text {
namespace {

using enum UnicodeClass;

struct Range {
  uint32_t first;
  uint32_t last;
  UnicodeClass kind;
};

constexpr Range kRanges[] = {
#include "core/text/unicode_ranges.inc"
};

UnicodeClass Search(uint32_t code_point) {
  const Range* const after =
      std::upper_bound(std::begin(kRanges), std::end(kRanges), code_point,
                       [](uint32_t value, const Range& range) { return value < range.first; });
  if (after == std::begin(kRanges)) return kOther;
  const Range& range = *(after - 1);
  return code_point <= range.last ? range.kind : kOther;
}

constexpr std::array<UnicodeClass, 128> MakeAscii() {
  std::array<UnicodeClass, 128> classes{};
  for (const Range& range : kRanges) {
    for (uint32_t c = range.first; c <= range.last && c < classes.size(); ++c) {
      classes[c] = range.kind;
    }
  }
  return classes;
}

constexpr std::array<UnicodeClass, 128> kAscii = MakeAscii();

}  // namespace

UnicodeClass UnicodeClassOf(uint32_t code_point) {
  return code_point < kAscii.size() ? kAscii[code_point] : Search(code_point);
}

}  // namespace md2::text
