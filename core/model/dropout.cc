#include "core/model/dropout.h"

#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/ops/empty.h>

#include <cmath>

#include "core/base/split_mix.h"

namespace md2::model {
namespace {

constexpr int64_t kValuesPerThread = 1 << 15;

}  // namespace

DropoutKey DropoutKey::For(uint64_t layer) const {
  return {share, base::SplitMix(base::SplitMix(seed) + layer)};
}

at::Tensor Dropout(const at::Tensor& x, const DropoutKey& key) {
  if (key.share == 0) return x;
  at::Tensor factors = at::empty(x.sizes(), at::kFloat);
  auto* out = factors.mutable_data_ptr<float>();
  const auto below = static_cast<uint64_t>(std::ldexp(key.share, 32));
  const auto kept = static_cast<float>(1 / (1 - key.share));
  at::parallel_for(0, x.numel(), kValuesPerThread, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const uint64_t draw =
          base::SplitMix(key.seed + static_cast<uint64_t>(i) * base::kSplitMixStep) >> 32;
      out[i] = draw < below ? 0.0f : kept;
    }
  });
  return x * factors.to(x.options());
}

}  // namespace md2::model
