#include "core/train/adamw.h"

#include <cmath>

// One body for every width of registers. ISO C++ is compiled without fused multiplications, so that
// all give the same bits.
#if defined(__x86_64__)
#define MD2_ANY_WIDTH __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define MD2_ANY_WIDTH
#endif

namespace md2::train {

AdamWStep::AdamWStep(const AdamWOptions& options, double rate, int64_t t, double scale)
    : factor(static_cast<float>(scale)),
      kept(static_cast<float>(1 - rate * options.weight_decay)),
      beta1_rest(static_cast<float>(1 - options.beta1)),
      beta2(static_cast<float>(options.beta2)),
      beta2_rest(static_cast<float>(1 - options.beta2)),
      size(static_cast<float>(rate / (1 - std::pow(options.beta1, static_cast<double>(t))))),
      root_scale(
          static_cast<float>(1 / std::sqrt(1 - std::pow(options.beta2, static_cast<double>(t))))),
      epsilon(static_cast<float>(options.epsilon)) {}

MD2_ANY_WIDTH void ApplyAdamW(const AdamWStep& step, int64_t count,
                              const float* __restrict gradient, float* __restrict first,
                              float* __restrict second, float* __restrict weight) {
  const AdamWStep s = step;
  for (int64_t i = 0; i < count; ++i) {
    const float g = gradient[i] * s.factor;
    const float m = first[i] + s.beta1_rest * (g - first[i]);
    const float v = s.beta2 * second[i] + s.beta2_rest * g * g;
    first[i] = m;
    second[i] = v;
    weight[i] = weight[i] * s.kept - s.size * m / (std::sqrt(v) * s.root_scale + s.epsilon);
  }
}

}  // namespace md2::train
