// What AtomicFile promises, on the real disk and on the one in memory.

#include <string>

#include "core/base/file_env.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/core/base/each_disk.h"

namespace md2::base {
namespace {

using ::testing::ElementsAre;
using testing::HasReason;
using testing::IsOk;
using testing::IsOkAndHolds;

using AtomicFileTest = EachDiskTest;

TEST_P(AtomicFileTest, ReplacesOnCommitOnly) {
  Write(File("f"), "old");
  MD2_ASSERT_OK_AND_ASSIGN(const auto file, AtomicFile::Create(env(), File("f")));
  ASSERT_THAT(file->Append(Bytes("ne")), IsOk());
  ASSERT_THAT(file->Append(Bytes("w")), IsOk());
  EXPECT_THAT(Read(File("f")), IsOkAndHolds("old"));
  ASSERT_THAT(file->Commit(), IsOk());
  EXPECT_THAT(Read(File("f")), IsOkAndHolds("new"));
  EXPECT_THAT(env().ListDirectory(folder()), IsOkAndHolds(ElementsAre("f")));
}

TEST_P(AtomicFileTest, WithoutCommitLeavesNothing) {
  {
    MD2_ASSERT_OK_AND_ASSIGN(const auto file, AtomicFile::Create(env(), File("f")));
    ASSERT_THAT(file->Append(Bytes("new")), IsOk());
  }
  EXPECT_THAT(env().ListDirectory(folder()), IsOkAndHolds(ElementsAre()));
}

TEST_P(AtomicFileTest, RefusesWorkAfterCommit) {
  MD2_ASSERT_OK_AND_ASSIGN(const auto file, AtomicFile::Create(env(), File("f")));
  ASSERT_THAT(file->Commit(), IsOk());
  EXPECT_THAT(file->Commit(), HasReason(Reason::kInternal));
  EXPECT_THAT(file->Append(Bytes("x")), HasReason(Reason::kInternal));
  EXPECT_THAT(Read(File("f")), IsOkAndHolds(""));
}

TEST_P(AtomicFileTest, TwoAtomicFilesOfOnePathDoNotMix) {
  MD2_ASSERT_OK_AND_ASSIGN(const auto first, AtomicFile::Create(env(), File("f")));
  MD2_ASSERT_OK_AND_ASSIGN(const auto second, AtomicFile::Create(env(), File("f")));
  ASSERT_THAT(first->Append(Bytes("1")), IsOk());
  ASSERT_THAT(second->Append(Bytes("2")), IsOk());
  ASSERT_THAT(second->Commit(), IsOk());
  EXPECT_THAT(Read(File("f")), IsOkAndHolds("2"));
  ASSERT_THAT(first->Commit(), IsOk());
  EXPECT_THAT(Read(File("f")), IsOkAndHolds("1"));
}

TEST_P(AtomicFileTest, WriteFileAtomicallyNeedsTheFolder) {
  ASSERT_THAT(WriteFileAtomically(env(), File("f"), "x"), IsOk());
  EXPECT_THAT(Read(File("f")), IsOkAndHolds("x"));
  EXPECT_THAT(WriteFileAtomically(env(), File("no/f"), "x"), HasReason(Reason::kFileNotFound));
}

INSTANTIATE_TEST_SUITE_P(Disks, AtomicFileTest, ::testing::Values(Disk::kReal, Disk::kMemory),
                         NameOf);

}  // namespace
}  // namespace md2::base
