// Defines SampleRandom, the generator behind every sample: specified here, so that a seed means the
// same on every machine.

#ifndef MD2_CORE_DATA_DATAGEN_RANDOM_H_
#define MD2_CORE_DATA_DATAGEN_RANDOM_H_

#include <cstdint>

namespace md2::datagen {

// SplitMix64 whose start is mixed from three numbers, so that a sample depends on its own three and
// on no other sample. One thread at a time.
class SampleRandom {
 public:
  SampleRandom(uint64_t seed, uint64_t stream, uint64_t index)
      : state_(Mix(Mix(Mix(seed + kStep) ^ stream) + index)) {}

  uint64_t Next() { return Mix(state_ += kStep); }

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
  static constexpr uint64_t kStep = 0x9e3779b97f4a7c15;

  static uint64_t Mix(uint64_t bits) {
    bits = (bits ^ (bits >> 30)) * 0xbf58476d1ce4e5b9;
    bits = (bits ^ (bits >> 27)) * 0x94d049bb133111eb;
    return bits ^ (bits >> 31);
  }

  uint64_t state_;
};

}  // namespace md2::datagen

#endif  // MD2_CORE_DATA_DATAGEN_RANDOM_H_
