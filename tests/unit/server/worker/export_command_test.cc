#include "server/worker/export_command.h"

#include <ATen/ops/arange.h>
#include <ATen/ops/full.h>

#include <string>
#include <vector>

#include "core/base/json.h"
#include "core/model/adapter_folder.h"
#include "core/model/model_digest.h"
#include "core/model/model_folder.h"
#include "core/train/checkpoint.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/server/worker/model_run.h"

namespace md2::worker {
namespace {

using base::Json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::IsOk;

constexpr char kCheckpoint[] = "out/checkpoints/000007";
constexpr char kLayer[] = "text_model.transformer.h.0.mlp.fc2";

class ExportCommandTest : public ::testing::Test {
 protected:
  // A checkpoint of a run on m whose A, or whose bias, is all `value`. B rises: the same step of
  // every output would be lost in the next norm.
  void PutCheckpoint(bool has_adapter, double value) {
    const auto base = model::OpenModelFolder(run_.files, "m");
    ASSERT_THAT(base, IsOk());
    train::CheckpointContents contents;
    const model::TextSizes& text = base->config.sizes.text;
    if (has_adapter) {
      contents.masters = {
          {std::string(kLayer) + ".lora_A.weight", at::full({2, text.mlp_dim}, value)},
          {std::string(kLayer) + ".lora_B.weight",
           at::arange(2 * text.dim, at::kFloat).view({text.dim, 2})}};
    } else {
      contents.masters = {{std::string(kLayer) + ".bias", at::full({text.dim}, value)}};
    }
    contents.state.update = 7;
    contents.state.run.config.lora_rank = 2;
    contents.state.run.base = {"m", *model::DigestOfModel(run_.files, *base)};
    ASSERT_THAT(train::WriteCheckpoint(run_.files, kCheckpoint, contents), IsOk());
  }

  Ran Export(std::vector<std::string> more) {
    std::vector<std::string> arguments = {"export", "--checkpoint", kCheckpoint, "--out=e"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_(arguments);
  }

  std::string AnswerOf(const std::string& model) {
    const Ran ran = run_({"answer", "--model", model, "--image=small.png", "--question=Who?",
                          "--threads=1", "--device=cpu", "--max-new-tokens=8"});
    EXPECT_EQ(ran.exit_code, 0) << ran.notes;
    return ran.out;
  }

  ModelRun run_;
};

TEST_F(ExportCommandTest, AModelFolderAnswersAsTheTrainedModel) {
  PutCheckpoint(/*has_adapter=*/true, 0.0);
  const Ran ran = Export({"-o", "json"});
  EXPECT_EQ(ran.exit_code, 0) << ran.notes;
  EXPECT_EQ(Json::parse(ran.out),
            Json({{"path", "e"}, {"format", "hf"}, {"update", 7}, {"base", "m"}}));
  EXPECT_EQ(AnswerOf("e"), AnswerOf("m"));
  PutCheckpoint(/*has_adapter=*/true, 0.5);
  EXPECT_EQ(run_({"export", "--checkpoint", kCheckpoint, "--out=changed"}).exit_code, 0);
  EXPECT_NE(AnswerOf("changed"), AnswerOf("m"));
  const Json manifest = Json::parse(*run_.files.Get("e/manifest.json"));
  EXPECT_TRUE(manifest["about"]["versions"].contains("libtorch"));
}

TEST_F(ExportCommandTest, AnAdapterIsReadBack) {
  PutCheckpoint(/*has_adapter=*/true, 0.5);
  EXPECT_THAT(Export({"--format=adapter"}), Succeeded(HasSubstr("format\tadapter\n"), IsEmpty()));
  MD2_ASSERT_OK_AND_ASSIGN(const model::Adapter adapter, model::ReadAdapter(run_.files, "e"));
  EXPECT_EQ(adapter.scale, 32.0);
  EXPECT_EQ(adapter.tensors.size(), 2u);
}

TEST_F(ExportCommandTest, ARunWithoutAdapterHasNone) {
  PutCheckpoint(/*has_adapter=*/false, 0.0);
  const Ran ran = Export({"--format=adapter"});
  EXPECT_EQ(ran.exit_code, 6);
  EXPECT_THAT(ran.notes, HasSubstr("the run trained none; export a model folder instead"));
}

TEST_F(ExportCommandTest, AnotherBaseIsRefused) {
  PutCheckpoint(/*has_adapter=*/true, 0.5);
  const Ran made = run_({"datagen", "model", "--sizes=tiny.json", "--tokenizer=tokenizer.json",
                         "--seed=4", "--dtype=f32", "--out=other"});
  ASSERT_EQ(made.exit_code, 0) << made.notes;
  const Ran ran = Export({"--base=other"});
  EXPECT_EQ(ran.exit_code, 6);
  EXPECT_THAT(ran.notes, AllOf(HasSubstr("another base model than the run began with"),
                               HasSubstr(": other\n")));
  EXPECT_EQ(run_.files.Get("e/config.json"), absl::nullopt);
  EXPECT_EQ(Export({"--base=m"}).exit_code, 0);
}

TEST_F(ExportCommandTest, ABaseThatMovedIsAskedFor) {
  PutCheckpoint(/*has_adapter=*/true, 0.5);
  ASSERT_THAT(run_.files.Rename("m", "moved"), IsOk());
  const Ran ran = Export({});
  EXPECT_EQ(ran.exit_code, 5);
  EXPECT_THAT(ran.notes, HasSubstr("name its folder as --base"));
  EXPECT_EQ(Export({"--base=moved"}).exit_code, 0);
}

TEST_F(ExportCommandTest, ADamagedCheckpointIsRefused) {
  PutCheckpoint(/*has_adapter=*/true, 0.5);
  run_.files.Put(std::string(kCheckpoint) + "/masters.safetensors", "x");
  const Ran ran = Export({});
  EXPECT_EQ(ran.exit_code, 3);
  EXPECT_THAT(ran.notes, HasSubstr("masters.safetensors: expected "));
}

TEST_F(ExportCommandTest, AFolderWithContentStays) {
  PutCheckpoint(/*has_adapter=*/true, 0.5);
  run_.files.Put("e/mine", "x");
  EXPECT_EQ(Export({}).exit_code, 6);
  EXPECT_EQ(run_.files.Get("e/mine"), "x");
}

}  // namespace
}  // namespace md2::worker
