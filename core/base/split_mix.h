// Defines SplitMix64 (Steele, Lea, Flood, "Fast splittable pseudorandom number generators", 2014),
// from which every draw of ours is made, so that it is the same on every machine.
//   kSplitMixStep   what a counter grows by from draw to draw
//   SplitMix        a counter -> a draw of 64 bits

#ifndef MD2_CORE_BASE_SPLIT_MIX_H_
#define MD2_CORE_BASE_SPLIT_MIX_H_

#include <cstdint>

namespace md2::base {

inline constexpr uint64_t kSplitMixStep = 0x9e3779b97f4a7c15;

constexpr uint64_t SplitMix(uint64_t z) {
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

}  // namespace md2::base

#endif  // MD2_CORE_BASE_SPLIT_MIX_H_
