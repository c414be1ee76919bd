#include "core/train/checkpoint.h"

#include <ATen/ops/arange.h>
#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>

#include <string>
#include <utility>
#include <vector>

#include "core/base/error.h"
#include "core/train/checkpoint_folder.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/mem_file_env.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/tensor_matchers.h"
#include "tests/testing/tiny_model.h"
#include "tests/unit/core/train/some_run.h"

namespace md2::train {
namespace {

using base::Reason;
using ::testing::ElementsAre;
using testing::HasMessage;
using testing::HasReason;
using ::testing::HasSubstr;
using testing::IsOk;
using testing::IsOkAndHolds;
using testing::IsSameTensor;
using testing::MemFileEnv;
using testing::RandomValues;
using testing::StatusIs;

constexpr char kDir[] = "/out/checkpoints/000120";

CheckpointContents SomeContents() {
  CheckpointContents contents;
  contents.masters = {{"a.weight", RandomValues({3, 4}, 1)}, {"a.bias", RandomValues({3}, 2)}};
  contents.moments = {{"a.weight.codes", at::arange(12, at::kByte).view({3, 4})},
                      {"a.weight.scales", RandomValues({1}, 3)},
                      {"a.bias.first", RandomValues({3}, 4)}};
  contents.state = SomeState();
  return contents;
}

// Tensors of the same names, shapes and dtypes, all zero.
std::vector<StateTensor> Zeros(const std::vector<StateTensor>& tensors) {
  std::vector<StateTensor> zeros;
  for (const StateTensor& state : tensors) {
    zeros.push_back({state.name, at::zeros_like(state.tensor)});
  }
  return zeros;
}

void ExpectSame(const std::vector<StateTensor>& found, const std::vector<StateTensor>& expected) {
  ASSERT_EQ(found.size(), expected.size());
  for (size_t i = 0; i < found.size(); ++i) {
    EXPECT_EQ(found[i].name, expected[i].name);
    EXPECT_THAT(found[i].tensor, IsSameTensor(expected[i].tensor)) << found[i].name;
  }
}

TEST(CheckpointTest, ReadsBackEveryBit) {
  MemFileEnv env;
  const CheckpointContents contents = SomeContents();
  MD2_ASSERT_OK_AND_ASSIGN(const uint64_t bytes, WriteCheckpoint(env, kDir, contents));
  EXPECT_THAT(env.ListDirectory(kDir),
              IsOkAndHolds(ElementsAre(".lock", "manifest.json", "masters.safetensors",
                                       "moments.safetensors", "state.json")));
  EXPECT_GT(bytes, 12 * 4 + 3 * 4 + 12 + 4 + 3 * 4);
  const auto masters = Zeros(contents.masters);
  const auto moments = Zeros(contents.moments);
  EXPECT_THAT(ReadCheckpoint(env, kDir, masters, moments), IsOkAndHolds(contents.state));
  ExpectSame(masters, contents.masters);
  ExpectSame(moments, contents.moments);
}

TEST(CheckpointTest, TheSameContentsAreTheSameBytes) {
  MemFileEnv env;
  ASSERT_THAT(WriteCheckpoint(env, kDir, SomeContents()), IsOk());
  ASSERT_THAT(WriteCheckpoint(env, "/out/checkpoints/000121", SomeContents()), IsOk());
  for (const char* file :
       {"masters.safetensors", "moments.safetensors", "state.json", "manifest.json"}) {
    EXPECT_EQ(env.Get(std::string(kDir) + "/" + file),
              env.Get(std::string("/out/checkpoints/000121/") + file));
  }
}

TEST(CheckpointTest, AnEarlierAttemptAtTheSameUpdateIsReplaced) {
  MemFileEnv env;
  CheckpointContents contents = SomeContents();
  ASSERT_THAT(WriteCheckpoint(env, kDir, contents), IsOk());
  contents.state.skipped_updates = 9;
  ASSERT_THAT(WriteCheckpoint(env, kDir, contents), IsOk());
  EXPECT_THAT(ReadState(env, kDir), IsOkAndHolds(contents.state));
  EXPECT_THAT(env.ListDirectory("/out/checkpoints"), IsOkAndHolds(ElementsAre("000120")));
}

TEST(CheckpointTest, MastersAreMappedForAnExport) {
  MemFileEnv env;
  ASSERT_THAT(WriteCheckpoint(env, kDir, SomeContents()), IsOk());
  MD2_ASSERT_OK_AND_ASSIGN(const std::vector<StateTensor> masters, MapMasters(env, kDir));
  ExpectSame(masters, SomeContents().masters);
}

TEST(CheckpointTest, TensorsThatDoNotFitAreAllNamedAndNothingIsTouched) {
  MemFileEnv env;
  ASSERT_THAT(WriteCheckpoint(env, kDir, SomeContents()), IsOk());
  const std::vector<StateTensor> masters = {{"a.weight", at::zeros({3, 4})},
                                            {"b.bias", at::zeros({3})}};
  const std::vector<StateTensor> moments = {{"a.weight.codes", at::zeros({3, 4})},
                                            {"a.weight.scales", at::zeros({2})},
                                            {"a.bias.first", at::zeros({3})}};
  const absl::Status status = ReadCheckpoint(env, kDir, masters, moments).status();
  EXPECT_THAT(status, HasReason(Reason::kCheckpointInvalid));
  EXPECT_THAT(
      status,
      StatusIs(absl::StatusCode::kInvalidArgument,
               "a checkpoint that does not hold what this run trains, /out/checkpoints/000120:\n"
               "  masters.safetensors: \"b.bias\": missing\n"
               "  masters.safetensors: \"a.bias\": not expected\n"
               "  moments.safetensors: \"a.weight.codes\": expected F32 [3, 4], found U8 [3, 4]\n"
               "  moments.safetensors: \"a.weight.scales\": expected F32 [2], found F32 [1]"));
  EXPECT_THAT(masters[0].tensor, IsSameTensor(at::zeros({3, 4})));
}

TEST(CheckpointTest, ADamagedFileIsNamed) {
  for (const char* file : {"masters.safetensors", "moments.safetensors", "state.json"}) {
    MemFileEnv env;
    const CheckpointContents contents = SomeContents();
    ASSERT_THAT(WriteCheckpoint(env, kDir, contents), IsOk());
    const std::string path = std::string(kDir) + "/" + file;
    std::string bytes = *env.Get(path);
    bytes.back() = static_cast<char>(bytes.back() ^ 1);
    env.Put(path, bytes);
    const auto read = ReadCheckpoint(env, kDir, Zeros(contents.masters), Zeros(contents.moments));
    EXPECT_THAT(read, HasReason(Reason::kFileDamaged));
    EXPECT_THAT(read, HasMessage(HasSubstr(std::string(file) + ": expected the SHA-256 ")));
  }
}

TEST(CheckpointTest, NothingIsThereWithoutAManifest) {
  MemFileEnv env;
  env.Put(std::string(kDir) + "/state.json", "{}");
  EXPECT_THAT(ReadCheckpoint(env, kDir, {}, {}), HasReason(Reason::kFileNotFound));
  EXPECT_THAT(MapMasters(env, kDir), HasReason(Reason::kFileNotFound));
}

TEST(CheckpointTest, AFullDiskIsSeenBeforeAnythingIsWritten) {
  MemFileEnv env;
  env.SetCapacity(1000);
  const absl::Status status = WriteCheckpoint(env, kDir, SomeContents()).status();
  EXPECT_THAT(status, HasReason(Reason::kStorageFull));
  EXPECT_THAT(status, HasMessage("no room for a checkpoint (free some, or set a smaller "
                                 "keep_last): expected 4194392 free bytes, found 1000: "
                                 "/out/checkpoints/000120"));
  EXPECT_THAT(env.Files(), ElementsAre());
}

TEST(CheckpointTest, WhatNoCheckpointHoldsIsABug) {
  MemFileEnv env;
  CheckpointContents contents = SomeContents();
  contents.masters[0].tensor = at::zeros({2}, at::kDouble);
  EXPECT_THAT(WriteCheckpoint(env, kDir, contents), HasReason(Reason::kInternal));
  contents.masters[0].tensor = at::zeros({2, 3}).t();
  EXPECT_THAT(WriteCheckpoint(env, kDir, contents), HasReason(Reason::kInternal));
  EXPECT_THAT(env.Files(), ElementsAre());
}

}  // namespace
}  // namespace md2::train
