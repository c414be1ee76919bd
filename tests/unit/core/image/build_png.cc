#include "tests/unit/core/image/build_png.h"

#include "absl/strings/str_cat.h"

namespace md2::image {
namespace {

std::string BigEndian32(uint32_t value) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(value >> shift);
  return bytes;
}

std::string LittleEndian16(uint32_t value) {
  return {static_cast<char>(value), static_cast<char>(value >> 8)};
}

uint32_t Crc(absl::string_view bytes) {
  uint32_t crc = 0xffffffff;
  for (const char c : bytes) {
    crc ^= static_cast<uint8_t>(c);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ (0xedb88320 & (0 - (crc & 1)));
  }
  return ~crc;
}

uint32_t Adler(absl::string_view bytes) {
  uint32_t a = 1, b = 0;
  for (const char c : bytes) {
    a = (a + static_cast<uint8_t>(c)) % 65521;
    b = (b + a) % 65521;
  }
  return b << 16 | a;
}

}  // namespace

const std::string kPngSignature = "\x89PNG\r\n\x1a\n";

std::string PngChunk(absl::string_view type, absl::string_view data) {
  const std::string checked = absl::StrCat(type, data);
  return absl::StrCat(BigEndian32(static_cast<uint32_t>(data.size())), checked,
                      BigEndian32(Crc(checked)));
}

std::string PngHeaderChunk(const PngFields& fields) {
  std::string data = BigEndian32(fields.width) + BigEndian32(fields.height);
  for (const int value :
       {fields.bit_depth, fields.colour, fields.compression, fields.filter, fields.interlace}) {
    data += static_cast<char>(value);
  }
  return PngChunk("IHDR", data);
}

std::string StoredZlib(absl::string_view bytes) {
  const auto length = static_cast<uint32_t>(bytes.size());
  return absl::StrCat("\x78\x01\x01", LittleEndian16(length), LittleEndian16(~length), bytes,
                      BigEndian32(Adler(bytes)));
}

std::string BuildPng(const PngFields& fields, absl::string_view stream, absl::string_view before) {
  return absl::StrCat(kPngSignature, PngHeaderChunk(fields), before,
                      PngChunk("IDAT", StoredZlib(stream)), PngChunk("IEND", ""));
}

}  // namespace md2::image
