#include "server/worker/train_command.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/base/status_macros.h"
#include "core/train/train_job.h"
#include "core/train/train_settings.h"
#include "server/worker/compute_settings.h"
#include "server/worker/loaded_model.h"
#include "server/worker/machine.h"
#include "server/worker/memory_reserve.h"
#include "server/worker/train_lines.h"
#include "server/worker/train_view.h"
#include "server/worker/version.h"

namespace md2::worker {
namespace {

// For all but tensors: code that oneDNN makes, pictures that are decoded ahead, ids, lists.
constexpr uint64_t kMemoryReserve = uint64_t{48} << 20;

absl::StatusOr<train::TrainJobOptions> ReadOptions(const base::ResolvedSettings& settings,
                                                   const train::TrainRequest& request,
                                                   const std::string& working_folder) {
  train::TrainJobOptions options;
  MD2_ASSIGN_OR_RETURN(options.model_dir, settings.GetString("model"));
  options.data = {request.data_path, request.val_path};
  options.output_dir = request.output_dir;
  options.config = request.config;
  MD2_ASSIGN_OR_RETURN(options.resume, settings.GetBool("resume"));
  MD2_ASSIGN_OR_RETURN(const std::string device, settings.GetString("device"));
  options.device = ChooseDevice(device);
  MD2_ASSIGN_OR_RETURN(options.num_threads, ReadThreads(settings));
  MD2_ASSIGN_OR_RETURN(options.feature_dir, settings.GetString("feature_dir"));
  MD2_ASSIGN_OR_RETURN(options.feature_store_bytes, settings.GetBytes("feature_store_bytes"));
  options.working_folder = working_folder;
  options.available_bytes = AvailableBytes();
  options.versions = Versions();
  return options;
}

// What was chosen, and where every value came from.
void TellPlan(const train::TrainRequest& request, const train::JobPlan& plan, std::ostream& notes) {
  for (const train::ChosenValue& chosen : plan.chosen) {
    notes << "  " << chosen.name << " = " << chosen.value << " (" << chosen.reason << ")\n";
  }
  for (const base::ResolvedSetting& setting : request.resolved.all()) {
    if (setting.is_default) continue;
    notes << "  " << setting.spec.name << " = " << setting.ShownValue() << " (" << setting.source
          << ")\n";
  }
  notes << plan.updates << " updates in " << plan.config.epochs << " epochs; "
        << plan.memory.total() / 1'000'000 << " MB of memory predicted\n";
}

absl::Status Run(const base::ResolvedSettings& settings, Surroundings& surroundings) {
  MD2_ASSIGN_OR_RETURN(const bool as_json, WantsJson(settings));
  MD2_ASSIGN_OR_RETURN(const train::TrainRequest request, train::ReadTrainSettings(settings));
  MD2_ASSIGN_OR_RETURN(const train::TrainJobOptions options,
                       ReadOptions(settings, request, surroundings.working_folder));
  std::unique_ptr<train::TrainObserver> observer;
  if (surroundings.out_is_terminal && !as_json) {
    observer = std::make_unique<TrainView>(surroundings.out, surroundings.clock);
  } else {
    observer = std::make_unique<TrainLines>(surroundings.out);
  }
  LimitDataSegment(options.available_bytes);
  KeepMemoryInReserve(kMemoryReserve);
  const train::TrainJobSurroundings around = {
      surroundings.files,
      surroundings.clock,
      *observer,
      surroundings.catch_interrupt(),
      PeakBytes,
      AvailableBytes,
      [&](const train::JobPlan& plan) { TellPlan(request, plan, surroundings.notes); },
  };
  return train::RunTrainJob(options, around);
}

std::vector<CommandSetting> Settings() {
  std::vector<CommandSetting> settings = {ModelSetting("all of it is read")};
  for (train::TrainSetting& setting : train::TrainSettings(train::PublishedNames::kRead)) {
    CommandSetting taken;
    taken.spec = std::move(setting.spec);
    taken.placeholder = std::move(setting.placeholder);
    settings.push_back(std::move(taken));
  }
  settings.push_back(Switch("resume", "go on where output_dir stands"));
  for (CommandSetting& setting : FeatureSettings()) settings.push_back(std::move(setting));
  settings.push_back(DeviceSetting());
  settings.push_back(ThreadsSetting());
  settings.push_back(OutputSetting());
  return settings;
}

}  // namespace

Command TrainCommand() {
  return {
      .name = "train",
      .summary = "trains a model on rows of images, questions and answers",
      .description =
          "Checks the data, stores what the vision tower makes of each image, trains, evaluates, "
          "saves\n"
          "checkpoints and exports the best one to OUTPUT_DIR/model, which answers like any model\n"
          "folder. A terminal shows a live line, a pipe gets a JSON object for each thing that\n"
          "happens.\n"
          "\n"
          "Ctrl-C or SIGTERM save a checkpoint where it is predicted to fit into 20 seconds, and "
          "end\n"
          "the run with exit code 2; a second time ends it at once. --resume goes on from the "
          "last\n"
          "checkpoint, to the same bytes as a run that was never ended. A full disk ends the run "
          "with\n"
          "exit code 8: make room and --resume.\n",
      .examples = {"md2-worker train --model base --data train.jsonl --val val.jsonl "
                   "--output-dir run",
                   "md2-worker train --model base --data train.jsonl --output-dir run --method "
                   "lora --epochs 5",
                   "md2-worker train --model base --data train.jsonl --output-dir run --resume"},
      .settings = Settings(),
      .run = Run,
  };
}

}  // namespace md2::worker
