// What only the disk in memory does; what it shares with the real one is in
// tests/unit/core/base/file_env_test.cc.

#include "tests/testing/mem_file_env.h"

#include <memory>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace md2::testing {
namespace {

using base::Reason;
using ::testing::ElementsAre;

absl::Span<const uint8_t> Bytes(absl::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

absl::Status Fault() { return absl::DataLossError("ordered by the test"); }

std::unique_ptr<base::WritableFile> Create(MemFileEnv& env, const std::string& path) {
  auto file = env.CreateForWrite(path);
  EXPECT_THAT(file, IsOk());
  return *std::move(file);
}

TEST(MemFileEnv, PutAndGetWorkWithoutTheDisk) {
  MemFileEnv env;
  env.FailFrom(0, Fault());
  env.Put("/a/b/f", "x");
  EXPECT_EQ(env.Get("/a/b/f"), "x");
  EXPECT_EQ(env.Get("a//b/./f"), "x");
  EXPECT_EQ(env.Get("/a/b"), absl::nullopt);
  EXPECT_THAT(env.Files(), ElementsAre("/a/b/f"));
  EXPECT_EQ(env.num_operations(), 0);
}

TEST(MemFileEnv, UnsyncedBytesAreLost) {
  for (const PowerLoss loss : {PowerLoss::kDataAndNames, PowerLoss::kDataOnly}) {
    MemFileEnv env;
    env.Put("/f", "old");
    const auto file = Create(env, "/f");
    EXPECT_THAT(file->Append(Bytes("ab")), IsOk());
    EXPECT_THAT(file->Sync(), IsOk());
    EXPECT_THAT(file->Append(Bytes("cd")), IsOk());
    EXPECT_EQ(env.Get("/f"), "abcd");
    env.DropUnsynced(loss);
    EXPECT_EQ(env.Get("/f"), "ab");
  }
}

TEST(MemFileEnv, ANewNameIsLostUnlessItsFolderWasSynced) {
  MemFileEnv env;
  EXPECT_THAT(Create(env, "/f")->Sync(), IsOk());
  env.DropUnsynced(PowerLoss::kDataAndNames);
  EXPECT_THAT(env.Files(), ElementsAre());
  EXPECT_THAT(Create(env, "/f")->Sync(), IsOk());
  EXPECT_THAT(env.SyncDirectory("/"), IsOk());
  env.DropUnsynced(PowerLoss::kDataAndNames);
  EXPECT_THAT(env.Files(), ElementsAre("/f"));
}

TEST(MemFileEnv, ARenameIsUndoneUnlessItsFolderWasSynced) {
  MemFileEnv env;
  env.Put("/d/a", "new");
  env.Put("/d/b", "old");
  EXPECT_THAT(env.Rename("/d/a", "/d/b"), IsOk());
  EXPECT_THAT(env.SyncDirectory("/"), IsOk());  // another folder
  env.DropUnsynced(PowerLoss::kDataAndNames);
  EXPECT_EQ(env.Get("/d/a"), "new");
  EXPECT_EQ(env.Get("/d/b"), "old");
  EXPECT_THAT(env.Rename("/d/a", "/d/b"), IsOk());
  EXPECT_THAT(env.SyncDirectory("/d"), IsOk());
  env.DropUnsynced(PowerLoss::kDataAndNames);
  EXPECT_EQ(env.Get("/d/a"), absl::nullopt);
  EXPECT_EQ(env.Get("/d/b"), "new");
}

TEST(MemFileEnv, ARemovedFileComesBackUnlessItsFolderWasSynced) {
  MemFileEnv env;
  env.Put("/f", "x");
  EXPECT_THAT(env.RemoveFile("/f"), IsOk());
  env.DropUnsynced(PowerLoss::kDataAndNames);
  EXPECT_EQ(env.Get("/f"), "x");
  EXPECT_THAT(env.RemoveFile("/f"), IsOk());
  EXPECT_THAT(env.SyncDirectory("/"), IsOk());
  env.DropUnsynced(PowerLoss::kDataAndNames);
  EXPECT_EQ(env.Get("/f"), absl::nullopt);
}

TEST(MemFileEnv, ARenamedFolderIsWhereItWasUnlessItsFolderWasSynced) {
  MemFileEnv env;
  env.Put("/d/a/f", "x");
  EXPECT_THAT(env.Rename("/d/a", "/d/b"), IsOk());
  EXPECT_THAT(Create(env, "/d/b/g")->Sync(), IsOk());
  EXPECT_THAT(env.SyncDirectory("/d/b"), IsOk());  // what is in it, not what it is called
  env.DropUnsynced(PowerLoss::kDataAndNames);
  EXPECT_THAT(env.Files(), ElementsAre("/d/a/f", "/d/a/g"));
  EXPECT_THAT(env.Rename("/d/a", "/d/b"), IsOk());
  EXPECT_THAT(env.SyncDirectory("/d"), IsOk());
  env.DropUnsynced(PowerLoss::kDataAndNames);
  EXPECT_THAT(env.Files(), ElementsAre("/d/b/f", "/d/b/g"));
  EXPECT_THAT(env.Stat("/d/a"), HasReason(Reason::kFileNotFound));
}

TEST(MemFileEnv, TwoFoldersThatChangePlacesDoSoOnTheDiskInThatOrder) {
  MemFileEnv env;
  env.Put("/d/old", "a file, so that names and folders differ");
  env.Put("/d/a/f", "1");
  env.Put("/d/b/f", "2");
  EXPECT_THAT(env.Rename("/d/a", "/d/c"), IsOk());
  EXPECT_THAT(env.Rename("/d/b", "/d/a"), IsOk());
  EXPECT_THAT(env.SyncDirectory("/d"), IsOk());
  env.DropUnsynced(PowerLoss::kDataAndNames);
  EXPECT_EQ(env.Get("/d/c/f"), "1");
  EXPECT_EQ(env.Get("/d/a/f"), "2");
  EXPECT_EQ(env.Get("/d/b/f"), absl::nullopt);
}

TEST(MemFileEnv, ARemovedFolderComesBackUnlessItsFolderWasSynced) {
  MemFileEnv env;
  env.Put("/d/a/f", "x");
  for (const bool is_synced : {false, true}) {
    EXPECT_THAT(env.RemoveFile("/d/a/f"), IsOk());
    EXPECT_THAT(env.RemoveDirectory("/d/a"), IsOk());
    EXPECT_THAT(env.Stat("/d/a"), HasReason(Reason::kFileNotFound));
    if (is_synced) {
      EXPECT_THAT(env.SyncDirectory("/d"), IsOk());
    }
    env.DropUnsynced(PowerLoss::kDataAndNames);
    EXPECT_EQ(env.Get("/d/a/f").has_value(), !is_synced);
  }
  EXPECT_THAT(env.Stat("/d/a"), HasReason(Reason::kFileNotFound));
}

TEST(MemFileEnv, AFolderMadeAgainIsEmptyAfterAPowerLoss) {
  MemFileEnv env;
  env.Put("/d/a/f", "x");
  EXPECT_THAT(env.RemoveFile("/d/a/f"), IsOk());
  EXPECT_THAT(env.RemoveDirectory("/d/a"), IsOk());
  EXPECT_THAT(env.CreateDirectories("/d/a"), IsOk());
  env.DropUnsynced(PowerLoss::kDataAndNames);
  EXPECT_THAT(env.Files(), ElementsAre());
  EXPECT_THAT(env.Stat("/d/a"), IsOk());
}

TEST(MemFileEnv, ALockGoesAlongWithItsFolder) {
  MemFileEnv env;
  env.Put("/d/a/lock", "");
  const auto lock = env.LockShared("/d/a/lock");
  EXPECT_THAT(env.Rename("/d/a", "/d/b"), IsOk());
  EXPECT_THAT(env.Lock("/d/b/lock"), HasReason(Reason::kFileExists));
}

TEST(MemFileEnv, FreeBytesIsWhatTheFilesLeave) {
  MemFileEnv env;
  env.Put("/f", "abc");
  env.SetCapacity(10);
  EXPECT_THAT(env.FreeBytes("/"), IsOkAndHolds(7u));
  env.SetCapacity(2);
  EXPECT_THAT(env.FreeBytes("/f"), IsOkAndHolds(0u));
}

TEST(MemFileEnv, LosingDataOnlyKeepsTheEmptyingOfAFile) {
  for (const PowerLoss loss : {PowerLoss::kDataAndNames, PowerLoss::kDataOnly}) {
    MemFileEnv env;
    env.Put("/f", "old");
    EXPECT_THAT(Create(env, "/f")->Append(Bytes("new")), IsOk());
    env.DropUnsynced(loss);
    EXPECT_EQ(env.Get("/f"), loss == PowerLoss::kDataOnly ? "" : "old");
  }
}

TEST(MemFileEnv, LosingDataOnlyKeepsARenameOfAFileThatWasNeverSynced) {
  MemFileEnv env;
  env.Put("/f", "old");
  EXPECT_THAT(Create(env, "/t")->Append(Bytes("new")), IsOk());
  EXPECT_THAT(env.Rename("/t", "/f"), IsOk());
  env.DropUnsynced(PowerLoss::kDataOnly);
  EXPECT_EQ(env.Get("/f"), "");
}

TEST(MemFileEnv, FailOnceFailsThatOperationOnly) {
  MemFileEnv env;
  env.Put("/f", "x");
  env.FailOnce(1, Fault());
  EXPECT_THAT(env.Stat("/f"), IsOk());
  EXPECT_THAT(env.Stat("/f"), StatusIs(absl::StatusCode::kDataLoss, "ordered by the test"));
  EXPECT_THAT(env.Stat("/f"), IsOk());
  EXPECT_EQ(env.num_operations(), 3);
}

TEST(MemFileEnv, FailFromFailsAllThatFollow) {
  MemFileEnv env;
  env.Put("/f", "x");
  env.FailFrom(1, Fault());
  EXPECT_THAT(env.Stat("/f"), IsOk());
  EXPECT_THAT(env.Stat("/f"), StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_THAT(env.ListDirectory("/"), StatusIs(absl::StatusCode::kDataLoss));
  env.ClearFaults();
  EXPECT_THAT(env.Stat("/f"), IsOk());
}

TEST(MemFileEnv, EveryOperationCanFailAndChangesNothing) {
  MemFileEnv env;
  env.Put("/f", "x");
  const auto reader = *env.OpenForRead("/f");
  const auto writer = Create(env, "/g");
  env.FailFrom(0, Fault());
  std::vector<uint8_t> out(1);
  const std::vector<absl::Status> statuses = {
      env.OpenForRead("/f").status(), env.CreateForWrite("/f").status(),
      env.Rename("/f", "/h"),         env.RemoveFile("/f"),
      env.CreateDirectories("/d"),    env.SyncDirectory("/"),
      env.Stat("/f").status(),        env.ListDirectory("/").status(),
      env.Lock("/l").status(),        reader->ReadAt(0, absl::MakeSpan(out)),
      env.LockShared("/f").status(),  env.OpenForAppend("/f").status(),
      env.RemoveDirectory("/d"),      env.FreeBytes("/").status(),
      reader->Map().status(),         writer->Sync(),
      writer->Append(Bytes("")),      writer->Close(),
  };
  for (const absl::Status& status : statuses) EXPECT_EQ(status, Fault());
  env.ClearFaults();
  EXPECT_THAT(env.ListDirectory("/"), IsOkAndHolds(ElementsAre("f", "g")));
  EXPECT_EQ(env.Get("/f"), "x");
}

TEST(MemFileEnv, AFailingAppendLeavesHalfAndTheFileGoesOnFailing) {
  MemFileEnv env;
  const auto file = Create(env, "/f");
  env.FailOnce(0, Fault());
  EXPECT_EQ(file->Append(Bytes("abcd")), Fault());
  EXPECT_EQ(file->Append(Bytes("efgh")), Fault());
  EXPECT_EQ(file->Sync(), Fault());
  EXPECT_EQ(env.Get("/f"), "ab");
}

TEST(MemFileEnv, FailPathFailsThatPathOnly) {
  MemFileEnv env;
  env.Put("/f", "x");
  env.Put("/g", "x");
  env.FailPath("/f", Fault());
  EXPECT_EQ(env.OpenForRead("/f").status(), Fault());
  EXPECT_EQ(env.Rename("/g", "/f"), Fault());
  EXPECT_THAT(env.OpenForRead("/g"), IsOk());
}

TEST(MemFileEnv, AFullDiskCutsTheAppend) {
  MemFileEnv env;
  env.Put("/f", "12345");
  env.SetCapacity(8);
  const auto file = Create(env, "/g");
  EXPECT_THAT(file->Append(Bytes("ab")), IsOk());
  const absl::Status status = file->Append(Bytes("cd"));
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kResourceExhausted,
                               "cannot write, no space left on the disk (free some and try "
                               "again): /g"));
  EXPECT_THAT(status, HasReason(Reason::kStorageFull));
  EXPECT_EQ(env.Get("/g"), "abc");
}

TEST(MemFileEnv, APowerLossClosesWhatWasOpenAndFreesLocks) {
  MemFileEnv env;
  env.Put("/f", "x");
  const auto reader = *env.OpenForRead("/f");
  const auto writer = Create(env, "/f");
  auto lock = *env.Lock("/lock");
  env.FailFrom(100, Fault());
  env.DropUnsynced(PowerLoss::kDataAndNames);
  std::vector<uint8_t> out(1);
  EXPECT_THAT(reader->ReadAt(0, absl::MakeSpan(out)), HasReason(Reason::kStorageUnavailable));
  EXPECT_THAT(writer->Append(Bytes("ab")), HasReason(Reason::kStorageUnavailable));
  EXPECT_THAT(writer->Sync(), HasReason(Reason::kStorageUnavailable));
  EXPECT_EQ(env.Get("/f"), "x");
  const auto new_lock = env.Lock("/lock");
  EXPECT_THAT(new_lock, IsOk());
  lock.reset();  // the old holder frees nothing of the new one's
  EXPECT_THAT(env.Lock("/lock"), HasReason(Reason::kFileExists));
}

}  // namespace
}  // namespace md2::testing
