// Defines what exports of tests are made from, besides the masters:
//   BaseFolder   a model folder on a disk in memory, opened
//   SourceOf     of trained tensors

#ifndef MD2_TESTS_UNIT_CORE_TRAIN_SOME_EXPORT_H_
#define MD2_TESTS_UNIT_CORE_TRAIN_SOME_EXPORT_H_

#include <string>
#include <utility>
#include <vector>

#include "core/base/file_env.h"
#include "core/model/model_folder.h"
#include "core/train/export_source.h"
#include "gtest/gtest.h"
#include "tests/testing/tiny_model.h"
#include "tests/unit/core/train/some_run.h"

namespace md2::train {

inline constexpr char kBaseDir[] = "/base";
// A layer of the text model of TinyModelSizes.
inline constexpr char kSomeLayer[] = "text_model.transformer.h.1.mlp.fc1";

inline model::ModelFolder BaseFolder(base::FileEnv& env, model::Dtype dtype) {
  testing::PutTinyModel(env, kBaseDir, {.dtype = dtype});
  auto folder = model::OpenModelFolder(env, kBaseDir);
  EXPECT_TRUE(folder.ok()) << folder.status();
  return *std::move(folder);
}

inline ExportSource SourceOf(const model::ModelFolder& base, std::vector<StateTensor> masters) {
  ExportSource source;
  source.base = &base;
  source.masters = std::move(masters);
  source.state = SomeState();
  source.state.run.config.lora_rank = 2;
  source.state.run.config.lora_alpha = 3;
  source.versions = {{"md2", "0.1.0"}};
  return source;
}

// A and B of kSomeLayer.
inline std::vector<StateTensor> SomeAdapter() {
  const model::TextSizes text = testing::TinyModelSizes().text;
  const std::string layer = kSomeLayer;
  return {{layer + ".lora_A.weight", testing::RandomValues({2, text.dim}, 11)},
          {layer + ".lora_B.weight", testing::RandomValues({text.mlp_dim, 2}, 12)}};
}

}  // namespace md2::train

#endif  // MD2_TESTS_UNIT_CORE_TRAIN_SOME_EXPORT_H_
