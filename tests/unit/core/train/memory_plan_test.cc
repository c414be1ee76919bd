#include "core/train/memory_plan.h"

#include <limits>

#include "core/train/parameter_counts.h"
#include "gtest/gtest.h"
#include "tests/testing/tiny_sizes.h"

namespace md2::train {
namespace {

using testing::TinyModelSizes;

constexpr RowSizes kRows = {.tokens = 20, .answer_tokens = 5, .crops = 3};
constexpr uint64_t kUnlimited = std::numeric_limits<uint64_t>::max();

TrainConfig Config() {
  TrainConfig config;
  config.precision = ComputePrecision::kBf16;
  config.activation_checkpointing = ActivationCheckpointing::kNone;
  config.batch_size = 2;
  return config;
}

TEST(CountParts, OfThePublishedSizesAreThePublishedCounts) {
  const ParameterCounts counts = CountParts(model::RealSizes());
  EXPECT_EQ(counts.all(), 1'866'919'792);
  EXPECT_GT(counts.text, 1'400'000'000);
}

TEST(CountTrained, FollowsMethodAndVision) {
  const model::Sizes sizes = TinyModelSizes();
  const ParameterCounts parts = CountParts(sizes);
  TrainConfig config = Config();
  EXPECT_EQ(CountTrained(sizes, config).of_model, parts.text);
  config.train_vision = TrainVision::kProjector;
  EXPECT_EQ(CountTrained(sizes, config).of_model, parts.text + parts.projector);
  config.train_vision = TrainVision::kAll;
  EXPECT_EQ(CountTrained(sizes, config).of_model, parts.all());
  config.method = Method::kLora;
  config.lora_rank = 3;
  EXPECT_EQ(CountTrained(sizes, config).of_model, parts.projector + parts.vision);
  // Two layers; D 32, M 44: Wqkv 32 + 96, out_proj 64, fc1 and fc2 76 each.
  EXPECT_EQ(CountTrained(sizes, config).adapters, 2 * 3 * (128 + 64 + 76 + 76));
}

TEST(PlanMemory, WeightsMastersGradientsAndMomentsFollowPrecisionAndMethod) {
  const model::Sizes sizes = TinyModelSizes();
  const auto all = static_cast<uint64_t>(CountParts(sizes).all());
  const auto text = static_cast<uint64_t>(CountParts(sizes).text);
  TrainConfig config = Config();
  MemoryPlan plan = PlanMemory(sizes, config, kRows);
  EXPECT_EQ(plan.weights, 2 * all);
  EXPECT_EQ(plan.masters, 4 * text);
  EXPECT_EQ(plan.gradients, 4 * text);
  EXPECT_EQ(plan.moments, 8 * text);
  config.moment_bits = 8;
  EXPECT_EQ(PlanMemory(sizes, config, kRows).moments, 2 * text + 8 * ((text + 255) / 256));
  config.precision = ComputePrecision::kFp32;
  plan = PlanMemory(sizes, config, kRows);
  EXPECT_EQ(plan.weights, 4 * all);
  EXPECT_EQ(plan.masters, 0u);
  config.method = Method::kLora;
  const auto adapters = static_cast<uint64_t>(CountTrained(sizes, config).adapters);
  plan = PlanMemory(sizes, config, kRows);
  EXPECT_EQ(plan.masters, 4 * adapters);
  EXPECT_EQ(plan.gradients, 4 * adapters);
}

TEST(CopyBytes, AreThoseOfMastersAndMoments) {
  const model::Sizes sizes = TinyModelSizes();
  const auto text = static_cast<uint64_t>(CountParts(sizes).text);
  TrainConfig config = Config();
  EXPECT_EQ(CopyBytes(sizes, config), 12 * text);
  config.moment_bits = 8;
  EXPECT_EQ(CopyBytes(sizes, config), 6 * text + 8 * ((text + 255) / 256));
}

TEST(PlanMemory, ActivationsFollowCheckpointing) {
  const model::Sizes sizes = TinyModelSizes();  // D 32, M 44, two layers
  TrainConfig config = Config();
  const uint64_t rows = 2 * 20, bytes = 2, norms = 2 * rows * 8;
  const uint64_t block = rows * bytes * (6 * 32 + 2 * 44);
  EXPECT_EQ(PlanMemory(sizes, config, kRows).activations, 2 * block + norms + block);
  config.activation_checkpointing = ActivationCheckpointing::kSelective;
  EXPECT_EQ(PlanMemory(sizes, config, kRows).activations,
            2 * rows * bytes * (5 * 32 + 44) + norms + block);
  config.activation_checkpointing = ActivationCheckpointing::kFull;
  EXPECT_EQ(PlanMemory(sizes, config, kRows).activations,
            2 * rows * bytes * 32 + norms + 2 * block);
}

TEST(PlanMemory, TrainedVisionKeepsActivationsOfAllCropsAndStoresNoFeatures) {
  const model::Sizes sizes = TinyModelSizes();
  TrainConfig config = Config();
  const MemoryPlan frozen = PlanMemory(sizes, config, kRows);
  config.train_vision = TrainVision::kProjector;
  const MemoryPlan projector = PlanMemory(sizes, config, kRows);
  config.train_vision = TrainVision::kAll;
  const MemoryPlan all = PlanMemory(sizes, config, kRows);
  EXPECT_EQ(projector.activations - frozen.activations, 2u * 9 * 2 * (4 * 24 + 2 * 28));
  const uint64_t patches = 2 * 3 * 9, block = patches * 2 * (8 * 24 + 2 * 20);
  EXPECT_EQ(all.activations - projector.activations, 2 * block + 2 * patches * 16 + block);
  EXPECT_EQ(frozen.features - (uint64_t{64} << 20), patches * 2 * (8 * 24 + 2 * 20))
      << "both images are read together";
  EXPECT_EQ(all.features, uint64_t{2} * 2 * 9 * 32 * 2);
}

TEST(PlanMemory, LogitsAreThoseOfAnswers) {
  EXPECT_EQ(PlanMemory(TinyModelSizes(), Config(), kRows).logits, uint64_t{2} * 4 * 2 * 5 * 37);
}

TEST(ChooseCheckpointing, TakesTheFirstThatFits) {
  const model::Sizes sizes = model::RealSizes();
  TrainConfig config = Config();
  config.batch_size = 8;
  const RowSizes rows = {.tokens = 800, .answer_tokens = 10, .crops = 5};
  std::vector<uint64_t> totals;
  for (const auto checkpointing :
       {ActivationCheckpointing::kNone, ActivationCheckpointing::kSelective,
        ActivationCheckpointing::kFull}) {
    config.activation_checkpointing = checkpointing;
    totals.push_back(PlanMemory(sizes, config, rows).total());
  }
  config.activation_checkpointing = ActivationCheckpointing::kAuto;
  EXPECT_EQ(ChooseCheckpointing(sizes, config, rows, kUnlimited).checkpointing,
            ActivationCheckpointing::kNone);
  EXPECT_EQ(ChooseCheckpointing(sizes, config, rows, totals[0] - 1).checkpointing,
            ActivationCheckpointing::kSelective);
  const CheckpointingChoice full = ChooseCheckpointing(sizes, config, rows, totals[1] - 1);
  EXPECT_EQ(full.checkpointing, ActivationCheckpointing::kFull);
  EXPECT_TRUE(full.fits);
  const CheckpointingChoice none = ChooseCheckpointing(sizes, config, rows, totals[2] - 1);
  EXPECT_EQ(none.checkpointing, ActivationCheckpointing::kFull);
  EXPECT_FALSE(none.fits);
}

TEST(ChooseCheckpointing, WhatWasChosenByHandStays) {
  const CheckpointingChoice choice =
      ChooseCheckpointing(TinyModelSizes(), Config(), kRows, /*available_bytes=*/1);
  EXPECT_EQ(choice.checkpointing, ActivationCheckpointing::kNone);
  EXPECT_FALSE(choice.fits);
}

TEST(PlanMemory, PublishedSizesInHalfPrecisionFitTheMachinesTheyAreMeantFor) {
  const RowSizes rows = {.tokens = 800, .answer_tokens = 20, .crops = 5};
  TrainConfig config = Config();
  config.batch_size = 1;
  config.activation_checkpointing = ActivationCheckpointing::kFull;
  config.moment_bits = 8;
  EXPECT_LT(PlanMemory(model::RealSizes(), config, rows).total(), uint64_t{24} << 30);
  config.moment_bits = 32;
  config.method = Method::kLora;
  EXPECT_LT(PlanMemory(model::RealSizes(), config, rows).total(), uint64_t{8} << 30);
}

TEST(PlanDisk, CountsCheckpointsModelAndFeatures) {
  const model::Sizes sizes = TinyModelSizes();
  const auto all = static_cast<uint64_t>(CountParts(sizes).all());
  const auto text = static_cast<uint64_t>(CountParts(sizes).text);
  TrainConfig config = Config();
  config.keep_last = 3;
  DiskPlan plan = PlanDisk(sizes, config, 7, /*base_is_fp32=*/false);
  EXPECT_EQ(plan.checkpoints, 5 * 12 * text);
  EXPECT_EQ(plan.exported, 2 * all);
  EXPECT_EQ(plan.features, uint64_t{7} * 9 * 32 * 2);
  config.train_vision = TrainVision::kProjector;
  plan = PlanDisk(sizes, config, 7, /*base_is_fp32=*/true);
  EXPECT_EQ(plan.exported, 4 * all);
  EXPECT_EQ(plan.features, 0u);
}

}  // namespace
}  // namespace md2::train
