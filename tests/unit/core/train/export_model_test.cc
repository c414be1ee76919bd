#include "core/train/export_model.h"

#include <ATen/ops/full.h>
#include <ATen/ops/zeros.h>

#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/base/manifest.h"
#include "core/model/model_digest.h"
#include "core/model/weights.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/mem_file_env.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/tensor_matchers.h"
#include "tests/unit/core/train/some_export.h"

namespace md2::train {
namespace {

using base::Reason;
using model::Dtype;
using model::ModelFolder;
using model::Weights;
using testing::HasMessage;
using testing::HasReason;
using ::testing::HasSubstr;
using testing::IsNear;
using testing::IsOk;
using testing::IsSameTensor;
using testing::MemFileEnv;
using testing::RandomValues;
using testing::StatusIs;

constexpr char kOut[] = "/out/model";

// The tensors of a model folder in fp32, which holds every value of the others.
Weights WeightsOf(base::FileEnv& env, const std::string& dir) {
  const auto folder = model::OpenModelFolder(env, dir);
  EXPECT_THAT(folder, IsOk());
  auto weights = model::LoadWeights(*folder, model::Precision::kFp32, c10::kCPU);
  EXPECT_THAT(weights, IsOk());
  return *std::move(weights);
}

std::string WeightOf(const char* layer) { return std::string(layer) + ".weight"; }

TEST(ExportModelTest, HoldsTheBasesTensorsWithTheTrainedOnesCast) {
  for (const Dtype dtype : {Dtype::kF16, Dtype::kF32}) {
    MemFileEnv env;
    const ModelFolder base = BaseFolder(env, dtype);
    const Weights before = WeightsOf(env, kBaseDir);
    const at::Tensor trained = RandomValues(before.Get(WeightOf(kSomeLayer)).sizes(), 5);
    ASSERT_THAT(ExportModel(env, kOut, SourceOf(base, {{WeightOf(kSomeLayer), trained}})), IsOk());
    const Weights after = WeightsOf(env, kOut);
    ASSERT_EQ(after.all().size(), before.all().size());
    for (const auto& [name, tensor] : after.all()) {
      const bool is_trained = name == WeightOf(kSomeLayer);
      const at::Tensor cast = dtype == Dtype::kF16 ? trained.to(at::kHalf).to(at::kFloat) : trained;
      EXPECT_THAT(tensor, IsSameTensor(is_trained ? cast : before.Get(name))) << name;
    }
    MD2_ASSERT_OK_AND_ASSIGN(const ModelFolder exported, model::OpenModelFolder(env, kOut));
    for (const model::TensorEntry& entry : base.weights->entries()) {
      EXPECT_EQ(exported.weights->Find(entry.name)->dtype, entry.dtype);
    }
    EXPECT_EQ(exported.weights->metadata().at("format"), "pt");
  }
}

TEST(ExportModelTest, WithNothingTrainedItIsTheBase) {
  MemFileEnv env;
  const ModelFolder base = BaseFolder(env, Dtype::kF16);
  ASSERT_THAT(ExportModel(env, kOut, SourceOf(base, {})), IsOk());
  for (const char* file : {"model.safetensors", "tokenizer.json", "config.json"}) {
    EXPECT_EQ(env.Get(std::string(kOut) + "/" + file), env.Get(std::string(kBaseDir) + "/" + file))
        << file;
  }
}

TEST(ExportModelTest, AnAdapterIsAddedInFp32AndThenCast) {
  MemFileEnv env;
  const ModelFolder base = BaseFolder(env, Dtype::kF16);
  const std::vector<StateTensor> adapter = SomeAdapter();
  ASSERT_THAT(ExportModel(env, kOut, SourceOf(base, adapter)), IsOk());
  const at::Tensor weight = WeightsOf(env, kBaseDir).Get(WeightOf(kSomeLayer));
  const at::Tensor product =
      adapter[1].tensor.to(at::kDouble).matmul(adapter[0].tensor.to(at::kDouble));
  const at::Tensor exact = weight.to(at::kDouble).add(product, 1.5);
  const at::Tensor merged = WeightsOf(env, kOut).Get(WeightOf(kSomeLayer));
  EXPECT_THAT(merged, IsNear(exact, 5e-4));  // half a step of fp16
  EXPECT_THAT(merged, ::testing::Not(IsNear(weight.to(at::kDouble), 0.1)));
}

TEST(ExportModelTest, EveryOtherFileOfTheBaseGoesAlong) {
  MemFileEnv env;
  const ModelFolder base = BaseFolder(env, Dtype::kF16);
  env.Put("/base/modeling.py", "code");
  env.Put("/base/assets/demo.png", "picture");
  env.Put("/base/.git/config", "not of the model");
  env.Put("/base/manifest.json", "of an earlier export");
  ASSERT_THAT(ExportModel(env, kOut, SourceOf(base, {})), IsOk());
  EXPECT_EQ(env.Get("/out/model/modeling.py"), "code");
  EXPECT_EQ(env.Get("/out/model/assets/demo.png"), "picture");
  EXPECT_EQ(env.Get("/out/model/.git/config"), absl::nullopt);
  MD2_ASSERT_OK_AND_ASSIGN(const base::Manifest manifest,
                           base::ReadManifest(env, kOut, kModelKind));
  EXPECT_EQ(manifest.files.count("assets/demo.png"), 1u);
  EXPECT_EQ(manifest.about["base"]["sha256"], std::string(64, '1'));
  EXPECT_EQ(manifest.about["config"]["lora_rank"], 2);
  EXPECT_EQ(manifest.about["update"], 120);
  EXPECT_EQ(manifest.about["versions"]["md2"], "0.1.0");
  EXPECT_THAT(base::VerifyFiles(env, kOut, manifest), IsOk());
}

TEST(ExportModelTest, TheConfigSaysHowTheModelMustBeAsked) {
  MemFileEnv env;
  const ModelFolder base = BaseFolder(env, Dtype::kF16);
  ExportSource source = SourceOf(base, {});
  source.state.run.config.tiles = Tiles::kOff;
  source.state.run.config.attention = Attention::kPrefix;
  ASSERT_THAT(ExportModel(env, kOut, source), IsOk());
  MD2_ASSERT_OK_AND_ASSIGN(const ModelFolder exported, model::OpenModelFolder(env, kOut));
  EXPECT_FALSE(exported.config.tiles);
  EXPECT_TRUE(exported.config.prefix_attention);
  EXPECT_EQ(exported.config.sizes, base.config.sizes);
}

TEST(ExportModelTest, AModelThatDiffersHasAnotherDigest) {
  MemFileEnv env;
  const ModelFolder base = BaseFolder(env, Dtype::kF16);
  const std::string name = WeightOf(kSomeLayer);
  const at::Tensor zeros = at::zeros(base.weights->Find(name)->shape);
  ASSERT_THAT(ExportModel(env, kOut, SourceOf(base, {})), IsOk());
  ASSERT_THAT(ExportModel(env, "/out/other", SourceOf(base, {{name, zeros}})), IsOk());
  MD2_ASSERT_OK_AND_ASSIGN(const ModelFolder same, model::OpenModelFolder(env, kOut));
  MD2_ASSERT_OK_AND_ASSIGN(const ModelFolder other, model::OpenModelFolder(env, "/out/other"));
  MD2_ASSERT_OK_AND_ASSIGN(const std::string digest, model::DigestOfModel(env, base));
  EXPECT_EQ(digest.size(), 64u);
  EXPECT_EQ(*model::DigestOfModel(env, same), digest);
  EXPECT_NE(*model::DigestOfModel(env, other), digest);
}

TEST(ExportModelTest, MastersWithoutAPlaceAreAllNamed) {
  MemFileEnv env;
  const ModelFolder base = BaseFolder(env, Dtype::kF16);
  std::vector<StateTensor> masters = SomeAdapter();
  masters[0].tensor = at::zeros({3, 32});
  masters.push_back({"text_model.nothing.weight", at::zeros({1})});
  masters.push_back({"text_model.transformer.h.0.ln.weight", at::zeros({5})});
  masters.push_back({"text_model.transformer.h.0.mlp.fc2.lora_A.weight", at::zeros({2, 44})});
  const absl::Status status = ExportModel(env, kOut, SourceOf(base, masters));
  EXPECT_THAT(status, HasReason(Reason::kCheckpointInvalid));
  EXPECT_THAT(
      status,
      StatusIs(absl::StatusCode::kFailedPrecondition,
               "trained tensors that the base model cannot take:\n"
               "  \"text_model.transformer.h.0.ln.weight\": expected [32], found [5]\n"
               "  \"text_model.transformer.h.1.mlp.fc1.lora_A.weight\": expected [2, 32], found "
               "[3, 32]\n"
               "  \"text_model.nothing.weight\": no such tensor\n"
               "  \"text_model.transformer.h.0.mlp.fc2.lora_A.weight\": no such tensor"));
  EXPECT_THAT(env.Stat(kOut), HasReason(Reason::kFileNotFound));
}

TEST(ExportModelTest, AValueThatTheDtypeCannotHoldIsRefused) {
  MemFileEnv env;
  const ModelFolder base = BaseFolder(env, Dtype::kF16);
  const std::string name = WeightOf(kSomeLayer);
  const at::Tensor huge = at::full(base.weights->Find(name)->shape, 1e5);
  const absl::Status status = ExportModel(env, kOut, SourceOf(base, {{name, huge}}));
  EXPECT_THAT(status, HasReason(Reason::kCheckpointInvalid));
  EXPECT_THAT(status, HasMessage(HasSubstr("a value that F16 cannot hold")));
}

TEST(ExportModelTest, AFullDiskIsSeenBeforeAnythingIsWritten) {
  MemFileEnv env;
  const ModelFolder base = BaseFolder(env, Dtype::kF16);
  env.SetCapacity(1 << 20);
  EXPECT_THAT(ExportModel(env, kOut, SourceOf(base, {})), HasReason(Reason::kStorageFull));
  EXPECT_THAT(env.Stat(kOut), HasReason(Reason::kFileNotFound));
}

TEST(ExportModelTest, AFolderThatIsNotEmptyIsRefusedUnlessItMayBeReplaced) {
  MemFileEnv env;
  const ModelFolder base = BaseFolder(env, Dtype::kF16);
  env.Put("/out/model/mine", "x");
  EXPECT_THAT(ExportModel(env, kOut, SourceOf(base, {})), HasReason(Reason::kFileExists));
  EXPECT_THAT(ExportModel(env, kOut, SourceOf(base, {}), {.may_replace = true}), IsOk());
  EXPECT_EQ(env.Get("/out/model/mine"), absl::nullopt);
}

}  // namespace
}  // namespace md2::train
