#include "server/worker/check_command.h"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/base/status_macros.h"
#include "core/data/check_report.h"
#include "core/model/model_folder.h"
#include "core/model/revision_table.h"
#include "core/text/tokenizer.h"
#include "core/train/data_facts.h"
#include "core/train/disk_room.h"
#include "core/train/job_data.h"
#include "core/train/job_plan.h"
#include "core/train/memory_plan.h"
#include "core/train/train_settings.h"
#include "core/train/work_plan.h"
#include "server/worker/check_report_text.h"
#include "server/worker/compute_settings.h"
#include "server/worker/json_line.h"
#include "server/worker/progress_line.h"

namespace md2::worker {
namespace {

using train::TrainConfig;

struct CheckedJob {
  train::TrainRequest request;
  model::ModelFolder folder = {};
  std::unique_ptr<const text::Tokenizer> tokenizer = nullptr;
  int num_threads = 1;
  std::string feature_dir = "";  // empty: within the output
  uint64_t feature_store_bytes = 0;
  bool device_has_bf16 = true;
};

absl::StatusOr<CheckedJob> OpenJob(const CheckMachine& machine,
                                   const base::ResolvedSettings& settings, base::FileEnv& files) {
  MD2_ASSIGN_OR_RETURN(train::TrainRequest request, train::ReadTrainSettings(settings));
  CheckedJob job = {.request = std::move(request)};
  MD2_ASSIGN_OR_RETURN(job.feature_dir, settings.GetString("feature_dir"));
  MD2_ASSIGN_OR_RETURN(job.feature_store_bytes, settings.GetBytes("feature_store_bytes"));
  MD2_ASSIGN_OR_RETURN(job.num_threads, ReadThreads(settings));
  MD2_ASSIGN_OR_RETURN(const std::string device, settings.GetString("device"));
  MD2_ASSIGN_OR_RETURN(job.device_has_bf16, machine.device_has_bf16(device));
  MD2_ASSIGN_OR_RETURN(const std::string model_dir, settings.GetString("model"));
  MD2_ASSIGN_OR_RETURN(job.folder, model::OpenModelFolder(files, model_dir, {.tokenizer = true}));
  MD2_RETURN_IF_ERROR(model::CheckRunnable(job.folder.revision));
  job.request.config = train::AsBaseAsks(job.request.config, job.folder.config);
  MD2_ASSIGN_OR_RETURN(job.tokenizer, text::Tokenizer::Load(files, job.folder.tokenizer_path()));
  return job;
}

absl::StatusOr<train::JobData> CheckRows(const CheckedJob& job, Surroundings& surroundings) {
  ProgressLine line(surroundings, "check");
  train::JobDataOptions options;
  options.num_threads = job.num_threads;
  options.cancel = surroundings.catch_interrupt();
  options.on_progress = [&line](int64_t done, int64_t total) {
    line.UpdateCount(done, total, "rows");
  };
  return train::OpenJobData(surroundings.files, {job.request.data_path, job.request.val_path},
                            job.folder, *job.tokenizer, job.request.config, options);
}

MethodNeeds NeedsOf(train::Method method, const model::Sizes& sizes, const TrainConfig& config,
                    const train::JobFacts& facts) {
  TrainConfig other = config;
  other.method = method;
  const train::JobPlan plan = train::PlanJob(sizes, other, facts);
  return {plan.memory.total(), plan.fits};
}

Prediction Predict(const CheckedJob& job, const train::JobData& data, const CheckMachine& machine,
                   base::FileEnv& files) {
  const data::CheckReport& report = data.report;
  const model::Sizes& sizes = job.folder.config.sizes;
  const TrainConfig& config = job.request.config;
  train::JobFacts facts = train::JobFactsOf(report, sizes, config.tiles);
  facts.available_bytes = machine.available_bytes();
  facts.device_has_bf16 = job.device_has_bf16;
  Prediction predicted;
  predicted.available_bytes = facts.available_bytes;
  predicted.plan = train::PlanJob(sizes, config, facts);
  predicted.full = NeedsOf(train::Method::kFull, sizes, config, facts);
  predicted.lora = NeedsOf(train::Method::kLora, sizes, config, facts);
  const TrainConfig& resolved = predicted.plan.config;
  const bool base_is_fp32 = model::Describe(job.folder).dtype == "f32";
  predicted.disk = train::PlanDisk(sizes, resolved, report.num_images, base_is_fp32);
  predicted.disk.features = std::min(predicted.disk.features, job.feature_store_bytes);
  predicted.room =
      train::FindDiskRoom(files, predicted.disk, job.request.output_dir, job.feature_dir);
  predicted.products_per_second = machine.products_per_second(resolved.precision, job.num_threads);
  predicted.seconds = train::PredictSeconds(
      train::PlanWork(sizes, resolved, train::WorkCountsOf(report, sizes, predicted.plan)),
      predicted.products_per_second);
  return predicted;
}

absl::Status Run(const CheckMachine& machine, const base::ResolvedSettings& settings,
                 Surroundings& surroundings) {
  MD2_ASSIGN_OR_RETURN(const bool as_json, WantsJson(settings));
  MD2_ASSIGN_OR_RETURN(const CheckedJob job, OpenJob(machine, settings, surroundings.files));
  CheckOutcome outcome;
  MD2_ASSIGN_OR_RETURN(train::JobData data, CheckRows(job, surroundings));
  if (!data.report.train_rows.empty()) {
    outcome.predicted = Predict(job, data, machine, surroundings.files);
  }
  absl::Status status = train::CheckUsable(data);
  outcome.report = std::move(data.report);
  surroundings.out << (as_json ? JsonLine(CheckReportJson(outcome))
                               : CheckReportText(outcome, surroundings.out_is_terminal));
  return status;
}

std::vector<CommandSetting> Settings() {
  std::vector<CommandSetting> settings = {
      ModelSetting("config.json, the names of its weights and tokenizer.json are read")};
  for (train::TrainSetting& setting : train::TrainSettings(train::PublishedNames::kIgnored)) {
    CommandSetting taken;
    taken.spec = std::move(setting.spec);
    taken.placeholder = std::move(setting.placeholder);
    // A check of nobody knows what is of no use.
    taken.is_required = taken.spec.name == "data";
    settings.push_back(std::move(taken));
  }
  for (CommandSetting& setting : FeatureSettings()) settings.push_back(std::move(setting));
  settings.push_back(DeviceSetting());
  settings.push_back(ThreadsSetting());
  settings.push_back(OutputSetting());
  return settings;
}

}  // namespace

Command CheckCommand(CheckMachine machine) {
  return {
      .name = "check",
      .summary = "says whether data can be trained on, and what a job would take",
      .description =
          "Reads every row and decodes every image, computes nothing of the model, and takes the\n"
          "flags of a job. Errors are rows that cannot be trained on; warnings are repeats, "
          "pictures\n"
          "of the validation data that are trained on too, answers that the model cannot give, "
          "and\n"
          "text that gets too small. Ends with exit code 3 when there are errors.\n"
          "\n"
          "Time is predicted from the products of matrices that the sizes make, at the rate of a\n"
          "product measured here; memory and disk from formulas, beside what is free. Nothing is\n"
          "made in OUTPUT_DIR.\n",
      .examples = {"md2-worker check --model base --data train.jsonl --val val.jsonl",
                   "md2-worker check --model base --data train.jsonl --method lora -o json"},
      .settings = Settings(),
      .run = [machine = std::move(machine)](
                 const base::ResolvedSettings& settings,
                 Surroundings& surroundings) { return Run(machine, settings, surroundings); },
  };
}

}  // namespace md2::worker
