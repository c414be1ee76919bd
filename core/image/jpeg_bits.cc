#include "core/image/jpeg_bits.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace md2::image {

bool HuffmanTable::Build(absl::Span<const uint8_t> counts, absl::Span<const uint8_t> symbols) {
  *this = HuffmanTable();
  std::copy(symbols.begin(), symbols.end(), symbols_.begin());
  uint32_t code = 0;
  int index = 0;
  for (int length = 1; length <= 16; ++length) {
    first_index_[length] = index - static_cast<int>(code);
    for (int i = 0; i < counts[length - 1]; ++i, ++code, ++index) {
      if (code >= 1u << length) return false;
      if (length > kFastBits) continue;
      const auto entry = static_cast<uint16_t>(length << 8 | symbols[index]);
      const uint32_t first = code << (kFastBits - length);
      std::fill_n(fast_.begin() + first, size_t{1} << (kFastBits - length), entry);
    }
    end_code_[length] = code << (16 - length);
    code <<= 1;
  }
  is_defined_ = true;
  return true;
}

void EntropyBits::Fill() {
  while (num_bits_ <= 56 && !at_marker_) {
    const bool ends = position_ >= bytes_.size();
    const bool is_marker = !ends && bytes_[position_] == 0xff &&
                           (position_ + 1 >= bytes_.size() || bytes_[position_ + 1] != 0);
    if (ends || is_marker) {
      at_marker_ = true;
      return;
    }
    buffer_ |= uint64_t{bytes_[position_]} << (56 - num_bits_);
    num_bits_ += 8;
    position_ += bytes_[position_] == 0xff ? 2 : 1;  // FF 00 stands for FF
  }
}

int EntropyBits::DecodeSymbol(const HuffmanTable& table) {
  if (num_bits_ < 16) Fill();
  int length = 0;
  int symbol = 0;
  if (const uint16_t entry = table.fast_[buffer_ >> (64 - HuffmanTable::kFastBits)]; entry != 0) {
    length = entry >> 8;
    symbol = entry & 0xff;
  } else {
    const auto next = static_cast<uint32_t>(buffer_ >> 48);
    length = HuffmanTable::kFastBits + 1;
    while (length <= 16 && next >= table.end_code_[length]) ++length;
    if (length > 16) return kNoSymbol;
    const int code = static_cast<int>(next >> (16 - length));
    symbol = table.symbols_[(table.first_index_[length] + code) & 0xff];
  }
  buffer_ <<= length;
  num_bits_ -= length;
  return symbol;
}

uint32_t EntropyBits::ReadBits(int count) {
  if (count == 0) return 0;
  if (num_bits_ < count) Fill();
  const auto bits = static_cast<uint32_t>(buffer_ >> (64 - count));
  buffer_ <<= count;
  num_bits_ -= count;
  return bits;
}

bool EntropyBits::exhausted() {
  if (num_bits_ < 8) Fill();
  return num_bits_ < 8;
}

}  // namespace md2::image
