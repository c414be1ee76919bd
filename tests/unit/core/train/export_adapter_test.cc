#include "core/train/export_adapter.h"

#include <ATen/ops/zeros.h>

#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/manifest.h"
#include "core/model/adapter_folder.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/mem_file_env.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/tensor_matchers.h"
#include "tests/unit/core/train/some_export.h"

namespace md2::train {
namespace {

using base::Json;
using base::Reason;
using model::Adapter;
using model::Dtype;
using model::ModelFolder;
using ::testing::ElementsAre;
using testing::HasMessage;
using testing::HasReason;
using ::testing::HasSubstr;
using testing::IsOk;
using testing::IsSameTensor;
using testing::MemFileEnv;

constexpr char kOut[] = "/out/adapter";

TEST(ExportAdapterTest, ReadsBackTheSameTensorsAndScale) {
  MemFileEnv env;
  const ModelFolder base = BaseFolder(env, Dtype::kF16);
  ASSERT_THAT(ExportAdapter(env, kOut, SourceOf(base, SomeAdapter())), IsOk());
  MD2_ASSERT_OK_AND_ASSIGN(const Adapter adapter, model::ReadAdapter(env, kOut));
  EXPECT_EQ(adapter.rank, 2);
  EXPECT_EQ(adapter.scale, 1.5);
  ASSERT_EQ(adapter.tensors.size(), 2u);
  for (const StateTensor& state : SomeAdapter()) {
    EXPECT_THAT(adapter.tensors.at(state.name), IsSameTensor(state.tensor)) << state.name;
  }
  EXPECT_THAT(model::CheckAdapterFits(adapter, base.table, kOut), IsOk());
}

TEST(ExportAdapterTest, HasPeftsNames) {
  MemFileEnv env;
  const ModelFolder base = BaseFolder(env, Dtype::kF16);
  std::vector<StateTensor> masters = SomeAdapter();
  masters.push_back({"text_model.transformer.h.0.mixer.Wqkv.lora_A.weight", at::zeros({2, 32})});
  masters.push_back({"text_model.transformer.h.0.mixer.Wqkv.lora_B.weight", at::zeros({96, 2})});
  ASSERT_THAT(ExportAdapter(env, kOut, SourceOf(base, masters)), IsOk());
  MD2_ASSERT_OK_AND_ASSIGN(const auto reader, model::SafetensorsReader::OpenFile(
                                                  env, "/out/adapter/adapter_model.safetensors"));
  EXPECT_NE(reader->Find("base_model.model.text_model.transformer.h.1.mlp.fc1.lora_A.weight"),
            nullptr);
  EXPECT_EQ(reader->metadata().at("format"), "pt");
  const Json config = Json::parse(*env.Get("/out/adapter/adapter_config.json"));
  EXPECT_EQ(config["peft_type"], "LORA");
  EXPECT_EQ(config["r"], 2);
  EXPECT_EQ(config["lora_alpha"], 3.0);
  EXPECT_EQ(config["base_model_name_or_path"], "/models/base");
  EXPECT_THAT(config["target_modules"], ElementsAre("fc1", "Wqkv"));
  EXPECT_THAT(config["layers_to_transform"], ElementsAre(0, 1));
  MD2_ASSERT_OK_AND_ASSIGN(const base::Manifest manifest,
                           base::ReadManifest(env, kOut, kAdapterKind));
  EXPECT_THAT(base::VerifyFiles(env, kOut, manifest), IsOk());
  EXPECT_EQ(manifest.about["update"], 120);
}

TEST(ExportAdapterTest, OfFreshWeightsIsRefused) {
  MemFileEnv env;
  const ModelFolder base = BaseFolder(env, Dtype::kF16);
  ExportSource source = SourceOf(base, SomeAdapter());
  source.state.run.config.init = Init::kRandom;
  EXPECT_THAT(ExportAdapter(env, kOut, source),
              HasMessage("no adapter can be exported, the run began with fresh weights, which the "
                         "base does not have; export a model folder instead"));
}

TEST(ExportAdapterTest, ARunWithoutOneOrWithMoreIsRefused) {
  MemFileEnv env;
  const ModelFolder base = BaseFolder(env, Dtype::kF16);
  EXPECT_THAT(ExportAdapter(env, kOut, SourceOf(base, {{"a.weight", at::zeros({1})}})),
              HasMessage("no adapter can be exported, the run trained none; export a model folder "
                         "instead"));
  std::vector<StateTensor> masters = SomeAdapter();
  masters.push_back({"vision_encoder.projection.mlp.fc1.bias", at::zeros({28})});
  const absl::Status status = ExportAdapter(env, kOut, SourceOf(base, masters));
  EXPECT_THAT(status, HasReason(Reason::kCheckpointInvalid));
  EXPECT_THAT(status, HasMessage(HasSubstr("the run trained tensors of the model too, as "
                                           "\"vision_encoder.projection.mlp.fc1.bias\"")));
  EXPECT_THAT(env.Stat(kOut), HasReason(Reason::kFileNotFound));
}

// Everything that is wrong with an adapter's two files, by the config's text and the masters.
absl::Status ReadWith(const std::string& config, const std::vector<StateTensor>& masters) {
  MemFileEnv env;
  const ModelFolder base = BaseFolder(env, Dtype::kF16);
  EXPECT_THAT(ExportAdapter(env, kOut, SourceOf(base, masters)), IsOk());
  if (!config.empty()) env.Put("/out/adapter/adapter_config.json", config);
  return model::ReadAdapter(env, kOut).status();
}

TEST(ReadAdapterTest, WhatChangesItsMeaningIsRefused) {
  const absl::Status status =
      ReadWith(R"({"peft_type":"IA3","r":2,"bias":"all","use_dora":true,"modules_to_save":["x"],
                   "rank_pattern":{},"task_type":"anything"})",
               SomeAdapter());
  EXPECT_THAT(status, HasReason(Reason::kAdapterInvalid));
  EXPECT_THAT(status,
              HasMessage("an adapter that cannot be used, /out/adapter:\n"
                         "  peft_type: only LORA is supported, found \"IA3\"\n"
                         "  lora_alpha: missing\n"
                         "  bias: only \"none\" is supported, found \"all\"\n"
                         "  use_dora: only false or null is supported, found true\n"
                         "  modules_to_save: only null or a list or an object is supported, found "
                         "a list"));
}

