#include "core/train/output_folder.h"

#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "core/base/error.h"
#include "core/base/json.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/mem_file_env.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/core/train/some_run.h"

namespace md2::train {
namespace {

using absl::StatusCode;
using base::Reason;
using ::testing::ElementsAre;
using testing::HasMessage;
using testing::HasReason;
using ::testing::HasSubstr;
using testing::IsOk;
using testing::IsOkAndHolds;
using testing::MemFileEnv;
using testing::StatusIs;

constexpr char kDir[] = "/out";

std::string Line(int64_t update) { return absl::StrCat("{\"update\":", update, "}\n"); }

TEST(OutputFolderTest, ANewRunTakesAFolderThatIsAbsentOrEmpty) {
  MemFileEnv env;
  EXPECT_THAT(OutputFolder::Open(env, "/a/b/", Start::kNew), IsOk());
  EXPECT_THAT(OutputFolder::Open(env, "/a/b", Start::kNew), IsOk());  // its lock alone is there
  EXPECT_THAT(OutputFolder::Open(env, "/c", Start::kResume), IsOk());
}

TEST(OutputFolderTest, ANewRunRefusesWhatIsThereAndTouchesNothing) {
  MemFileEnv env;
  env.Put("/out/.tmp.model/half", "x");
  env.Put("/out/config.json", "{}");
  env.Put("/out/metrics.jsonl", "");
  const absl::Status status = OutputFolder::Open(env, kDir, Start::kNew).status();
  EXPECT_THAT(status, HasReason(Reason::kFileExists));
  EXPECT_THAT(status, StatusIs(StatusCode::kAlreadyExists,
                               "expected an output folder that is empty or absent (give --resume "
                               "to go on with the run in it, or another output_dir), found "
                               "config.json and 1 more: /out"));
  EXPECT_THAT(env.Files(),
              ElementsAre("/out/.tmp.model/half", "/out/config.json", "/out/metrics.jsonl"));
}

TEST(OutputFolderTest, OneRunAtATime) {
  MemFileEnv env;
  MD2_ASSERT_OK_AND_ASSIGN(const auto folder, OutputFolder::Open(env, kDir, Start::kNew));
  for (const bool has_files : {false, true}) {
    if (has_files) env.Put("/out/config.json", "{}");
    for (const Start start : {Start::kNew, Start::kResume}) {
      const absl::Status status = OutputFolder::Open(env, kDir, start).status();
      EXPECT_THAT(status, HasReason(Reason::kOutputInUse));
      EXPECT_THAT(status,
                  HasMessage("another run writes to this output folder; wait for it, stop it, or "
                             "give another output_dir: /out"));
    }
  }
}

TEST(OutputFolderTest, AResumeRemovesWhatADeadRunLeftHalf) {
  MemFileEnv env;
  env.Put("/out/.tmp.model/model.safetensors", "half");
  env.Put("/out/config.json.tmp.12.0", "half");
  env.Put("/out/checkpoints/.tmp.000010/masters.safetensors", "half");
  env.Put("/out/checkpoints/index.json", "{}");
  MD2_ASSERT_OK_AND_ASSIGN(const auto folder, OutputFolder::Open(env, kDir, Start::kResume));
  EXPECT_THAT(env.Files(), ElementsAre("/out/.lock", "/out/checkpoints/index.json"));
  EXPECT_EQ(folder->model_dir(), "/out/model");
  EXPECT_EQ(folder->checkpoints().dir(), "/out/checkpoints");
}

TEST(OutputFolderTest, ConfigHoldsHyperparametersUnderTheirNamesAndWhatTheRunIsMadeFrom) {
  MemFileEnv env;
  MD2_ASSERT_OK_AND_ASSIGN(const auto folder, OutputFolder::Open(env, kDir, Start::kNew));
  ASSERT_THAT(folder->WriteConfig(SomeRun(), {{"md2", "0.1.0"}}), IsOk());
  const base::Json json = base::Json::parse(*env.Get("/out/config.json"));
  EXPECT_EQ(json["batch_size"], 2);
  EXPECT_EQ(json["method"], "full");
  EXPECT_EQ(json["base"]["path"], "/models/base");
  EXPECT_EQ(json["data"]["sha256"], std::string(64, '3'));
  EXPECT_EQ(json["versions"]["md2"], "0.1.0");
  EXPECT_FALSE(json.contains("config"));
  EXPECT_THAT(ReadRunConfig(env, kDir), IsOkAndHolds(SomeRun()));
}

TEST(OutputFolderTest, AConfigOfSomethingElseIsRefused) {
  MemFileEnv env;
  EXPECT_THAT(ReadRunConfig(env, kDir), HasReason(Reason::kFileNotFound));
  env.Put("/out/config.json", "{\"model_type\":\"moondream1\"}");
  const absl::Status status = ReadRunConfig(env, kDir).status();
  EXPECT_THAT(status, HasReason(Reason::kSettingInvalid));
  EXPECT_THAT(status, HasMessage(HasSubstr("not the configuration of a run, /out/config.json:\n"
                                           "  run.base: missing")));
}

// A checkpoint is written before the evaluation of its update, which is made again.
TEST(OutputFolderTest, GoingOnDropsLaterUpdatesAndEvaluationsThatAreMadeAgain) {
  MemFileEnv env;
  env.Put("/out/metrics.jsonl", Line(1) + Line(2) + Line(3));
  env.Put("/out/evals.jsonl", Line(0) + Line(2) + Line(3));
  MD2_ASSERT_OK_AND_ASSIGN(const auto folder, OutputFolder::Open(env, kDir, Start::kResume));
  ASSERT_THAT(folder->OpenLines(2), IsOk());
  EXPECT_EQ(env.Get("/out/metrics.jsonl"), Line(1) + Line(2));
  EXPECT_EQ(env.Get("/out/evals.jsonl"), Line(0));
  ASSERT_THAT(folder->AppendEvaluation(Line(2)), IsOk());
  ASSERT_THAT(folder->AppendUpdate(Line(3)), IsOk());
  ASSERT_THAT(folder->SyncLines(), IsOk());
  EXPECT_EQ(env.Get("/out/metrics.jsonl"), Line(1) + Line(2) + Line(3));
  EXPECT_EQ(env.Get("/out/evals.jsonl"), Line(0) + Line(2));
}

}  // namespace
}  // namespace md2::train
