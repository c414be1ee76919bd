// Defines how the moments of AdamW are kept in 8 bits a value:
//   QuantiseFirst, DequantiseFirst     the first moment, signed
//   QuantiseSecond, DequantiseSecond   the second, not negative
//
// Block-wise as in Dettmers et al. 2022 ("8-bit Optimizers via Block-wise Quantization"): every
// kMomentBlock values share a scale, their largest magnitude, and a code counts steps below it. The
// steps are ours. The published code has few values near zero, so that small second moments in a
// block with a large one become zero, and their updates infinite; ours is a logarithm in which
// every octave has as many steps, and nothing but zero is zero in the second moment:
//             steps an octave   octaves   a value is off by less than
//   first           9             14.0      11.2 % of itself; 1 / 16,000 of the scale below that
//   second         11             23.1       9.1 % of itself; below that it is the smallest one
// The logarithm is that of a float's bits read as an integer, straight between powers of two.
//
// Rounding is up or down in proportion, by a hash of the value, its place in the block and a seed:
// the same on every machine, and right in the mean. Rounding to the nearest would stop a moment
// that changes by less than half a step an update, as with a beta2 of 0.999 it does. The seed is
// the update's number, so that a moment that was not rounded down in one update may be in the next.
//
// Blocks are independent: a call on a part that begins at a multiple of kMomentBlock gives what the
// whole gives. All functions are pure and safe for concurrent use.

#ifndef MD2_CORE_TRAIN_MOMENTS8_H_
#define MD2_CORE_TRAIN_MOMENTS8_H_

#include <cstdint>

#include "absl/types/span.h"

namespace md2::train {

inline constexpr int64_t kMomentBlock = 256;  // values that share a scale

// Scales of so many values; the last block may be shorter.
constexpr int64_t NumMomentBlocks(int64_t num_values) {
  return (num_values + kMomentBlock - 1) / kMomentBlock;
}

// One code a value and one scale a block. The largest magnitude of a block and zeros are exact, and
// so is every value that was dequantised before. A first moment too small for its block becomes
// zero or the smallest one, right in the mean. A block that holds a NaN or an infinity has the
// scale NaN. REQUIRES for all: as many codes as values, NumMomentBlocks of them scales.
void QuantiseFirst(absl::Span<const float> values, uint32_t seed, absl::Span<uint8_t> codes,
                   absl::Span<float> scales);
// The sign of a value is left out.
void QuantiseSecond(absl::Span<const float> values, uint32_t seed, absl::Span<uint8_t> codes,
                    absl::Span<float> scales);

// Any codes and scales give values; where the scale is not finite they are all NaN.
void DequantiseFirst(absl::Span<const uint8_t> codes, absl::Span<const float> scales,
                     absl::Span<float> values);
void DequantiseSecond(absl::Span<const uint8_t> codes, absl::Span<const float> scales,
                      absl::Span<float> values);

}  // namespace md2::train

#endif  // MD2_CORE_TRAIN_MOMENTS8_H_
