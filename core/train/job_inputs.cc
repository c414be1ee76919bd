#include "core/train/job_inputs.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/error.h"
#include "core/base/file_digest.h"
#include "core/base/folder_of.h"
#include "core/base/status_macros.h"
#include "core/data/check_report.h"
#include "core/data/dataset.h"
#include "core/model/device.h"
#include "core/model/model_digest.h"
#include "core/model/revision_table.h"
#include "core/model/weights.h"
#include "core/train/config_words.h"
#include "core/train/data_facts.h"

namespace md2::train {
namespace {

base::Sha256Digest Digest(const std::string& text) {
  return base::Sha256Of({reinterpret_cast<const uint8_t*>(text.data()), text.size()});
}

void TellFindings(const JobData& data, TrainObserver& observer) {
  for (const data::Finding& finding : data.report.findings) {
    observer.OnFinding({finding.is_error, finding.part == data::DataPart::kVal, finding.row,
                        finding.field, finding.message});
  }
}

absl::Status CheckUpdates(const JobPlan& plan) {
  if (plan.updates > 0) return absl::OkStatus();
  return base::MakeError(absl::StatusCode::kInvalidArgument, base::Reason::kSettingInvalid,
                         "expected rows and epochs that make at least one update, found none; "
                         "give more rows or epochs");
}

absl::StatusOr<RunIdentity> Identify(base::FileEnv& env, const TrainJobOptions& options,
                                     const JobInputs& inputs) {
  RunIdentity identity;
  MD2_ASSIGN_OR_RETURN(const std::string base, model::DigestOfModel(env, inputs.folder));
  MD2_ASSIGN_OR_RETURN(const base::FileDigest tokenizer,
                       base::DigestOfFile(env, inputs.folder.tokenizer_path()));
  const auto recorded = [&](const std::string& path) {
    return base::PathIn(options.working_folder, path);
  };
  const auto source = [&](const data::Dataset& dataset) {
    return SourceDigest{recorded(dataset.path()), base::HexOf(dataset.digest())};
  };
  identity.base = {recorded(options.model_dir), base};
  identity.tokenizer = {recorded(inputs.folder.tokenizer_path()), tokenizer.sha256};
  identity.data = source(*inputs.data.train);
  if (inputs.data.val != nullptr) identity.val = source(*inputs.data.val);
  identity.config = options.config;
  return identity;
}

}  // namespace

data::WindowSize JobInputs::windows() const {
  return {static_cast<int64_t>(data.report.train_rows.size()), plan.config.batch_size,
          *plan.config.grad_accum};
}

absl::Status JobInputs::PlanAsRecorded(const TrainConfig& config) {
  plan = PlanJob(folder.config.sizes, config, facts);
  return CheckUpdates(plan);
}

base::Sha256Digest JobInputs::FeatureSpace(const TrainConfig& config) const {
  const bool is_fresh = config.init == Init::kRandom;
  return Digest(absl::StrCat("md2 features 1\n", identity.base.sha256,
                             is_fresh ? absl::StrCat(" seed ", config.seed) : "", "\ntiles ",
                             WordOf(config.tiles), "\nprecision ", WordOf(config.precision), "\n"));
}

uint64_t JobInputs::FeatureBytes(const TrainConfig& config) const {
  const model::Sizes& sizes = folder.config.sizes;
  return static_cast<uint64_t>(sizes.vision.patches() * sizes.text.dim) *
         c10::elementSize(model::ScalarTypeOf(PrecisionOf(config.precision)));
}

absl::StatusOr<std::unique_ptr<JobInputs>> OpenJobInputs(const TrainJobOptions& options,
                                                         const TrainJobSurroundings& surroundings) {
  base::FileEnv& env = surroundings.files;
  auto inputs = std::make_unique<JobInputs>();
  MD2_ASSIGN_OR_RETURN(inputs->folder,
                       model::OpenModelFolder(env, options.model_dir, {.tokenizer = true}));
  MD2_RETURN_IF_ERROR(model::CheckRunnable(inputs->folder.revision));
  MD2_ASSIGN_OR_RETURN(inputs->device, model::OpenDevice(options.device));
  MD2_ASSIGN_OR_RETURN(inputs->tokenizer,
                       text::Tokenizer::Load(env, inputs->folder.tokenizer_path()));
  const TrainConfig config = AsBaseAsks(options.config, inputs->folder.config);
  JobDataOptions check;
  check.num_threads = options.num_threads;
  check.cancel = surroundings.cancel;
  check.on_progress = [&surroundings](int64_t done, int64_t total) {
    surroundings.observer.OnPhase({Phase::kCheck, done, total});
  };
  MD2_ASSIGN_OR_RETURN(inputs->data, OpenJobData(env, options.data, inputs->folder,
                                                 *inputs->tokenizer, config, check));
  TellFindings(inputs->data, surroundings.observer);
  MD2_RETURN_IF_ERROR(CheckUsable(inputs->data));
  inputs->facts = JobFactsOf(inputs->data.report, inputs->folder.config.sizes, config.tiles);
  inputs->facts.available_bytes = options.available_bytes;
  inputs->facts.device_has_bf16 = model::HasBf16(inputs->device);
  inputs->plan = PlanJob(inputs->folder.config.sizes, config, inputs->facts);
  MD2_RETURN_IF_ERROR(CheckUpdates(inputs->plan));
  MD2_ASSIGN_OR_RETURN(inputs->identity, Identify(env, options, *inputs));
  if (surroundings.on_plan) surroundings.on_plan(inputs->plan);
  return inputs;
}

model::Precision PrecisionOf(ComputePrecision precision) {
  switch (precision) {
    case ComputePrecision::kBf16:
      return model::Precision::kBf16;
    case ComputePrecision::kFp16:
      return model::Precision::kFp16;
    default:
      return model::Precision::kFp32;
  }
}

model::AttentionKind AttentionOf(Attention attention) {
  return attention == Attention::kPrefix ? model::AttentionKind::kPrefix
                                         : model::AttentionKind::kCausal;
}

model::KeptActivations KeptOf(ActivationCheckpointing checkpointing) {
  switch (checkpointing) {
    case ActivationCheckpointing::kSelective:
      return model::KeptActivations::kCostly;
    case ActivationCheckpointing::kFull:
      return model::KeptActivations::kInputs;
    default:
      return model::KeptActivations::kAll;
  }
}

}  // namespace md2::train
