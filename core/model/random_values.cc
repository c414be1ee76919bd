#include "core/model/random_values.h"

#include <cmath>
#include <limits>

#include "absl/strings/match.h"
#include "core/base/split_mix.h"

namespace md2::model {
namespace {

using base::kSplitMixStep;

// FNV-1a.
uint64_t HashName(absl::string_view name) {
  uint64_t hash = 0xcbf29ce484222325;
  for (const char c : name) hash = (hash ^ static_cast<uint8_t>(c)) * 0x100000001b3;
  return hash;
}

uint64_t KeyOf(absl::string_view name, uint64_t seed) {
  return base::SplitMix(base::SplitMix(seed + kSplitMixStep) ^ HashName(name));
}

bool IsNormWeight(absl::string_view name) {
  return (absl::StrContains(name, "norm") || absl::StrContains(name, ".ln.")) &&
         absl::EndsWith(name, "weight");
}

}  // namespace

Spread SpreadOf(const WeightSpec& spec) {
  if (spec.shape.size() == 1)
    return {.mean = IsNormWeight(spec.name) ? 1.0 : 0.0, .deviation = 0.05};
  if (absl::EndsWith(spec.name, "wte.weight") || absl::EndsWith(spec.name, "pos_embed")) {
    return {.mean = 0, .deviation = 0.5};
  }
  return {.mean = 0, .deviation = 1 / std::sqrt(static_cast<double>(spec.shape.back()))};
}

RandomTensor::RandomTensor(absl::string_view name, const Spread& spread, uint64_t seed)
    : key_(KeyOf(name, seed)) {
  mean_ = static_cast<float>(spread.mean);
  // Deviation of the sum of four uniform 16-bit integers.
  step_ = static_cast<float>(spread.deviation / std::sqrt((65536.0 * 65536.0 - 1) / 3));
}

void RandomTensor::Fill(uint64_t first, absl::Span<float> out) const {
  constexpr int32_t kMiddle = 2 * 65535;
  uint64_t counter = key_ + first * kSplitMixStep;
  for (float& value : out) {
    const uint64_t bits = base::SplitMix(counter);
    counter += kSplitMixStep;
    const uint64_t sum =
        (bits & 0xffff) + ((bits >> 16) & 0xffff) + ((bits >> 32) & 0xffff) + (bits >> 48);
    value = mean_ + step_ * static_cast<float>(static_cast<int32_t>(sum) - kMiddle);
  }
}

std::vector<float> UniformValues(absl::string_view name, double bound, uint64_t seed,
                                 int64_t count) {
  std::vector<float> values(count);
  uint64_t counter = KeyOf(name, seed);
  for (float& value : values) {
    const auto draw = static_cast<double>(base::SplitMix(counter) >> 11);  // 53 bits
    value = static_cast<float>(bound * (std::ldexp(draw, -52) - 1));
    counter += kSplitMixStep;
  }
  return values;
}

}  // namespace md2::model
