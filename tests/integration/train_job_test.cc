// What a job gives, in every mode.

#include <ATen/TensorOperators.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/base/error.h"
#include "core/model/adapter_folder.h"
#include "core/model/model_folder.h"
#include "core/model/moondream.h"
#include "core/model/safetensors_reader.h"
#include "core/model/weights.h"
#include "core/train/fresh_tensor.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/integration/job_run.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/tiny_model.h"

namespace md2::train {
namespace {

using base::Reason;
using testing::HasReason;
using ::testing::IsEmpty;
using testing::IsOk;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

class TrainJobTest : public ::testing::Test {
 protected:
  model::Weights Exported(const std::string& output_dir) {
    const auto folder = model::OpenModelFolder(run_.files, output_dir + "/model");
    EXPECT_THAT(folder, IsOk());
    auto weights = model::LoadWeights(*folder, model::Precision::kFp32, c10::kCPU);
    EXPECT_THAT(weights, IsOk());
    return *std::move(weights);
  }

  JobRun run_;
};

TEST_F(TrainJobTest, LeavesLinesCheckpointsAndAModelThatLoads) {
  Listener listener;
  ASSERT_THAT(run_.Run(run_.Options("o"), listener), IsOk());
  EXPECT_THAT(listener.warnings, IsEmpty());
  EXPECT_EQ(listener.finished.updates, 6);  // ceil(9 / 4) an epoch
  EXPECT_EQ(listener.finished.model_path, "o/model");
  EXPECT_THAT(run_.Metrics("o"), SizeIs(6));
  EXPECT_THAT(run_.Evaluations("o"), SizeIs(3));  // before, after 3 and at the end
  EXPECT_GT(Exported("o").all().size(), 20u);
  EXPECT_TRUE(run_.files.Get("o/checkpoints/000006/manifest.json").has_value());
}

TEST_F(TrainJobTest, BothWaysOfSavingLeaveTheSameFiles) {
  ASSERT_THAT(run_.Run(run_.Options("beside")), IsOk());
  TrainJobOptions options = run_.Options("at-once");
  options.available_bytes = 0;
  ASSERT_THAT(run_.Run(options), IsOk());
  for (const char* name : {"index.json", "000005/masters.safetensors", "000006/state.json",
                           "000006/moments.safetensors", "000006/manifest.json"}) {
    const auto file = run_.files.Get(absl::StrCat("beside/checkpoints/", name));
    ASSERT_TRUE(file.has_value()) << name;
    EXPECT_TRUE(file == run_.files.Get(absl::StrCat("at-once/checkpoints/", name))) << name;
  }
}

TEST_F(TrainJobTest, TheLossFalls) {
  TrainJobOptions options = run_.Options("o");
  options.config.epochs = 20;
  options.config.learning_rate = 5e-3;
  Listener listener;
  ASSERT_THAT(run_.Run(options, listener), IsOk());
  EXPECT_LT(listener.updates.back().loss, 0.3 * listener.updates.front().loss);
}

TEST_F(TrainJobTest, MicroBatchesOfAnySizeGiveTheSameUpdates) {
  const int64_t sizes[][2] = {{8, 1}, {4, 2}, {2, 4}, {1, 8}};
  for (const auto& [batch_size, grad_accum] : sizes) {
    TrainJobOptions options = run_.Options("b" + std::to_string(batch_size));
    options.config.batch_size = batch_size;
    options.config.grad_accum = grad_accum;
    ASSERT_THAT(run_.Run(options), IsOk());
  }
  const std::vector<base::Json> expected = run_.Metrics("b8");
  const model::Weights weights = Exported("b8");
  for (const char* dir : {"b4", "b2", "b1"}) {
    const std::vector<base::Json> found = run_.Metrics(dir);
    ASSERT_EQ(found.size(), expected.size());
    for (size_t i = 0; i < found.size(); ++i) {
      const double loss = expected[i]["loss"];
      EXPECT_NEAR(found[i]["loss"].get<double>(), loss, 1e-5 * loss) << dir;
    }
    const model::Weights other = Exported(dir);
    for (const auto& [name, tensor] : weights.all()) {
      const double largest = tensor.abs().max().item<double>();
      const double off = (other.Get(name) - tensor).abs().max().item<double>();
      // Keys' biases change no score relative to the others: their gradient is rounding alone, and
      // AdamW's steps follow it.
      const bool has_keys_bias = absl::EndsWith(name, "Wqkv.bias");
      EXPECT_LE(off, has_keys_bias ? 6e-5 : 1e-5 * largest + 1e-7) << dir << " " << name;
    }
  }
}

TEST_F(TrainJobTest, OnlyWhatTheMethodNamesMoves) {
  TrainJobOptions options = run_.Options("o");
  options.config.train_vision = TrainVision::kProjector;
  options.config.vision_learning_rate = 0.01;
  ASSERT_THAT(run_.Run(options), IsOk());
  const auto base_folder = model::OpenModelFolder(run_.files, "m");
  const auto base = model::LoadWeights(*base_folder, model::Precision::kFp32, c10::kCPU);
  const model::Weights exported = Exported("o");
  for (const auto& [name, tensor] : exported.all()) {
    const bool is_trained =
        name.rfind("text_model.", 0) == 0 || name.rfind("vision_encoder.projection.", 0) == 0;
    EXPECT_EQ(!tensor.equal(base->Get(name)), is_trained) << name;
  }
}

TEST_F(TrainJobTest, FreshWeightsAreExportedWhereTheyWereNotTrainedToo) {
  run_.PutBase("m16", model::Dtype::kF16);
  TrainJobOptions options = run_.Options("o");
  options.model_dir = "m16";
  options.config.init = Init::kRandom;
  ASSERT_THAT(run_.Run(options), IsOk());
  const auto base = model::OpenModelFolder(run_.files, "m16");
  const model::Weights exported = Exported("o");
  for (const auto& [name, tensor] : exported.all()) {
    const at::Tensor fresh = FreshTensor(*base, name, /*seed=*/5).to(at::kHalf).to(at::kFloat);
    const bool is_trained = name.rfind("text_model.", 0) == 0;
    EXPECT_EQ(!tensor.equal(fresh), is_trained) << name;
  }
}

TEST_F(TrainJobTest, AnAdapterIsMergedIntoFreshWeightsAndNotExportedWithoutThem) {
  TrainJobOptions options = run_.Options("o");
  options.config.init = Init::kRandom;
  options.config.method = Method::kLora;
  options.config.lora_rank = 3;
  ASSERT_THAT(run_.Run(options), IsOk());  // the export answers as the trained model
  EXPECT_FALSE(run_.files.Get("o/adapter/adapter_config.json").has_value());
}

TEST_F(TrainJobTest, AnAdapterLiesBesideTheMergedModel) {
  TrainJobOptions options = run_.Options("o");
  options.config.method = Method::kLora;
  options.config.lora_rank = 3;
  ASSERT_THAT(run_.Run(options), IsOk());
  EXPECT_TRUE(run_.files.Get("o/adapter/adapter_config.json").has_value());
  EXPECT_NE(run_.Model("o"), run_.files.Get("m/model.safetensors").value());
}

TEST_F(TrainJobTest, AnAdapterHasBothPartsOfEveryLayerByPeftsNames) {
  TrainJobOptions options = run_.Options("o");
  options.config.method = Method::kLora;
  options.config.lora_rank = 3;
  options.config.lora_alpha = 5;
  ASSERT_THAT(run_.Run(options), IsOk());
  MD2_ASSERT_OK_AND_ASSIGN(const model::ModelFolder base, model::OpenModelFolder(run_.files, "m"));
  const model::TextSizes& text = base.config.sizes.text;
  const struct {
    const char* layer;
    int64_t out, in;
  } kLayers[] = {{"mixer.Wqkv", 3 * text.dim, text.dim},
                 {"mixer.out_proj", text.dim, text.dim},
                 {"mlp.fc1", text.mlp_dim, text.dim},
                 {"mlp.fc2", text.dim, text.mlp_dim}};
  std::map<std::string, std::vector<int64_t>> expected, found;
  for (int64_t block = 0; block < text.layers; ++block) {
    for (const auto& [layer, out, in] : kLayers) {
      const std::string name =
          absl::StrCat("base_model.model.text_model.transformer.h.", block, ".", layer);
      expected[name + ".lora_A.weight"] = {3, in};
      expected[name + ".lora_B.weight"] = {out, 3};
    }
  }
  MD2_ASSERT_OK_AND_ASSIGN(
      const auto reader,
      model::SafetensorsReader::OpenFile(run_.files, "o/adapter/adapter_model.safetensors"));
  for (const model::TensorEntry& entry : reader->entries()) found[entry.name] = entry.shape;
  EXPECT_EQ(found, expected);
  const base::Json config =
      base::Json::parse(run_.files.Get("o/adapter/adapter_config.json").value());
  EXPECT_THAT(config["target_modules"], UnorderedElementsAre("Wqkv", "out_proj", "fc1", "fc2"));
  EXPECT_THAT(config["layers_to_transform"], SizeIs(text.layers));
  EXPECT_EQ(config["r"], 3);
  EXPECT_EQ(config["lora_alpha"], 5.0);
}

TEST_F(TrainJobTest, AnAdapterBesideTheBaseAnswersAsTheMergedModel) {
  TrainJobOptions options = run_.Options("o");
  options.config.method = Method::kLora;
  options.config.lora_rank = 3;
  ASSERT_THAT(run_.Run(options), IsOk());
  const auto base = model::OpenModelFolder(run_.files, "m");
  const auto merged = model::OpenModelFolder(run_.files, "o/model");
  MD2_ASSERT_OK_AND_ASSIGN(const model::Adapter adapter,
                           model::ReadAdapter(run_.files, "o/adapter"));
  MD2_ASSERT_OK_AND_ASSIGN(const auto beside,
                           model::Moondream::LoadWithAdapter(*base, adapter, {}));
  MD2_ASSERT_OK_AND_ASSIGN(const auto inside, model::Moondream::Load(*merged, {}));
  const model::Sizes& sizes = base->config.sizes;
  const at::Tensor features =
      testing::RandomValues({sizes.vision.patches(), sizes.text.dim}, /*seed=*/3);
  const auto logits = [&](const model::Moondream& model) {
    const auto read = model.Read(features, model::AttentionKind::kCausal, {{{1, 2, 3}}, 1});
    EXPECT_THAT(read, IsOk());
    return read->sessions[0].logits();
  };
  const at::Tensor expected = logits(*inside), found = logits(*beside);
  EXPECT_LT((expected - found).abs().max().item<double>(),
            1e-5 * expected.abs().max().item<double>());
}

TEST_F(TrainJobTest, WhatTheBaseWasTrainedWithGoesOn) {
  base::Json config = base::Json::parse(run_.files.Get("m/config.json").value());
  config[model::kTilesKey] = "off";
  config[model::kAttentionKey] = "prefix";
  run_.files.Put("m/config.json", config.dump());
  ASSERT_THAT(run_.Run(run_.Options("o")), IsOk());
  const auto exported = model::OpenModelFolder(run_.files, "o/model");
  ASSERT_THAT(exported, IsOk());
  EXPECT_FALSE(exported->config.tiles);
  EXPECT_TRUE(exported->config.prefix_attention);
}

TEST_F(TrainJobTest, PathsAreRecordedAsSeenFromAnywhere) {
  TrainJobOptions options = run_.Options("o");
  options.config.method = Method::kLora;
  options.working_folder = "/";
  ASSERT_THAT(run_.Run(options), IsOk());
  const auto read = [&](const char* path) {
    return base::Json::parse(run_.files.Get(path).value());
  };
  const base::Json config = read("o/config.json");
  EXPECT_EQ(config["base"]["path"], "/m");
  EXPECT_EQ(config["tokenizer"]["path"], "/m/tokenizer.json");
  EXPECT_EQ(config["data"]["path"], "/train.jsonl");
  EXPECT_EQ(config["val"]["path"], "/val.jsonl");
  EXPECT_EQ(read("o/checkpoints/000006/state.json")["run"]["base"]["path"], "/m");
  EXPECT_EQ(read("o/model/manifest.json")["about"]["base"]["path"], "/m");
  EXPECT_EQ(read("o/adapter/adapter_config.json")["base_model_name_or_path"], "/m");
}

TEST_F(TrainJobTest, AModelTrainedFromFreshWeightsIsExportedWhole) {
  for (const Method method : {Method::kFull, Method::kLora}) {
    const std::string dir = method == Method::kFull ? "full" : "lora";
    TrainJobOptions options = run_.Options(dir);
    options.config.init = Init::kRandom;
    options.config.method = method;
    Listener listener;
    ASSERT_THAT(run_.Run(options, listener), IsOk());
    EXPECT_EQ(listener.warnings.size(), method == Method::kFull ? 0u : 1u);  // has no adapter
    EXPECT_FALSE(run_.files.Get(dir + "/adapter/adapter_config.json").has_value());
    double best = 1e9;
    for (const base::Json& line : run_.Evaluations(dir)) {
      if (line["update"] > 0) best = std::min(best, line["loss"].get<double>());
    }
    // What another job finds before its first update.
    options = run_.Options(dir + "-again");
    options.model_dir = dir + "/model";
    ASSERT_THAT(run_.Run(options), IsOk());
    const double found = run_.Evaluations(dir + "-again")[0]["loss"];
    EXPECT_NEAR(found, best, 1e-5 * best) << dir;  // seen: 1.5e-10
  }
}

TEST_F(TrainJobTest, AFolderThatIsNotEmptyIsRefusedAndLeftAlone) {
  run_.files.Put("o/mine.txt", "x");
  EXPECT_THAT(run_.Run(run_.Options("o")), HasReason(Reason::kFileExists));
  EXPECT_EQ(run_.files.Get("o/mine.txt").value(), "x");
}

TEST_F(TrainJobTest, ABadRowEndsTheJobBeforeAnythingIsMade) {
  run_.files.Put("bad.jsonl",
                 "{\"image\": \"none.png\", \"question\": \"a\", \"answer\": \"b\"}\n");
  TrainJobOptions options = run_.Options("o");
  options.data.train = "bad.jsonl";
  Listener listener;
  EXPECT_THAT(run_.Run(options, listener), HasReason(Reason::kDataInvalid));
  EXPECT_GE(listener.findings.size(), 1u);
  EXPECT_FALSE(run_.files.Get("o/config.json").has_value());
}

}  // namespace
}  // namespace md2::train
