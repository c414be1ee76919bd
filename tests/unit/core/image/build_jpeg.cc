#include "tests/unit/core/image/build_jpeg.h"

#include <cstddef>

#include "absl/strings/str_cat.h"

namespace md2::image {
namespace {

// The file's two Huffman tables.
std::string TinyTables() {
  return BuildHuffmanSegment(0x00, {0, 3}, {0, 1, 11}) +
         BuildHuffmanSegment(0x10, {0, 3, 1, 1}, {0x00, 0x01, 0xf0, 0x02, 0x10});
}

}  // namespace

std::string JpegBits(absl::string_view digits) {
  std::string bytes;
  int value = 0, count = 0;
  const auto take = [&](int bit) {
    value = value << 1 | bit;
    if (++count % 8 != 0) return;
    bytes += static_cast<char>(value);
    if (value == 0xff) bytes += '\0';
    value = 0;
  };
  for (const char digit : digits) {
    if (digit != ' ') take(digit - '0');
  }
  while (count % 8 != 0) take(1);
  return bytes;
}

std::string BuildJpegSegment(int marker, const std::vector<int>& payload) {
  const size_t length = payload.size() + 2;
  std::string bytes = {'\xff', static_cast<char>(marker), static_cast<char>(length >> 8),
                       static_cast<char>(length)};
  for (const int byte : payload) bytes += static_cast<char>(byte);
  return bytes;
}

std::string BuildHuffmanSegment(int id, std::vector<int> counts, const std::vector<int>& symbols) {
  counts.resize(16);
  std::vector<int> payload = {id};
  payload.insert(payload.end(), counts.begin(), counts.end());
  payload.insert(payload.end(), symbols.begin(), symbols.end());
  return BuildJpegSegment(0xc4, payload);
}

std::string TinyJpeg::Build() const {
  std::vector<int> quant(65, 1);
  quant[0] = 0;
  std::vector<int> frame = {8,          height >> 8, height & 255,
                            width >> 8, width & 255, static_cast<int>(components.size() / 3)};
  frame.insert(frame.end(), components.begin(), components.end());
  return absl::StrCat("\xff\xd8", first, BuildJpegSegment(0xdb, quant),
                      BuildJpegSegment(frame_marker, frame), TinyTables(), scans, "\xff\xd9");
}

std::string TinyScan(const std::vector<int>& components, absl::string_view digits, int first,
                     int last, int bits) {
  std::vector<int> header = {static_cast<int>(components.size())};
  for (const int component : components) header.insert(header.end(), {component, 0});
  header.insert(header.end(), {first, last, bits});
  return BuildJpegSegment(0xda, header) + JpegBits(digits);
}

}  // namespace md2::image
