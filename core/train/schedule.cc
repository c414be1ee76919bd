#include "core/train/schedule.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace md2::train {
namespace {

constexpr double kFloor = 0.1;
constexpr double kMoondreamWarmup = 0.1;

double WarmUp(double x, double warmup) { return kFloor + (1 - kFloor) * x / warmup; }

// Half a wave of the cosine, from 1 at 0 to the floor at 1.
double CosineFall(double x) {
  return kFloor + (1 - kFloor) * 0.5 * (1 + std::cos(std::numbers::pi * x));
}

double MoondreamFactor(double x) {
  return x < kMoondreamWarmup ? WarmUp(x, kMoondreamWarmup) : CosineFall(x - kMoondreamWarmup);
}

}  // namespace

int64_t UpdatesOfEpoch(int64_t rows, int64_t batch_size, int64_t grad_accum) {
  const int64_t window = batch_size * grad_accum;
  return rows / window + (rows % window == 0 ? 0 : 1);
}

double RateFactor(const RateSchedule& schedule, int64_t k, int64_t num_updates) {
  const auto update = static_cast<double>(k);
  if (schedule.kind == Schedule::kMoondream) {
    return MoondreamFactor(update / static_cast<double>(num_updates));
  }
  const double x = update / static_cast<double>(std::max<int64_t>(num_updates - 1, 1));
  const double warmup = schedule.warmup_ratio;
  if (x < warmup) return WarmUp(x, warmup);
  const double fallen = (x - warmup) / (1 - warmup);
  switch (schedule.kind) {
    case Schedule::kCosine:
      return CosineFall(fallen);
    case Schedule::kLinear:
      return 1 - (1 - kFloor) * fallen;
    default:
      return 1;
  }
}

}  // namespace md2::train
