#include "core/train/code_points.h"

#include <cstddef>
#include <cstdint>

namespace md2::train {
namespace {

constexpr char32_t kInvalidByte = 0x110000;

bool IsContinuation(uint8_t byte) { return (byte & 0xC0) == 0x80; }

// Bytes of the character that `lead` begins; 0 for a byte that begins none.
size_t LengthOf(uint8_t lead) {
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead < 0xE0) return 2;
  if (lead >= 0xE0 && lead < 0xF0) return 3;
  return lead >= 0xF0 && lead < 0xF5 ? 4 : 0;
}

bool IsScalarOfLength(char32_t c, size_t length) {
  if (length == 3) return c >= 0x800 && (c < 0xD800 || c > 0xDFFF);
  return length < 3 || (c >= 0x10000 && c <= 0x10FFFF);
}

// The character at the front of `text`, and its length; that of an invalid byte is 1.
size_t ReadCharacter(absl::string_view text, char32_t& c) {
  const auto lead = static_cast<uint8_t>(text.front());
  const size_t length = LengthOf(lead);
  c = kInvalidByte + lead;
  if (length == 1) c = lead;
  if (length < 2 || length > text.size()) return 1;
  char32_t decoded = lead & (0xFFU >> (length + 1));
  for (const char continuation : text.substr(1, length - 1)) {
    const auto byte = static_cast<uint8_t>(continuation);
    if (!IsContinuation(byte)) return 1;
    decoded = decoded << 6U | (byte & 0x3FU);
  }
  if (!IsScalarOfLength(decoded, length)) return 1;
  c = decoded;
  return length;
}

// Capital and small letters that lie a fixed distance apart.
struct ShiftedRange {
  char32_t first;
  char32_t last;
  char32_t distance;
};
constexpr ShiftedRange kShifted[] = {
    {'A', 'Z', 32},     {0xC0, 0xD6, 32},   {0xD8, 0xDE, 32},   {0x386, 0x386, 38},
    {0x388, 0x38A, 37}, {0x38C, 0x38C, 64}, {0x38E, 0x38F, 63}, {0x391, 0x3A1, 32},
    {0x3A3, 0x3AB, 32}, {0x400, 0x40F, 80}, {0x410, 0x42F, 32},
};

// Ranges in which the small letter follows its capital; `parity` is the capital's lowest bit.
struct PairedRange {
  char32_t first;
  char32_t last;
  char32_t parity;
};
constexpr PairedRange kPaired[] = {
    {0x100, 0x12F, 0}, {0x132, 0x137, 0}, {0x139, 0x148, 1}, {0x14A, 0x177, 0}, {0x179, 0x17E, 1},
    {0x460, 0x481, 0}, {0x48A, 0x4BF, 0}, {0x4C1, 0x4CE, 1}, {0x4D0, 0x52F, 0},
};

}  // namespace

std::u32string CodePointsOf(absl::string_view text) {
  std::u32string characters;
  characters.reserve(text.size());
  while (!text.empty()) {
    char32_t c = 0;
    text.remove_prefix(ReadCharacter(text, c));
    characters.push_back(c);
  }
  return characters;
}

char32_t LowerCase(char32_t c) {
  for (const ShiftedRange& range : kShifted) {
    if (c >= range.first && c <= range.last) return c + range.distance;
  }
  for (const PairedRange& range : kPaired) {
    if (c >= range.first && c <= range.last) return (c & 1U) == range.parity ? c + 1 : c;
  }
  if (c == 0x178) return 0xFF;
  return c == 0x4C0 ? 0x4CF : c;
}

}  // namespace md2::train
