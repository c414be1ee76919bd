#include "core/image/jpeg_tables.h"

#include <cstddef>
#include <cstdint>
#include <numeric>

#include "absl/strings/str_cat.h"
#include "absl/types/span.h"

namespace md2::image {

absl::Status JpegTables::Take(const JpegSegment& segment) {
  if (segment.marker == kJpegHuffmanTables) return TakeHuffman(segment);
  if (segment.marker == kJpegQuantTables) return TakeQuant(segment);
  const absl::Span<const uint8_t> payload = segment.payload;
  if (payload.size() != 2) {
    return JpegCorrupt("a restart interval of 2 bytes", absl::StrCat(payload.size()),
                       segment.offset);
  }
  restart_interval_ = payload[0] << 8 | payload[1];
  return absl::OkStatus();
}

absl::Status JpegTables::TakeHuffman(const JpegSegment& segment) {
  constexpr size_t kLengths = 16;
  absl::Span<const uint8_t> rest = segment.payload;
  while (!rest.empty()) {
    const int kind = rest[0] >> 4;
    const int number = rest[0] & 15;
    rest.remove_prefix(1);
    const absl::Span<const uint8_t> counts = rest.subspan(0, kLengths);
    const size_t num_symbols = std::accumulate(counts.begin(), counts.end(), size_t{0});
    if (kind > 1 || number > 3 || counts.size() < kLengths || num_symbols > 256 ||
        num_symbols > rest.size() - kLengths) {
      return JpegCorrupt("a Huffman table", "something else", segment.offset);
    }
    HuffmanTable& table = kind == 0 ? dc_[number] : ac_[number];
    if (!table.Build(counts, rest.subspan(kLengths, num_symbols))) {
      return JpegCorrupt("Huffman codes that fit in their bits", "too many", segment.offset);
    }
    rest.remove_prefix(kLengths + num_symbols);
  }
  return absl::OkStatus();
}

absl::Status JpegTables::TakeQuant(const JpegSegment& segment) {
  absl::Span<const uint8_t> rest = segment.payload;
  while (!rest.empty()) {
    const int precision = rest[0] >> 4;
    const int number = rest[0] & 15;
    const size_t size = 1 + (precision == 0 ? 64 : 128);
    if (precision > 1 || number > 3 || rest.size() < size) {
      return JpegCorrupt("a quantisation table", "something else", segment.offset);
    }
    has_quant_[number] = true;
    rest.remove_prefix(size);
  }
  return absl::OkStatus();
}

}  // namespace md2::image
