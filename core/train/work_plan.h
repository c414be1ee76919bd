// Defines how long a job takes, predicted from the products of matrices that it makes:
//   WorkCounts             what is computed how often
//   WorkPlan, PlanWork     operations by part
//   PredictSeconds

#ifndef MD2_CORE_TRAIN_WORK_PLAN_H_
#define MD2_CORE_TRAIN_WORK_PLAN_H_

#include <cstdint>

#include "core/model/sizes.h"
#include "core/train/train_config.h"

namespace md2::train {

struct WorkCounts {
  int64_t rows = 0;            // trained in an epoch
  int64_t tokens = 0;          // of those rows together, BOS and image included
  int64_t answer_tokens = 0;   // of them, the trained ones
  int64_t images = 0;          // of different bytes, in training and validation
  double crops = 1;            // of an image, on average
  int64_t evaluations = 0;     // the one before training and the one at the end included
  int64_t evaluated_rows = 0;  // of one evaluation
};

// Operations: a multiplication and an addition are two.
struct WorkPlan {
  double vision = 0;    // encoding of all images once, or in every epoch where vision is trained
  double training = 0;  // forward and backward of all epochs
  double evaluation = 0;

  double total() const { return vision + training + evaluation; }
};

// Counts the products of matrices alone: for each token 2 operations a weight of the blocks and
// 2 x (tokens before it) x D x 2 in attention, for each answer token 2 D x vocabulary. A backward
// pass takes twice its forward pass, once where the weights are not trained; checkpointing full
// takes the forward pass of blocks again. An evaluated row takes two forward passes, one for its
// loss and one for its answer. REQUIRES: activation_checkpointing is chosen.
WorkPlan PlanWork(const model::Sizes& sizes, const TrainConfig& config, const WorkCounts& counts);

// All else that a job does beside its products, as a factor; assumed.
inline constexpr double kBesideProducts = 1.3;

// 0 when the rate is not known, which is 0 then.
double PredictSeconds(const WorkPlan& plan, double products_per_second);

}  // namespace md2::train

#endif  // MD2_CORE_TRAIN_WORK_PLAN_H_
