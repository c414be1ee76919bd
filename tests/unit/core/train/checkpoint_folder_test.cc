#include "core/train/checkpoint_folder.h"

#include <optional>
#include <string>

#include "core/base/atomic_folder.h"
#include "core/base/error.h"
#include "core/base/status_macros.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/mem_file_env.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/core/train/some_run.h"

namespace md2::train {
namespace {

using base::Reason;
using ::testing::ElementsAre;
using testing::HasMessage;
using testing::HasReason;
using ::testing::IsEmpty;
using testing::IsOk;
using testing::IsOkAndHolds;
using testing::MemFileEnv;

constexpr char kDir[] = "/out/checkpoints";

class CheckpointFolderTest : public ::testing::Test {
 protected:
  void Write(int64_t update) {
    const auto folder = base::AtomicFolder::Create(env_, folder_.PathOf(update),
                                                   {.kind = kCheckpointKind, .keeps_lock = true});
    ASSERT_THAT(folder, IsOk());
    ASSERT_THAT((*folder)->WriteFile(kStateFile, StateText(SomeState())), IsOk());
    ASSERT_THAT((*folder)->Commit({}), IsOk());
  }

  void WriteAll(std::initializer_list<int64_t> updates) {
    for (const int64_t update : updates) Write(update);
  }

  MemFileEnv env_;
  CheckpointFolder folder_{env_, kDir};
};

TEST_F(CheckpointFolderTest, NamesHaveSixDigitsOrMore) {
  EXPECT_EQ(folder_.PathOf(120), "/out/checkpoints/000120");
  EXPECT_EQ(CheckpointName(1234567), "1234567");
  for (const int64_t update : {0, 7, 999999, 1000000}) {
    EXPECT_EQ(ParseCheckpointName(CheckpointName(update)), update);
  }
  for (const char* name :
       {"", "120", "0000120", "00012x", "-00120", ".tmp.000120", "99999999999999999999"}) {
    EXPECT_EQ(ParseCheckpointName(name), std::nullopt) << name;
  }
}

TEST_F(CheckpointFolderTest, ListsCompleteOnesByNumber) {
  EXPECT_THAT(folder_.List(), IsOkAndHolds(IsEmpty()));
  WriteAll({999999, 20, 1000000, 3});
  env_.Put("/out/checkpoints/000009/state.json", "no manifest");
  env_.Put("/out/checkpoints/.tmp.000010/manifest.json", "");
  EXPECT_THAT(folder_.List(), IsOkAndHolds(ElementsAre(3, 20, 999999, 1000000)));
}

TEST_F(CheckpointFolderTest, TheIndexIsWhatWasWrittenLast) {
  EXPECT_THAT(folder_.ReadIndex(), IsOkAndHolds(CheckpointIndex{}));
  Write(120);
  ASSERT_THAT(folder_.WriteIndex({.last = 120, .best = std::nullopt}), IsOk());
  EXPECT_EQ(env_.Get("/out/checkpoints/index.json"), "{\"best\":null,\"last\":120}\n");
  ASSERT_THAT(folder_.WriteIndex({.last = 120, .best = 100}), IsOk());
  EXPECT_THAT(folder_.ReadIndex(), IsOkAndHolds(CheckpointIndex{120, 100}));
  env_.Put("/out/checkpoints/index.json", "{\"last\":\"x\"}");
  EXPECT_THAT(folder_.ReadIndex(), HasReason(Reason::kCheckpointInvalid));
  EXPECT_THAT(folder_.ReadIndex(),
              HasMessage("a damaged index of checkpoints, /out/checkpoints/index.json:\n"
                         "  last: expected an integer from 0 up, found \"x\""));
}

TEST_F(CheckpointFolderTest, PruneKeepsTheNewestTheBestThePinnedAndThoseInUse) {
  WriteAll({10, 20, 30, 40, 50, 60});
  ASSERT_THAT(folder_.Pin(20), IsOk());
  {
    MD2_ASSERT_OK_AND_ASSIGN(const CheckpointInUse in_use, folder_.Use(30));
    EXPECT_EQ(in_use.path, folder_.PathOf(30));
    ASSERT_THAT(folder_.Prune({.keep_last = 2, .best = 10}), IsOk());
    EXPECT_THAT(folder_.List(), IsOkAndHolds(ElementsAre(10, 20, 30, 50, 60)));
  }
  ASSERT_THAT(folder_.Unpin(20), IsOk());
  ASSERT_THAT(folder_.Unpin(20), IsOk());
  ASSERT_THAT(folder_.Prune({.keep_last = 0, .best = std::nullopt}), IsOk());
  EXPECT_THAT(folder_.List(), IsOkAndHolds(ElementsAre(60)));
  EXPECT_THAT(env_.ListDirectory(kDir), IsOkAndHolds(ElementsAre("000060")));
}

TEST_F(CheckpointFolderTest, WhatIsNotThereCanNeitherBeUsedNorPinned) {
  EXPECT_THAT(folder_.Use(5), HasReason(Reason::kFileNotFound));
  EXPECT_THAT(folder_.Use(5), HasMessage("no such checkpoint: /out/checkpoints/000005"));
  EXPECT_THAT(folder_.Pin(5), HasReason(Reason::kFileNotFound));
  Write(5);
  MD2_ASSERT_OK_AND_ASSIGN(const auto removing, env_.Lock(folder_.PathOf(5) + "/.lock"));
  EXPECT_THAT(folder_.Use(5), HasReason(Reason::kFileNotFound));
}

TEST_F(CheckpointFolderTest, LeftoversGoAndCheckpointsStay) {
  Write(5);
  env_.Put("/out/checkpoints/.tmp.000010/masters.safetensors", "half");
  env_.Put("/out/checkpoints/.tmp.000003.old/manifest.json", "");
  ASSERT_THAT(folder_.RemoveUnfinished(), IsOk());
  EXPECT_THAT(env_.ListDirectory(kDir), IsOkAndHolds(ElementsAre("000005")));
}

TEST_F(CheckpointFolderTest, ReadStateNamesItsFile) {
  Write(5);
  EXPECT_THAT(ReadState(env_, folder_.PathOf(5)), IsOkAndHolds(SomeState()));
  EXPECT_THAT(ReadState(env_, folder_.PathOf(6)), HasReason(Reason::kFileNotFound));
}

}  // namespace
}  // namespace md2::train
