#include "core/train/estimate.h"

#include <algorithm>
#include <cmath>

namespace md2::train {

Estimate WilsonEstimate(double sum, int64_t n) {
  if (n <= 0) return {};
  constexpr double kZ = 1.959964;  // 97.5 % of the normal distribution lie below
  const auto count = static_cast<double>(n);
  const double p = std::clamp(sum / count, 0.0, 1.0);
  const double spread = kZ * kZ / count;
  const double middle = p + spread / 2;
  const double half_width = kZ * std::sqrt(p * (1 - p) / count + spread / (4 * count));
  // At 0 and 1 rounding would else leave the mean just outside.
  const double low = p == 0 ? 0 : (middle - half_width) / (1 + spread);
  const double high = p == 1 ? 1 : (middle + half_width) / (1 + spread);
  return {p, n, std::max(low, 0.0), std::min(high, 1.0)};
}

}  // namespace md2::train
