// Defines JobInputs, all that a job begins with: base, tokenizer, data, and the plan that follows
// from them.
//   OpenJobInputs
//   PrecisionOf, AttentionOf, KeptOf   words of a resolved config as core/model has them

#ifndef MD2_CORE_TRAIN_JOB_INPUTS_H_
#define MD2_CORE_TRAIN_JOB_INPUTS_H_

#include <c10/core/Device.h>

#include <cstdint>
#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/base/sha256.h"
#include "core/data/order.h"
#include "core/model/model_folder.h"
#include "core/model/moondream.h"
#include "core/text/tokenizer.h"
#include "core/train/job_data.h"
#include "core/train/job_plan.h"
#include "core/train/run_identity.h"
#include "core/train/train_job.h"

namespace md2::train {

// One thread at a time.
struct JobInputs {
  model::ModelFolder folder;
  c10::Device device{c10::kCPU};
  std::unique_ptr<const text::Tokenizer> tokenizer;
  JobData data;
  JobFacts facts;
  JobPlan plan;
  RunIdentity identity;  // with the config as it was asked for

  data::WindowSize windows() const;

  // The plan of a run that goes on, which takes what its checkpoint recorded.
  absl::Status PlanAsRecorded(const TrainConfig& config);

  // What stored features depend on besides the image, and how large they are.
  base::Sha256Digest FeatureSpace(const TrainConfig& config) const;
  uint64_t FeatureBytes(const TrainConfig& config) const;
};

// Opens and checks everything; findings and the plan are told. DATA_INVALID; SETTING_INVALID
// (InvalidArgument) when no update would be made; else the errors of the parts.
absl::StatusOr<std::unique_ptr<JobInputs>> OpenJobInputs(const TrainJobOptions& options,
                                                         const TrainJobSurroundings& surroundings);

// REQUIRES for all: the value is not kAuto.
model::Precision PrecisionOf(ComputePrecision precision);
model::AttentionKind AttentionOf(Attention attention);
model::KeptActivations KeptOf(ActivationCheckpointing checkpointing);

}  // namespace md2::train

#endif  // MD2_CORE_TRAIN_JOB_INPUTS_H_
