#include "core/train/moments8.h"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <limits>

namespace md2::train {
namespace {

constexpr uint32_t kMagnitude = 0x7FFFFFFF;  // a float's bits without its sign
constexpr uint32_t kInfinity = 0x7F800000;
constexpr uint32_t kOctave = 1U << 23;  // bits, read as an integer, between x and 2 x

// A code's magnitude m is kMax - k for the value k steps below the scale, and 0 for zero.
struct First {
  static constexpr uint32_t kStep = kOctave / 9;
  static constexpr uint32_t kMax = 127;
  static constexpr uint32_t kSign = 0x80;
};
struct Second {
  static constexpr uint32_t kStep = kOctave / 11;
  static constexpr uint32_t kMax = 255;
  static constexpr uint32_t kSign = 0;
};

// The lowest step of a block whose scale has these bits; no float but zero lies below the first.
template <typename Moment>
uint32_t LastStep(uint32_t scale_bits) {
  return std::min(Moment::kMax - 1, (scale_bits - 1) / Moment::kStep);
}

// `key` is the seed, spread over all bits.
uint32_t Hash(uint32_t key, uint32_t bits, uint32_t place) {
  uint32_t hash = (key ^ (bits + place * 0x9E3779B9U)) * 0x85EBCA6BU;
  hash = (hash ^ (hash >> 15)) * 0xC2B2AE35U;
  return hash ^ (hash >> 16);
}

uint32_t LargestMagnitude(absl::Span<const float> values) {
  uint32_t largest = 0;
  for (const float value : values) {
    largest = std::max(largest, std::bit_cast<uint32_t>(value) & kMagnitude);
  }
  return largest;
}

// REQUIRES: the scale is finite and not zero.
template <typename Moment>
void QuantiseBlock(absl::Span<const float> values, uint32_t scale_bits, uint32_t seed,
                   uint8_t* codes) {
  const uint32_t key = seed * 0x27D4EB2FU;
  const uint32_t last = LastStep<Moment>(scale_bits);
  const uint32_t smallest_bits = scale_bits - last * Moment::kStep;
  const float smallest = std::bit_cast<float>(smallest_bits);
  for (size_t i = 0; i < values.size(); ++i) {
    const auto bits = std::bit_cast<uint32_t>(values[i]);
    const uint32_t magnitude = bits & kMagnitude;
    const uint32_t hash = Hash(key, bits, static_cast<uint32_t>(i));
    // 0 to kStep - 1: what lies on a step stays on it.
    const uint32_t dither = ((hash >> 20) * Moment::kStep) >> 12;
    const uint32_t step = std::min(last, (scale_bits - magnitude + dither) / Moment::kStep);
    bool is_zero = magnitude == 0;
    if constexpr (Moment::kSign != 0) {
      const float share = static_cast<float>(hash >> 8) * 0x1p-24F;
      is_zero |= magnitude < smallest_bits && std::bit_cast<float>(magnitude) <= share * smallest;
    }
    const uint32_t sign = bits >> 31 != 0 ? Moment::kSign : 0;
    codes[i] = static_cast<uint8_t>(is_zero ? 0 : sign | (Moment::kMax - step));
  }
}

template <typename Moment>
void Quantise(absl::Span<const float> values, uint32_t seed, absl::Span<uint8_t> codes,
              absl::Span<float> scales) {
  constexpr size_t kBlock = kMomentBlock;
  for (size_t begin = 0; begin < values.size(); begin += kBlock) {
    const absl::Span<const float> block = values.subspan(begin, kBlock);
    const uint32_t scale_bits = LargestMagnitude(block);
    float& scale = scales[begin / kBlock];
    if (scale_bits == 0 || scale_bits >= kInfinity) {
      scale = scale_bits == 0 ? 0 : std::numeric_limits<float>::quiet_NaN();
      std::fill_n(codes.begin() + static_cast<ptrdiff_t>(begin), block.size(), uint8_t{0});
      continue;
    }
    scale = std::bit_cast<float>(scale_bits);
    QuantiseBlock<Moment>(block, scale_bits, seed, codes.data() + begin);
  }
}

template <typename Moment>
void DequantiseBlock(absl::Span<const uint8_t> codes, uint32_t scale_bits, float* values) {
  const uint32_t last = LastStep<Moment>(scale_bits);
  for (size_t i = 0; i < codes.size(); ++i) {
    const uint32_t code = codes[i] & Moment::kMax;
    const uint32_t step = std::min(last, Moment::kMax - code);
    const uint32_t sign = (codes[i] & Moment::kSign) << 24;
    const uint32_t bits = (scale_bits - step * Moment::kStep) | sign;
    values[i] = std::bit_cast<float>(code == 0 ? 0 : bits);
  }
}

template <typename Moment>
void Dequantise(absl::Span<const uint8_t> codes, absl::Span<const float> scales,
                absl::Span<float> values) {
  constexpr size_t kBlock = kMomentBlock;
  for (size_t begin = 0; begin < codes.size(); begin += kBlock) {
    const absl::Span<const uint8_t> block = codes.subspan(begin, kBlock);
    const uint32_t scale_bits = std::bit_cast<uint32_t>(scales[begin / kBlock]) & kMagnitude;
    if (scale_bits == 0 || scale_bits >= kInfinity) {
      const float all = scale_bits == 0 ? 0 : std::numeric_limits<float>::quiet_NaN();
      std::fill_n(values.begin() + static_cast<ptrdiff_t>(begin), block.size(), all);
      continue;
    }
    DequantiseBlock<Moment>(block, scale_bits, values.data() + begin);
  }
}

}  // namespace

void QuantiseFirst(absl::Span<const float> values, uint32_t seed, absl::Span<uint8_t> codes,
                   absl::Span<float> scales) {
  Quantise<First>(values, seed, codes, scales);
}

void QuantiseSecond(absl::Span<const float> values, uint32_t seed, absl::Span<uint8_t> codes,
                    absl::Span<float> scales) {
  Quantise<Second>(values, seed, codes, scales);
}

void DequantiseFirst(absl::Span<const uint8_t> codes, absl::Span<const float> scales,
                     absl::Span<float> values) {
  Dequantise<First>(codes, scales, values);
}

void DequantiseSecond(absl::Span<const uint8_t> codes, absl::Span<const float> scales,
                      absl::Span<float> values) {
  Dequantise<Second>(codes, scales, values);
}

}  // namespace md2::train
