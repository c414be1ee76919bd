#include "core/train/train_job.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "core/base/error.h"
#include "core/base/heap.h"
#include "core/base/status_macros.h"
#include "core/data/feature_store.h"
#include "core/model/model_folder.h"
#include "core/text/tokenizer.h"
#include "core/train/checkpoint_saver.h"
#include "core/train/evaluator.h"
#include "core/train/example_feed.h"
#include "core/train/finish_job.h"
#include "core/train/job_inputs.h"
#include "core/train/optimizer.h"
#include "core/train/output_folder.h"
#include "core/train/row_loader.h"
#include "core/train/trainable_model.h"
#include "core/train/trainer.h"
#include "core/train/update_runner.h"

namespace md2::train {
namespace {

// Training rows that are asked where there are no validation rows.
constexpr size_t kGateRows = 8;

// One job from its inputs to its export. One thread at a time.
class TrainJob {
 public:
  TrainJob(const TrainJobOptions& options, const TrainJobSurroundings& around)
      : options_(options), around_(around) {}

  absl::Status Run();

  FinishReport report() const { return report_; }

 private:
  absl::Status OpenFolder();
  absl::Status LoadModel();
  absl::Status OpenFeatures();
  absl::Status Train();
  absl::Status Finish();

  const TrainConfig& config() const { return state_.run.config; }
  std::function<uint64_t()> RoomForCopies() const;
  RowLoader LoaderOf(const data::Dataset& dataset,
                     const std::vector<data::CheckedRow>& checked) const;
  EvaluatorOptions EvaluatorOptionsOf(std::vector<uint32_t> rows) const;
  ExampleFeedOptions FeedOptions() const;
  UpdateOptions UpdatesOptions() const;

