// Defines PlanJob, which puts values where a job's configuration says `auto` and says what the job
// needs:
//   JobFacts    what is known of data and machine
//   JobPlan

#ifndef MD2_CORE_TRAIN_JOB_PLAN_H_
#define MD2_CORE_TRAIN_JOB_PLAN_H_

#include <cstdint>
#include <string>
#include <vector>

#include "core/model/sizes.h"
#include "core/train/memory_plan.h"
#include "core/train/train_config.h"

namespace md2::train {

struct JobFacts {
  int64_t train_rows = 0;  // at least 1
  int64_t val_rows = 0;
  RowSizes longest;                   // of training rows
  int64_t longest_prompt_tokens = 0;  // of all rows, BOS and image included
  bool device_has_bf16 = true;
  Attention attention = Attention::kCausal;  // the revision's own
  uint64_t available_bytes = 0;              // of memory for the job; 0: not known
};

struct ChosenValue {
  std::string name;    // of a field of the configuration
  std::string value;   // as a flag takes it
  std::string reason;  // one line
};

struct JobPlan {
  // Without `auto`, but for save_every, which needs times that only training measures.
  TrainConfig config;
  std::vector<ChosenValue> chosen;  // that were auto, in the order of the fields
  int64_t updates_per_epoch = 0;
  int64_t updates = 0;
  int64_t evaluations = 0;  // the one before training and the one at the end included
  MemoryPlan memory;
  bool fits = true;  // into available_bytes; true when they are not known
};

// A pure function. REQUIRES: `config` was checked; sizes are valid; facts are in their ranges.
JobPlan PlanJob(const model::Sizes& sizes, const TrainConfig& config, const JobFacts& facts);

}  // namespace md2::train

#endif  // MD2_CORE_TRAIN_JOB_PLAN_H_
