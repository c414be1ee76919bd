#include "core/model/dropout.h"

#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/ops/empty.h>

#include <cmath>

namespace md2::model {
namespace {

constexpr int64_t kValuesPerThread = 1 << 15;

// SplitMix64's finaliser.
uint64_t Mix(uint64_t z) {
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

}  // namespace

DropoutKey DropoutKey::For(uint64_t layer) const { return {share, Mix(Mix(seed) + layer)}; }

at::Tensor Dropout(const at::Tensor& x, const DropoutKey& key) {
  if (key.share == 0) return x;
  at::Tensor factors = at::empty(x.sizes(), at::kFloat);
  auto* out = factors.mutable_data_ptr<float>();
  const auto below = static_cast<uint64_t>(std::ldexp(key.share, 32));
  const auto kept = static_cast<float>(1 / (1 - key.share));
  at::parallel_for(0, x.numel(), kValuesPerThread, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const uint64_t draw = Mix(key.seed + static_cast<uint64_t>(i) * 0x9e3779b97f4a7c15) >> 32;
      out[i] = draw < below ? 0.0f : kept;
    }
  });
  return x * factors.to(x.options());
}

}  // namespace md2::model