TEST(ReadAdapterTest, TensorsWithoutAPartnerOrOfAnotherRankAreNamed) {
  const std::vector<StateTensor> masters = {{"text_model.x.lora_A.weight", at::zeros({2, 4})},
                                            {"text_model.y.lora_B.weight", at::zeros({4, 3})}};
  EXPECT_THAT(ReadWith("", masters),
              HasMessage(HasSubstr("\"base_model.model.text_model.y.lora_B.weight\": expected "
                                   "base_model.model.LAYER with .lora_A.weight [2, in] or "
                                   ".lora_B.weight [out, 2] of floats, found F32 [4, 3]\n"
                                   "  missing: base_model.model.text_model.x.lora_B.weight")));
}

TEST(ReadAdapterTest, OneOfAnotherModelNamesItsLayers) {
  Adapter adapter;
  adapter.rank = 2;
  adapter.tensors["text_model.x.lora_A.weight"] = at::zeros({2, 4});
  adapter.tensors["text_model.transformer.h.1.mlp.fc1.lora_B.weight"] = at::zeros({45, 2});
  const absl::Status status = model::CheckAdapterFits(
      adapter, model::WeightTable(testing::TinyModelSizes()), "/out/adapter");
  EXPECT_THAT(status, HasReason(Reason::kAdapterInvalid));
  EXPECT_THAT(status, HasMessage("an adapter of another model, /out/adapter:\n"
                                 "  text_model.transformer.h.1.mlp.fc1.lora_B.weight: expected "
                                 "[44, 2], found [45, 2]\n"
                                 "  text_model.x.lora_A.weight: the model has no layer "
                                 "text_model.x"));
}

TEST(ReadAdapterTest, NothingIsFileNotFound) {
  MemFileEnv env;
  EXPECT_THAT(model::ReadAdapter(env, "/none"), HasReason(Reason::kFileNotFound));
}

}  // namespace
}  // namespace md2::train
