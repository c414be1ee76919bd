#include "core/train/memory_plan.h"

#include <algorithm>

#include "core/train/parameter_counts.h"

namespace md2::train {
namespace {

using model::Sizes;

constexpr uint64_t kMomentBlock = 256;                   // weights that share a scale
constexpr uint64_t kFeatureBuffer = uint64_t{64} << 20;  // of data::FeatureStore
constexpr uint64_t kNormBytes = 2 * sizeof(float);       // mean and spread of a row
constexpr int64_t kBatchesOfFeatures = 2;

uint64_t BytesOf(ComputePrecision precision) {
  return precision == ComputePrecision::kFp32 ? 4 : 2;
}

uint64_t MomentBytes(const TrainConfig& config, uint64_t weights) {
  if (config.moment_bits == 32) return 8 * weights;
  return 2 * weights + 2 * sizeof(float) * ((weights + kMomentBlock - 1) / kMomentBlock);
}

// Numbers a row that a block keeps for its backward pass.
struct BlockNumbers {
  int64_t input = 0;
  int64_t all = 0;
  int64_t cheap = 0;  // of them, those that selective computes again
  int64_t num_norms = 1;
};

uint64_t BytesOfBlocks(const BlockNumbers& block, int64_t num_blocks, uint64_t rows, uint64_t bytes,
                       ActivationCheckpointing checkpointing) {
  const auto kept = [&](int64_t numbers) {
    return static_cast<uint64_t>(num_blocks) * rows *
           (bytes * numbers + static_cast<uint64_t>(block.num_norms) * kNormBytes);
  };
  const uint64_t one_block = rows * bytes * block.all;
  switch (checkpointing) {
    case ActivationCheckpointing::kSelective:
      return kept(block.all - block.cheap) + one_block;
    case ActivationCheckpointing::kFull:
      return kept(block.input) + 2 * one_block;
    case ActivationCheckpointing::kAuto:
    case ActivationCheckpointing::kNone:
      break;
  }
  return kept(block.all) + one_block;
}

BlockNumbers TextBlock(const model::TextSizes& text) {
  const int64_t d = text.dim, m = text.mlp_dim;
  return {.input = d, .all = 6 * d + 2 * m, .cheap = d + m, .num_norms = 1};
}

BlockNumbers VisionBlock(const model::VisionSizes& vision) {
  const int64_t v = vision.dim, m = vision.mlp_dim;
  return {.input = v, .all = 8 * v + 2 * m, .cheap = 2 * v + m, .num_norms = 2};
}

uint64_t ProjectorNumbers(const Sizes& sizes) {
  return static_cast<uint64_t>(4 * sizes.vision.dim + 2 * sizes.projector_dim);
}

uint64_t Activations(const Sizes& sizes, const TrainConfig& config, const RowSizes& rows) {
  const uint64_t bytes = BytesOf(config.precision);
  const auto batch = static_cast<uint64_t>(config.batch_size);
  uint64_t total = BytesOfBlocks(TextBlock(sizes.text), sizes.text.layers,
                                 batch * static_cast<uint64_t>(rows.tokens), bytes,
                                 config.activation_checkpointing);
  const auto patches = static_cast<uint64_t>(sizes.vision.patches());
  if (config.train_vision != TrainVision::kNone) {
    total += batch * patches * bytes * ProjectorNumbers(sizes);
  }
  if (config.train_vision == TrainVision::kAll) {
    total += BytesOfBlocks(VisionBlock(sizes.vision), sizes.vision.depth,
                           batch * static_cast<uint64_t>(rows.crops) * patches, bytes,
                           config.activation_checkpointing);
  }
  return total;
}

uint64_t FeatureBytes(const Sizes& sizes, const TrainConfig& config) {
  return BytesOf(config.precision) * static_cast<uint64_t>(sizes.image_tokens()) *
         static_cast<uint64_t>(sizes.text.dim);
}

uint64_t Features(const Sizes& sizes, const TrainConfig& config, const RowSizes& rows) {
  const uint64_t of_batches =
      static_cast<uint64_t>(kBatchesOfFeatures * config.batch_size) * FeatureBytes(sizes, config);
  if (config.train_vision != TrainVision::kNone) return of_batches;
  const int64_t of_image = rows.crops * sizes.vision.patches();
  const int64_t together =
      std::max(of_image, std::min(config.batch_size * of_image, model::kRowsReadTogether));
  const uint64_t encoding = static_cast<uint64_t>(together) * BytesOf(config.precision) *
                            static_cast<uint64_t>(VisionBlock(sizes.vision).all);
  return std::max(of_batches, encoding) + kFeatureBuffer;
}

}  // namespace

uint64_t CopyBytes(const Sizes& sizes, const TrainConfig& config) {
  const auto trained = static_cast<uint64_t>(CountTrained(sizes, config).all());
  return 4 * trained + MomentBytes(config, trained);
}

MemoryPlan PlanMemory(const Sizes& sizes, const TrainConfig& config, const RowSizes& rows) {
  const uint64_t bytes = BytesOf(config.precision);
  const bool is_fp32 = config.precision == ComputePrecision::kFp32;
  const TrainedCounts trained = CountTrained(sizes, config);
  const auto of_model = static_cast<uint64_t>(trained.of_model);
  const auto adapters = static_cast<uint64_t>(trained.adapters);
  MemoryPlan plan;
  plan.weights = bytes * static_cast<uint64_t>(CountParts(sizes).all());
  plan.masters = (is_fp32 ? 0 : 4) * of_model + (is_fp32 ? 4 : 6) * adapters;
  plan.gradients = 4 * (of_model + adapters);
  plan.moments = MomentBytes(config, of_model + adapters);
  plan.activations = Activations(sizes, config, rows);
  plan.logits = 2 * sizeof(float) * static_cast<uint64_t>(config.batch_size) *
                static_cast<uint64_t>(rows.answer_tokens) * static_cast<uint64_t>(sizes.text.vocab);
  plan.features = Features(sizes, config, rows);
  plan.process = kProcessBytes;
  return plan;
}

CheckpointingChoice ChooseCheckpointing(const Sizes& sizes, const TrainConfig& config,
                                        const RowSizes& rows, uint64_t available_bytes) {
  TrainConfig tried = config;
  CheckpointingChoice choice;
  for (const auto checkpointing :
       {ActivationCheckpointing::kNone, ActivationCheckpointing::kSelective,
        ActivationCheckpointing::kFull}) {
    const bool is_open = config.activation_checkpointing == ActivationCheckpointing::kAuto;
    if (!is_open && config.activation_checkpointing != checkpointing) continue;
    tried.activation_checkpointing = checkpointing;
    choice.checkpointing = checkpointing;
    choice.plan = PlanMemory(sizes, tried, rows);
    choice.fits = choice.plan.total() <= available_bytes;
    if (choice.fits) break;
  }
  return choice;
}

DiskPlan PlanDisk(const Sizes& sizes, const TrainConfig& config, int64_t num_images,
                  bool base_is_fp32) {
  const TrainedCounts trained = CountTrained(sizes, config);
  DiskPlan plan;
  plan.checkpoints = static_cast<uint64_t>(config.keep_last + 2) * CopyBytes(sizes, config);
  plan.exported = (base_is_fp32 ? 4 : 2) * static_cast<uint64_t>(CountParts(sizes).all()) +
                  4 * static_cast<uint64_t>(trained.adapters);
  if (config.train_vision == TrainVision::kNone) {
    plan.features = static_cast<uint64_t>(num_images) * FeatureBytes(sizes, config);
  }
  return plan;
}

}  // namespace md2::train
