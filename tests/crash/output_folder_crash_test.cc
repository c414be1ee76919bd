// A run that writes its lines and marks every second update as saved, with the k-th disk operation
// failing and with the power lost there, for every k; then resumed: every update has its line once.

#include <cerrno>
#include <string>

#include "absl/strings/str_cat.h"
#include "core/base/errno_status.h"
#include "core/base/error.h"
#include "core/base/status_macros.h"
#include "core/train/output_folder.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/mem_file_env.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/core/train/some_run.h"

namespace md2::train {
namespace {

using testing::IsOk;
using testing::IsOkAndHolds;
using testing::MemFileEnv;
using testing::PowerLoss;

constexpr char kDir[] = "/data/out";
constexpr int64_t kUpdates = 6;

absl::Status DiskError() { return base::ErrnoToStatus(EIO, "do what the test forbids", kDir); }

std::string Line(int64_t update, absl::string_view what) {
  return absl::StrCat("{\"", what, "\":", update * 10, ",\"update\":", update, "}\n");
}

// The index stands for a whole checkpoint.
absl::Status TrainOn(base::FileEnv& env, Start start) {
  MD2_ASSIGN_OR_RETURN(const auto folder, OutputFolder::Open(env, kDir, start));
  MD2_RETURN_IF_ERROR(env.CreateDirectories(folder->checkpoints().dir()));
  MD2_ASSIGN_OR_RETURN(const CheckpointIndex index, folder->checkpoints().ReadIndex());
  MD2_RETURN_IF_ERROR(folder->WriteConfig(SomeRun(), {}));
  const int64_t begin = index.last.value_or(0);
  MD2_RETURN_IF_ERROR(folder->OpenLines(begin));
  for (int64_t update = begin;; ++update) {
    if (update % 2 == 0) MD2_RETURN_IF_ERROR(folder->AppendEvaluation(Line(update, "anls")));
    if (update == kUpdates) return folder->SyncLines();
    MD2_RETURN_IF_ERROR(folder->AppendUpdate(Line(update + 1, "loss")));
    if ((update + 1) % 2 == 0) {
      MD2_RETURN_IF_ERROR(folder->SyncLines());
      MD2_RETURN_IF_ERROR(folder->checkpoints().WriteIndex({.last = update + 1, .best = 0}));
    }
  }
}

void ExpectEveryLineOnce(MemFileEnv& env) {
  std::string metrics;
  std::string evals;
  for (int64_t update = 0; update <= kUpdates; ++update) {
    if (update > 0) metrics += Line(update, "loss");
    if (update % 2 == 0) evals += Line(update, "anls");
  }
  EXPECT_EQ(env.Get("/data/out/metrics.jsonl"), metrics);
  EXPECT_EQ(env.Get("/data/out/evals.jsonl"), evals);
  EXPECT_THAT(ReadRunConfig(env, kDir), IsOkAndHolds(SomeRun()));
  EXPECT_EQ(env.ListDirectory(kDir)->size(), 5u);  // the lock and checkpoints too
}

int64_t OperationsOfRun() {
  MemFileEnv env;
  env.Put("/data/other", "");
  EXPECT_THAT(TrainOn(env, Start::kNew), IsOk());
  return env.num_operations();
}

TEST(OutputFolderCrash, AResumedRunHasEveryLineOnce) {
  const int64_t num_operations = OperationsOfRun();
  ASSERT_GT(num_operations, 40);
  for (const bool loses_power : {false, true}) {
    for (const PowerLoss loss : {PowerLoss::kDataAndNames, PowerLoss::kDataOnly}) {
      for (int64_t k = 0; k < num_operations; ++k) {
        SCOPED_TRACE(k);
        MemFileEnv env;
        env.Put("/data/other", "");
        env.FailFrom(k, DiskError());
        TrainOn(env, Start::kNew).IgnoreError();
        env.ClearFaults();
        if (loses_power) env.DropUnsynced(loss);
        EXPECT_THAT(TrainOn(env, Start::kResume), IsOk());
        ExpectEveryLineOnce(env);
      }
    }
  }
}

TEST(OutputFolderCrash, ACrashDuringTheResumeCostsNothingMore) {
  const int64_t num_operations = OperationsOfRun();
  for (int64_t k = 0; k < num_operations; ++k) {
    SCOPED_TRACE(k);
    MemFileEnv env;
    env.Put("/data/other", "");
    env.FailFrom(num_operations * 2 / 3, DiskError());
    TrainOn(env, Start::kNew).IgnoreError();
    env.DropUnsynced(PowerLoss::kDataAndNames);
    env.FailFrom(k, DiskError());
    TrainOn(env, Start::kResume).IgnoreError();
    env.DropUnsynced(PowerLoss::kDataAndNames);
    EXPECT_THAT(TrainOn(env, Start::kResume), IsOk());
    ExpectEveryLineOnce(env);
  }
}

}  // namespace
}  // namespace md2::train
