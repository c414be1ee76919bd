// Defines how many weights a model has, and how many of them a job trains:
//   ParameterCounts, CountParts
//   TrainedCounts, CountTrained

#ifndef MD2_CORE_TRAIN_PARAMETER_COUNTS_H_
#define MD2_CORE_TRAIN_PARAMETER_COUNTS_H_

#include <cstdint>

#include "core/model/sizes.h"
#include "core/train/train_config.h"

namespace md2::train {

struct ParameterCounts {
  int64_t vision = 0;
  int64_t projector = 0;
  int64_t text = 0;  // embedding and head included

  int64_t all() const { return vision + projector + text; }
};

ParameterCounts CountParts(const model::Sizes& sizes);

struct TrainedCounts {
  int64_t of_model = 0;  // weights of the model itself
  int64_t adapters = 0;  // of method lora, beside the model

  int64_t all() const { return of_model + adapters; }
};

TrainedCounts CountTrained(const model::Sizes& sizes, const TrainConfig& config);

}  // namespace md2::train

#endif  // MD2_CORE_TRAIN_PARAMETER_COUNTS_H_
