// Defines SampleRandom, the generator behind every sample: specified here, so that a seed means the
// same on every machine.

#ifndef MD2_CORE_DATA_DATAGEN_RANDOM_H_
#define MD2_CORE_DATA_DATAGEN_RANDOM_H_

#include <cstdint>

#include "core/base/split_mix.h"

namespace md2::datagen {

// SplitMix64 whose start is mixed from three numbers, so that a sample depends on its own three and
// on no other sample. One thread at a time.
class SampleRandom {
 public:
  SampleRandom(uint64_t seed, uint64_t stream, uint64_t index)
      : state_(base::SplitMix(base::SplitMix(base::SplitMix(seed + base::kSplitMixStep) ^ stream) +
                              index)) {}

  uint64_t Next() { return base::SplitMix(state_ += base::kSplitMixStep); }

  // Both ends included. REQUIRES: low <= high.
  int Between(int low, int high) {
    const uint64_t count = static_cast<uint64_t>(high - low) + 1;
    return low + static_cast<int>(((Next() >> 32) * count) >> 32);
  }

  // From low up to, but not with, high; exact arithmetic but for one rounding each of difference,
  // product and sum.
  double Uniform(double low, double high) {
    return low + (high - low) * (static_cast<double>(Next() >> 11) * 0x1p-53);
  }

 private:
  uint64_t state_;
};

}  // namespace md2::datagen

#endif  // MD2_CORE_DATA_DATAGEN_RANDOM_H_
