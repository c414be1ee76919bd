// Defines
//   HuffmanTable   the code of one DHT table
//   EntropyBits    the bits of one stretch of entropy-coded data

#ifndef MD2_CORE_IMAGE_JPEG_BITS_H_
#define MD2_CORE_IMAGE_JPEG_BITS_H_

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "absl/types/span.h"

namespace md2::image {

// What DecodeSymbol gives for bits that are no code.
inline constexpr int kNoSymbol = -1;

// Up to 256 symbols with codes of 1 to 16 bits. Immutable, share freely.
class HuffmanTable {
 public:
  HuffmanTable() = default;  // no symbol: every lookup is kNoSymbol

  // `counts` holds how many codes there are of 1 to 16 bits, `symbols` as many symbols. False when
  // the codes do not fit in their bits. REQUIRES: symbols.size() is the sum of counts, at most 256.
  bool Build(absl::Span<const uint8_t> counts, absl::Span<const uint8_t> symbols);

  bool is_defined() const { return is_defined_; }

 private:
  friend class EntropyBits;
  static constexpr int kFastBits = 9;

  bool is_defined_ = false;
  // By the next 9 bits: length << 8 | symbol, 0 for longer codes.
  std::array<uint16_t, size_t{1} << kFastBits> fast_{};
  std::array<uint8_t, 256> symbols_{};
  std::array<uint32_t, 17> end_code_{};    // of each length: one past its last code, in 16 bits
  std::array<int32_t, 17> first_index_{};  // of each length: index of code 0
};

// Reads up to the next marker, where it stops; beyond it come zeros, and overrun() is true.
// One thread at a time.
class EntropyBits {
 public:
  EntropyBits(absl::Span<const uint8_t> bytes, size_t position)
      : bytes_(bytes), position_(position) {}

  // kNoSymbol for bits that are no code; nothing is consumed then.
  int DecodeSymbol(const HuffmanTable& table);
  // The next `count` bits as a number. REQUIRES: 0 <= count <= 16.
  uint32_t ReadBits(int count);

  // Drops what is left of a byte that was begun.
  void SkipToByte() { ReadBits(std::max(num_bits_, 0) % 8); }

  // More bits were read than there are.
  bool overrun() const { return num_bits_ < 0; }
  // No whole byte is left before the marker.
  bool exhausted();
  // Of the next byte that was not looked at; of the marker once exhausted.
  size_t position() const { return position_; }

 private:
  void Fill();

  absl::Span<const uint8_t> bytes_;
  size_t position_;
  uint64_t buffer_ = 0;  // the next bit is the highest
  int num_bits_ = 0;     // real bits in the buffer; below 0 after an overrun
  bool at_marker_ = false;
};

}  // namespace md2::image

#endif  // MD2_CORE_IMAGE_JPEG_BITS_H_
