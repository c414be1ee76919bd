// A run that saves its second checkpoint, tells the index, and removes the first, with the k-th
// disk operation failing and with the power lost there, for every k, written at once and beside:
// the newest checkpoint is whole and is the old or the new one.

#include <ATen/ops/full.h>
#include <ATen/ops/zeros.h>

#include <cerrno>
#include <cstdint>
#include <string>

#include "absl/strings/str_cat.h"
#include "core/base/errno_status.h"
#include "core/base/error.h"
#include "core/base/status_macros.h"
#include "core/train/checkpoint.h"
#include "core/train/checkpoint_folder.h"
#include "core/train/checkpoint_saver.h"
#include "core/train/observer.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/fake_clock.h"
#include "tests/testing/mem_file_env.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/core/train/some_run.h"

namespace md2::train {
namespace {

using testing::IsOk;
using testing::MemFileEnv;
using testing::PowerLoss;

constexpr char kDir[] = "/out/checkpoints";
constexpr int64_t kOld = 10;
constexpr int64_t kNew = 20;
constexpr PowerLoss kPowerLosses[] = {PowerLoss::kDataAndNames, PowerLoss::kDataOnly};

absl::Status DiskError() { return base::ErrnoToStatus(EIO, "do what the test forbids", kDir); }

// Room for copies of the state: none, so that a checkpoint is written at once, or any.
class CheckpointCrash : public ::testing::TestWithParam<uint64_t> {
 protected:
  // What a trainer does after an update. Every value of the tensors is the update's number.
  absl::Status Save(base::FileEnv& env, int64_t update) const {
    CheckpointFolder folder(env, kDir);
    TrainObserver observer;
    const testing::FakeClock clock;
    const auto value = static_cast<double>(update);
    CheckpointSaver saver({env, clock, observer, folder},
                          {{{"w", at::full({5}, value)}}, {{"w.first", at::full({5}, value)}}},
                          {.keep_last = 1, .copy_room = [] { return GetParam(); }});
    TrainState state = SomeState();
    state.update = update;
    MD2_RETURN_IF_ERROR(saver.Save(state));
    MD2_RETURN_IF_ERROR(saver.Keep(update));
    return saver.Wait();
  }

  int64_t OperationsOfSave() const;
  void ExpectTheRunGoesOn(MemFileEnv& env) const;
};

// What a resume goes on from; 0 when there is nothing, -1 when it is not whole.
int64_t NewestWhole(base::FileEnv& env) {
  CheckpointFolder folder(env, kDir);
  EXPECT_THAT(folder.RemoveUnfinished(), IsOk());
  const auto updates = folder.List();
  EXPECT_THAT(updates, IsOk());
  for (const int64_t update : *updates) {
    const at::Tensor master = at::zeros({5});
    const at::Tensor moment = at::zeros({5});
    const auto state =
        ReadCheckpoint(env, folder.PathOf(update), {{"w", master}}, {{"w.first", moment}});
    EXPECT_THAT(state, IsOk());
    const auto value = static_cast<float>(update);
    if (!state.ok() || state->update != update || master.min().item<float>() != value ||
        moment.max().item<float>() != value) {
      return -1;
    }
  }
  return updates->empty() ? 0 : updates->back();
}

int64_t CheckpointCrash::OperationsOfSave() const {
  MemFileEnv env;
  EXPECT_THAT(Save(env, kOld), IsOk());
  const int64_t before = env.num_operations();
  EXPECT_THAT(Save(env, kNew), IsOk());
  return env.num_operations() - before;
}

// After a resume the run saves again, and nothing of the failure is left.
void CheckpointCrash::ExpectTheRunGoesOn(MemFileEnv& env) const {
  EXPECT_THAT(Save(env, kNew + 1), IsOk());
  EXPECT_EQ(NewestWhole(env), kNew + 1);
  const CheckpointFolder folder(env, kDir);
  EXPECT_EQ(folder.ReadIndex()->last, kNew + 1);
  EXPECT_EQ(env.ListDirectory(kDir)->size(), 2u);  // the checkpoint and the index
}

TEST_P(CheckpointCrash, AFailureOfAnyOperationLeavesTheOldOrTheNew) {
  const int64_t num_operations = OperationsOfSave();
  ASSERT_GT(num_operations, 30);
  for (int64_t k = 0; k < num_operations; ++k) {
    SCOPED_TRACE(k);
    MemFileEnv env;
    ASSERT_THAT(Save(env, kOld), IsOk());
    env.FailOnce(k, DiskError());
    const bool is_done = Save(env, kNew).ok();
    const int64_t newest = NewestWhole(env);
    EXPECT_TRUE(newest == kNew || (!is_done && newest == kOld)) << newest;
    ExpectTheRunGoesOn(env);
  }
}

TEST_P(CheckpointCrash, PowerLossAtAnyOperationLeavesTheOldOrTheNew) {
  const int64_t num_operations = OperationsOfSave();
  for (const PowerLoss loss : kPowerLosses) {
    for (int64_t k = 0; k <= num_operations; ++k) {
      SCOPED_TRACE(k);
      MemFileEnv env;
      ASSERT_THAT(Save(env, kOld), IsOk());
      env.FailFrom(k, DiskError());
      const bool is_done = Save(env, kNew).ok();
      env.DropUnsynced(loss);
      const int64_t newest = NewestWhole(env);
      EXPECT_TRUE(newest == kNew || (!is_done && newest == kOld)) << newest;
      const CheckpointFolder folder(env, kDir);
      EXPECT_LE(*folder.ReadIndex()->last, newest);
      ExpectTheRunGoesOn(env);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(AtOnceAndBeside, CheckpointCrash, ::testing::Values(0, uint64_t{1} << 30));

}  // namespace
}  // namespace md2::train