  const TrainJobOptions& options_;
  const TrainJobSurroundings& around_;
  FinishReport report_;
  std::unique_ptr<JobInputs> inputs_;
  std::unique_ptr<OutputFolder> output_;
  TrainState state_;
  std::unique_ptr<TrainableModel> model_;
  std::unique_ptr<Optimizer> optimizer_;
  std::unique_ptr<CheckpointSaver> saver_;
  std::unique_ptr<data::FeatureStore> store_;
};

absl::Status TrainJob::Run() {
  at::set_num_threads(options_.num_threads);
  MD2_ASSIGN_OR_RETURN(inputs_, OpenJobInputs(options_, around_));
  MD2_RETURN_IF_ERROR(OpenFolder());
  MD2_RETURN_IF_ERROR(LoadModel());
  MD2_RETURN_IF_ERROR(OpenFeatures());
  MD2_RETURN_IF_ERROR(Train());
  return Finish();
}

// The folder is ours, and `state_` is where the run stands.
absl::Status TrainJob::OpenFolder() {
  const Start start = options_.resume ? Start::kResume : Start::kNew;
  MD2_ASSIGN_OR_RETURN(output_, OutputFolder::Open(around_.files, options_.output_dir, start));
  MD2_ASSIGN_OR_RETURN(const std::vector<int64_t> checkpoints, output_->checkpoints().List());
  if (checkpoints.empty()) {
    state_.run = inputs_->identity;
    state_.run.config = inputs_->plan.config;
    state_.micro_batch_rows = config().batch_size;
    state_.loss_scale.scale = config().precision == ComputePrecision::kFp16 ? 1 << 16 : 1;
  } else {
    MD2_ASSIGN_OR_RETURN(
        state_, ReadState(around_.files, output_->checkpoints().PathOf(checkpoints.back())));
    MD2_RETURN_IF_ERROR(CheckSameRun(state_.run, inputs_->identity));
    MD2_RETURN_IF_ERROR(inputs_->PlanAsRecorded(config()));
  }
  MD2_RETURN_IF_ERROR(output_->WriteConfig(state_.run, options_.versions));
  report_.updates = state_.update;
  return output_->OpenLines(state_.update);
}

absl::Status TrainJob::LoadModel() {
  around_.observer.OnPhase({Phase::kLoad, 0, 0});
  const TrainConfig& c = config();
  MD2_ASSIGN_OR_RETURN(model_, TrainableModel::Load(inputs_->folder, TrainScope::Of(c),
                                                    {.precision = PrecisionOf(c.precision),
                                                     .device = inputs_->device}));
  MD2_ASSIGN_OR_RETURN(
      optimizer_,
      Optimizer::Create(*model_, {c.beta1, c.beta2, c.epsilon, c.weight_decay}, c.moment_bits));
  const CheckpointSaverParts saver = {around_.files, around_.clock, around_.observer,
                                      output_->checkpoints()};
  saver_ = std::make_unique<CheckpointSaver>(
      saver, SavedTensors{model_->Masters(), optimizer_->moments().State()},
      CheckpointSaverOptions{c.keep_last, RoomForCopies()});
  if (state_.update == 0) return absl::OkStatus();
  return saver_->Restore(*model_, state_.update).status();
}

// None where the plan has no copy; else what is available beyond what the next update and the next
// evaluation take.
std::function<uint64_t()> TrainJob::RoomForCopies() const {
  const MemoryPlan& plan = inputs_->plan.memory;
  if (plan.copy == 0) return nullptr;
  return [this, kept = plan.of_an_update() + kRoomBesideCopy] {
    const uint64_t available = around_.available_bytes();
    return available - std::min(available, kept);
  };
}

absl::Status TrainJob::OpenFeatures() {
  if (config().train_vision != TrainVision::kNone) return absl::OkStatus();
  data::FeatureStoreOptions store;
  store.dir = options_.feature_dir.empty() ? output_->dir() + "/features" : options_.feature_dir;
  store.space = inputs_->FeatureSpace(config());
  store.entry_bytes = inputs_->FeatureBytes(config());
  store.max_bytes = options_.feature_store_bytes;
  store.keeps_what_it_used = true;
  MD2_ASSIGN_OR_RETURN(store_, data::FeatureStore::Open(around_.files, store));
  return absl::OkStatus();
}

RowLoader TrainJob::LoaderOf(const data::Dataset& dataset,
                             const std::vector<data::CheckedRow>& checked) const {
  const RowLoaderOptions loader = {inputs_->folder.revision, inputs_->folder.config.sizes,
                                   config().tiles == Tiles::kAuto, PrecisionOf(config().precision)};
  return RowLoader(around_.files, dataset, *inputs_->tokenizer, checked, store_.get(), loader);
}

EvaluatorOptions TrainJob::EvaluatorOptionsOf(std::vector<uint32_t> rows) const {
  EvaluatorOptions evaluator;
  evaluator.rows = std::move(rows);
  evaluator.revision = inputs_->folder.revision;
  evaluator.attention = AttentionOf(config().attention);
  evaluator.batch_size = state_.micro_batch_rows;
  evaluator.max_new_tokens = config().max_new_tokens;
  evaluator.num_threads = options_.num_threads;
  evaluator.cancel = around_.cancel;
  evaluator.on_progress = [this](int64_t done, int64_t total) {
    around_.observer.OnPhase({Phase::kEvaluate, done, total});
  };
  return evaluator;
}

ExampleFeedOptions TrainJob::FeedOptions() const {
  const data::WindowSize& windows = inputs_->windows();
  const data::Window next = data::WindowOf(windows, state_.update);
  ExampleFeedOptions feed;
  feed.rows = inputs_->data.report.train_rows;
  feed.shuffle = config().shuffle;
  feed.seed = static_cast<uint64_t>(config().seed);
  feed.epochs = config().epochs;
  feed.first = std::min(next.epoch, feed.epochs) * windows.num_rows +
               (next.epoch < feed.epochs ? next.first : 0);
  feed.encodes_images = config().train_vision == TrainVision::kNone;
  feed.num_threads = options_.num_threads;
  feed.max_ahead = std::max<int64_t>(4, 2 * config().batch_size);
  feed.cancel = around_.cancel;
  return feed;
}

UpdateOptions TrainJob::UpdatesOptions() const {
  UpdateOptions updates;
  updates.attention = AttentionOf(config().attention);
  updates.kept = KeptOf(config().activation_checkpointing);
  updates.lora_dropout = config().method == Method::kLora ? config().lora_dropout : 0;
  updates.seed = static_cast<uint64_t>(config().seed);
  updates.clip_norm = config().clip_norm;
  updates.scales_loss = config().precision == ComputePrecision::kFp16;
  updates.peak_bytes = around_.peak_bytes;
  updates.free_memory = [this] { return saver_->GiveUpCopies(); };
  return updates;
}

absl::Status TrainJob::Train() {
  const RowLoader loader = LoaderOf(*inputs_->data.train, inputs_->data.report.train);
  const RowLoader val_loader = LoaderOf(inputs_->data.val_set(), inputs_->data.val_checked());
  MD2_ASSIGN_OR_RETURN(
      const std::unique_ptr<ExampleFeed> feed,
      ExampleFeed::Start(model_->moondream(), loader, around_.clock, FeedOptions()));
  std::vector<uint32_t> rows = inputs_->data.report.val_rows;
  rows.resize(std::min(rows.size(), static_cast<size_t>(config().eval_samples)));
  const bool evaluates = !rows.empty();
  Evaluator evaluator(model_->moondream(), *inputs_->tokenizer, val_loader,
                      EvaluatorOptionsOf(std::move(rows)));
  UpdateRunner updates(*model_, *optimizer_, *feed, around_.clock, around_.observer,
                       UpdatesOptions());
  around_.observer.OnPhase({Phase::kTrain, state_.update, inputs_->plan.updates});
  Trainer trainer({updates, *saver_, evaluates ? &evaluator : nullptr, *output_, around_.observer,
                   around_.clock},
                  {config(), inputs_->windows(), inputs_->plan.updates}, state_, around_.cancel);
  absl::Status trained = trainer.Run();
  state_ = trainer.state();
  report_.updates = state_.update;
  report_.best_update = state_.best.best_update;
  if (store_ != nullptr) {
    absl::Status stored = feed->TakeStoreProblem();
    stored.Update(store_->Flush());
    if (!stored.ok()) {
      around_.observer.OnWarning(
          {state_.update, "features_not_stored", std::string(stored.message())});
    }
  }
  return trained;
}

absl::Status TrainJob::Finish() {
  // Another model is to be loaded beside the trained one.
  base::ReturnFreedMemory();
  const bool has_val = !inputs_->data.report.val_rows.empty();
  const RowLoader loader = has_val ? LoaderOf(inputs_->data.val_set(), inputs_->data.val_checked())
                                   : LoaderOf(*inputs_->data.train, inputs_->data.report.train);
  std::vector<uint32_t> rows =
      has_val ? inputs_->data.report.val_rows : inputs_->data.report.train_rows;
  rows.resize(std::min(rows.size(), kGateRows));
  const FinishParts parts = {around_.files, around_.observer, *inputs_, *output_,
                             *saver_,       *model_,          loader,   options_.versions};
  MD2_ASSIGN_OR_RETURN(report_.model_path,
                       FinishJob(parts, state_, EvaluatorOptionsOf(std::move(rows))));
  return absl::OkStatus();
}

// Of a run that made its folder: what was saved there stays.
absl::Status WithWayOn(const absl::Status& status) {
  if (base::ReasonOf(status) != base::Reason::kStorageFull) return status;
  return base::WithContext(status,
                           "the disk is full; what was saved stays, make room and go on with "
                           "--resume");
}

}  // namespace

absl::Status RunTrainJob(const TrainJobOptions& options, const TrainJobSurroundings& surroundings) {
  const absl::Duration begin = surroundings.clock.MonotonicNow();
  TrainJob job(options, surroundings);
  absl::Status status = WithWayOn(job.Run());
  FinishReport report = job.report();
  report.result = status;
  report.seconds = absl::ToDoubleSeconds(surroundings.clock.MonotonicNow() - begin);
  surroundings.observer.OnFinished(report);
  return status;
}

}  // namespace md2::train
