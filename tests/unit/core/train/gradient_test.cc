// Gradients against differences of losses: every kind of job, both attentions.

#include <ATen/TensorOperators.h>
#include <ATen/ops/sum.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "core/model/model_folder.h"
#include "core/train/loss_pass.h"
#include "core/train/trainable_model.h"
#include "tests/testing/mem_file_env.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/tensor_matchers.h"
#include "tests/testing/tiny_model.h"

namespace md2::train {
namespace {

using model::AttentionKind;
using model::KeptActivations;

std::unique_ptr<TrainableModel> LoadTiny(const TrainScope& scope,
                                         model::Precision precision = model::Precision::kFp32) {
  testing::MemFileEnv env;
  testing::PutTinyModel(env, "/m");
  const auto folder = model::OpenModelFolder(env, "/m");
  EXPECT_TRUE(folder.ok()) << folder.status();
  auto trained = TrainableModel::Load(*folder, scope, {.precision = precision});
  EXPECT_TRUE(trained.ok()) << trained.status();
  return *std::move(trained);
}

// Two rows of unequal length; with crops where vision is trained, one of them tiled.
std::vector<Example> Examples(const model::Sizes& sizes, bool with_crops) {
  std::vector<Example> examples(2);
  examples[0].ids = {3, 5, 7, 11, 20, 36};
  examples[0].num_prompt_ids = 4;
  examples[1].ids = {2, 9, 30, 31, 32, 8, 36};
  examples[1].num_prompt_ids = 2;
  for (size_t i = 0; i < examples.size(); ++i) {
    if (with_crops) {
      const int tiles = i == 0 ? 0 : 2;
      examples[i].crops =
          std::make_shared<image::Crops>(testing::RandomCrops(sizes, tiles == 0 ? 0 : 1, tiles, i));
    } else {
      examples[i].features =
          testing::RandomValues({sizes.vision.patches(), sizes.text.dim}, 40 + i);
    }
  }
  return examples;
}

double LossSumOf(const TrainableModel& model, const std::vector<Example>& examples,
                 AttentionKind attention) {
  const auto sums = ComputeLoss(model.moondream(), examples, attention);
  EXPECT_TRUE(sums.ok()) << sums.status();
  return sums->loss;
}

// The slope along a direction that is random in one tensor and zero elsewhere, measured and by
// gradient, for every tensor.
void ExpectSlopes(TrainableModel& model, const std::vector<Example>& examples,
                  const PassOptions& options) {
  model.ZeroGradients();
  const auto sums = AccumulateGradients(model.moondream(), examples, options, model.gradients());
  ASSERT_TRUE(sums.ok()) << sums.status();
  EXPECT_NEAR(sums->loss, LossSumOf(model, examples, options.attention), 1e-5);
  uint64_t seed = 1000;
  for (const TrainedTensor& tensor : model.tensors()) {
    const at::Tensor direction = testing::RandomValues(tensor.master.sizes(), ++seed);
    const double slope = (direction * tensor.gradient).sum(at::kDouble).item<double>();
    const at::Tensor before = tensor.master.clone();
    const double step = 3e-2 / std::sqrt(direction.square().sum().item<double>());
    const auto loss_at = [&](double by) {
      tensor.master.copy_(before + direction * by);
      return LossSumOf(model, examples, options.attention);
    };
    const double measured =
        (8 * (loss_at(step) - loss_at(-step)) - (loss_at(2 * step) - loss_at(-2 * step))) /
        (12 * step);
    tensor.master.copy_(before);
    EXPECT_NEAR(slope, measured, 1e-5 / step + 5e-3 * std::abs(measured)) << tensor.name;
  }
}

TEST(GradientTest, EveryTensorOfTheTextModelFollowsTheSlope) {
  const auto model = LoadTiny({});
  EXPECT_EQ(model->tensors().size(), 5 + 2 * 10);
  const auto examples = Examples(model->moondream().sizes(), false);
  for (const AttentionKind attention : {AttentionKind::kCausal, AttentionKind::kPrefix}) {
    PassOptions options;
    options.attention = attention;
    ExpectSlopes(*model, examples, options);
  }
}

TEST(GradientTest, EveryAdapterFollowsTheSlope) {
  TrainScope scope;
  scope.method = Method::kLora;
  scope.lora_rank = 3;
  scope.lora_alpha = 5;
  const auto model = LoadTiny(scope);
  EXPECT_EQ(model->tensors().size(), 2 * 8);
  uint64_t seed = 7;
  for (const TrainedTensor& tensor : model->tensors()) {  // B is zero at the start
    if (absl::EndsWith(tensor.name, "lora_B.weight")) {
      tensor.master.copy_(testing::RandomValues(tensor.master.sizes(), ++seed) * 0.2);
    }
  }
  PassOptions options;
  ExpectSlopes(*model, Examples(model->moondream().sizes(), false), options);
}

TEST(GradientTest, EveryTensorOfProjectorAndTowerFollowsTheSlope) {
  TrainScope scope;
  scope.train_vision = TrainVision::kAll;
  const auto model = LoadTiny(scope);
  EXPECT_EQ(model->tensors().size(), 25 + 4 + 3 + 2 + 2 * 12);
  ExpectSlopes(*model, Examples(model->moondream().sizes(), true), {});
}

TEST(GradientTest, WhatIsNotKeptIsComputedAgainToTheSameBit) {
  for (const Method method : {Method::kFull, Method::kLora}) {
    TrainScope scope;
    scope.method = method;
    const auto model = LoadTiny(scope);
    std::map<std::string, at::Tensor> expected;
    for (const KeptActivations kept :
         {KeptActivations::kAll, KeptActivations::kCostly, KeptActivations::kInputs}) {
      PassOptions options;
      options.kept = kept;
      options.dropout = {0.3, 17};
      model->ZeroGradients();
      ASSERT_TRUE(AccumulateGradients(model->moondream(),
                                      Examples(model->moondream().sizes(), false), options,
                                      model->gradients())
                      .ok());
      for (const TrainedTensor& tensor : model->tensors()) {
        at::Tensor& first = expected[tensor.name];
        if (!first.defined()) first = tensor.gradient.clone();
        EXPECT_TRUE(first.equal(tensor.gradient)) << tensor.name;
      }
    }
  }
}

}  // namespace
}  // namespace md2::train
