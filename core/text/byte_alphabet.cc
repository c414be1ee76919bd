#include "core/text/byte_alphabet.h"

#include <array>
#include <cstddef>
#include <cstdint>

namespace md2::text {
namespace {

constexpr int kNumBytes = 256;
constexpr uint32_t kNumCharacters = 256 + 68;  // one more than the largest character
constexpr int16_t kNoByte = -1;

constexpr bool StandsForItself(int byte) {
  return (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
}

constexpr std::array<uint16_t, kNumBytes> MakeCharacters() {
  std::array<uint16_t, kNumBytes> characters{};
  uint16_t next = 256;
  for (int byte = 0; byte < kNumBytes; ++byte) {
    characters[byte] = StandsForItself(byte) ? static_cast<uint16_t>(byte) : next++;
  }
  return characters;
}

constexpr std::array<uint16_t, kNumBytes> kCharacters = MakeCharacters();

constexpr std::array<int16_t, kNumCharacters> MakeBytes() {
  std::array<int16_t, kNumCharacters> bytes{};
  for (int16_t& byte : bytes) byte = kNoByte;
  for (int byte = 0; byte < kNumBytes; ++byte)
    bytes[kCharacters[byte]] = static_cast<int16_t>(byte);
  return bytes;
}

constexpr std::array<int16_t, kNumCharacters> kBytes = MakeBytes();

}  // namespace

void AppendAsCharacters(absl::string_view bytes, std::string* characters) {
  for (const char byte : bytes) {
    const uint16_t character = kCharacters[static_cast<uint8_t>(byte)];
    if (character < 0x80) {
      characters->push_back(static_cast<char>(character));
    } else {
      characters->push_back(static_cast<char>(0xC0 | (character >> 6)));
      characters->push_back(static_cast<char>(0x80 | (character & 0x3F)));
    }
  }
}

std::optional<std::string> BytesOf(absl::string_view characters) {
  std::string bytes;
  for (size_t i = 0; i < characters.size(); ++i) {
    uint32_t character = static_cast<uint8_t>(characters[i]);
    if (character >= 0x80) {
      // Two bytes at most: the alphabet ends long before U+0800.
      if ((character & 0xE0) != 0xC0 || i + 1 == characters.size()) return std::nullopt;
      const uint32_t trail = static_cast<uint8_t>(characters[++i]);
      if ((trail & 0xC0) != 0x80) return std::nullopt;
      character = ((character & 0x1F) << 6) | (trail & 0x3F);
      if (character < 0x80) return std::nullopt;
    }
    if (character >= kNumCharacters || kBytes[character] == kNoByte) return std::nullopt;
    bytes.push_back(static_cast<char>(kBytes[character]));
  }
  return bytes;
}

}  // namespace md2::text
