// Defines how many updates a job makes, and the learning rate of each, as pure functions:
//   UpdatesOfEpoch   ceil(rows / (batch_size x grad_accum))
//   RateFactor       share of the highest rate that an update uses

#ifndef MD2_CORE_TRAIN_SCHEDULE_H_
#define MD2_CORE_TRAIN_SCHEDULE_H_

#include <cstdint>

#include "core/train/train_config.h"

namespace md2::train {

// Updates of one epoch; its last takes the rows that are left. 0 without rows. REQUIRES: rows >= 0;
// batch_size and grad_accum are positive.
int64_t UpdatesOfEpoch(int64_t rows, int64_t batch_size, int64_t grad_accum);

struct RateSchedule {
  Schedule kind = Schedule::kCosine;
  double warmup_ratio = 0.1;  // w below, in [0, 1); not of kMoondream
};

// What update k of K multiplies the highest rate with; to be set before that update. With
// x = k / max(K - 1, 1), for all but kMoondream:
//   x < w        0.1 + 0.9 x / w
//   kCosine      0.1 + 0.9 (1 + cos(pi (x - w) / (1 - w))) / 2
//   kLinear      1 - 0.9 (x - w) / (1 - w)
//   kConstant    1
// kMoondream is the published script's lr_schedule, with x = k / K:
//   x < 0.1      0.1 + 0.9 x / 0.1
//   else         0.1 + 0.9 (1 + cos(pi (x - 0.1))) / 2
// REQUIRES: 0 <= k < K.
double RateFactor(const RateSchedule& schedule, int64_t k, int64_t num_updates);

}  // namespace md2::train

#endif  // MD2_CORE_TRAIN_SCHEDULE_H_
