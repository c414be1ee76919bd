// What every FileEnv promises, asked of the real disk and of the one in memory.

#include "core/base/file_env.h"

#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/core/base/each_disk.h"

namespace md2::base {
namespace {

using absl::StatusCode;
using ::testing::ElementsAre;
using testing::HasReason;
using testing::IsOk;
using testing::IsOkAndHolds;
using testing::StatusIs;

using FileEnvTest = EachDiskTest;

TEST_P(FileEnvTest, ReadsBackWhatWasAppended) {
  MD2_ASSERT_OK_AND_ASSIGN(const auto file, env().CreateForWrite(File("f")));
  ASSERT_THAT(file->Append(Bytes("ab")), IsOk());
  ASSERT_THAT(file->Append(Bytes("")), IsOk());
  ASSERT_THAT(file->Append(Bytes("cd")), IsOk());
  ASSERT_THAT(file->Close(), IsOk());
  EXPECT_THAT(Read(File("f")), IsOkAndHolds("abcd"));
}

TEST_P(FileEnvTest, ReadsBackPiecesLargerAndSmallerThanAnyBuffer) {
  std::string expected;
  MD2_ASSERT_OK_AND_ASSIGN(const auto file, env().CreateForWrite(File("f")));
  for (const size_t size : {10u, 65530u, 70000u, 3u, 65536u, 65537u, 1u}) {
    const std::string piece(size, static_cast<char>('a' + expected.size() % 26));
    expected += piece;
    ASSERT_THAT(file->Append(Bytes(piece)), IsOk());
  }
  ASSERT_THAT(file->Sync(), IsOk());
  ASSERT_THAT(file->Close(), IsOk());
  EXPECT_TRUE(*Read(File("f")) == expected);
}

TEST_P(FileEnvTest, SyncedBytesAreReadableBeforeClose) {
  MD2_ASSERT_OK_AND_ASSIGN(const auto file, env().CreateForWrite(File("f")));
  ASSERT_THAT(file->Append(Bytes("ab")), IsOk());
  ASSERT_THAT(file->Sync(), IsOk());
  EXPECT_THAT(Read(File("f")), IsOkAndHolds("ab"));
}

TEST_P(FileEnvTest, CreateForWriteEmptiesAnExistingFile) {
  Write(File("f"), "long content");
  Write(File("f"), "x");
  EXPECT_THAT(Read(File("f")), IsOkAndHolds("x"));
}

TEST_P(FileEnvTest, ReadAtFillsFromTheOffset) {
  Write(File("f"), "0123456789");
  MD2_ASSERT_OK_AND_ASSIGN(const auto file, env().OpenForRead(File("f")));
  EXPECT_EQ(file->size_bytes(), 10u);
  std::vector<uint8_t> out(4);
  ASSERT_THAT(file->ReadAt(6, absl::MakeSpan(out)), IsOk());
  EXPECT_EQ(Text(out), "6789");
  EXPECT_THAT(file->ReadAt(10, {}), IsOk());
}

TEST_P(FileEnvTest, ReadAtPastTheEndSaysHowMuchWasThere) {
  Write(File("f"), "0123456789");
  MD2_ASSERT_OK_AND_ASSIGN(const auto file, env().OpenForRead(File("f")));
  std::vector<uint8_t> out(4);
  const absl::Status status = file->ReadAt(8, absl::MakeSpan(out));
  EXPECT_THAT(status, StatusIs(StatusCode::kOutOfRange,
                               "expected 4 bytes at byte 8, found 2 before the end of the file: " +
                                   File("f")));
  EXPECT_THAT(status, HasReason(Reason::kFileTruncated));
  const uint64_t huge = std::numeric_limits<uint64_t>::max() - 1;
  EXPECT_THAT(file->ReadAt(huge, absl::MakeSpan(out)), HasReason(Reason::kFileTruncated));
}

TEST_P(FileEnvTest, MapShowsTheWholeFileAndOutlivesIt) {
  Write(File("f"), "0123456789");
  MD2_ASSERT_OK_AND_ASSIGN(auto file, env().OpenForRead(File("f")));
  MD2_ASSERT_OK_AND_ASSIGN(const auto region, file->Map());
  file.reset();
  EXPECT_EQ(Text(region->bytes()), "0123456789");
}

TEST_P(FileEnvTest, MapOfAnEmptyFileIsEmpty) {
  Write(File("f"), "");
  MD2_ASSERT_OK_AND_ASSIGN(const auto file, env().OpenForRead(File("f")));
  MD2_ASSERT_OK_AND_ASSIGN(const auto region, file->Map());
  EXPECT_TRUE(region->bytes().empty());
}

TEST_P(FileEnvTest, OpeningNothingIsFileNotFound) {
  const absl::Status status = env().OpenForRead(File("none")).status();
  EXPECT_THAT(status, StatusIs(StatusCode::kNotFound,
                               "cannot open for reading, no such file or folder: " + File("none")));
  EXPECT_THAT(status, HasReason(Reason::kFileNotFound));
}

TEST_P(FileEnvTest, OpeningAFolderIsFileNotRegular) {
  const absl::Status status = env().OpenForRead(folder()).status();
  EXPECT_THAT(status, StatusIs(StatusCode::kFailedPrecondition,
                               "expected a file, found a folder: " + folder()));
  EXPECT_THAT(status, HasReason(Reason::kFileNotRegular));
}

TEST_P(FileEnvTest, OpeningBelowAFileIsFileNotRegular) {
  Write(File("f"), "");
  EXPECT_THAT(env().OpenForRead(File("f/g")).status(),
              StatusIs(StatusCode::kFailedPrecondition,
                       "cannot open for reading, expected a folder, found a file in the path: " +
                           File("f/g")));
}

TEST_P(FileEnvTest, CreatingInAMissingFolderIsFileNotFound) {
  EXPECT_THAT(env().CreateForWrite(File("no/f")).status(),
              StatusIs(StatusCode::kNotFound,
                       "cannot open for writing, no such file or folder: " + File("no/f")));
}

TEST_P(FileEnvTest, CreatingOverAFolderIsFileNotRegular) {
  EXPECT_THAT(env().CreateForWrite(folder()).status(),
              StatusIs(StatusCode::kFailedPrecondition,
                       "cannot open for writing, expected a file, found a folder: " + folder()));
}

TEST_P(FileEnvTest, RenameReplacesTheTarget) {
  Write(File("new"), "new");
  Write(File("old"), "old");
  ASSERT_THAT(env().Rename(File("new"), File("old")), IsOk());
  EXPECT_THAT(Read(File("old")), IsOkAndHolds("new"));
  EXPECT_THAT(env().Stat(File("new")), HasReason(Reason::kFileNotFound));
}

TEST_P(FileEnvTest, RenamingNothingNamesBothPaths) {
  EXPECT_THAT(env().Rename(File("a"), File("b")),
              StatusIs(StatusCode::kNotFound,
                       "cannot rename, no such file or folder: " + File("a") + " to " + File("b")));
}

TEST_P(FileEnvTest, RenamingAFileOverAFolderIsFileNotRegular) {
  Write(File("f"), "");
  ASSERT_THAT(env().CreateDirectories(File("d")), IsOk());
  EXPECT_THAT(env().Rename(File("f"), File("d")), HasReason(Reason::kFileNotRegular));
}

TEST_P(FileEnvTest, RenamingAFolderTakesItsContentAlong) {
  ASSERT_THAT(env().CreateDirectories(File("old/deep")), IsOk());
  Write(File("old/f"), "1");
  Write(File("old/deep/g"), "2");
  ASSERT_THAT(env().CreateDirectories(File("new")), IsOk());  // empty, so that it is replaced
  ASSERT_THAT(env().Rename(File("old"), File("new")), IsOk());
  EXPECT_THAT(Read(File("new/f")), IsOkAndHolds("1"));
  EXPECT_THAT(Read(File("new/deep/g")), IsOkAndHolds("2"));
  EXPECT_THAT(env().Stat(File("old")), HasReason(Reason::kFileNotFound));
}

TEST_P(FileEnvTest, RenamingAFolderOverOneWithContentIsRefused) {
  ASSERT_THAT(env().CreateDirectories(File("a")), IsOk());
  ASSERT_THAT(env().CreateDirectories(File("b")), IsOk());
  Write(File("b/f"), "");
  EXPECT_THAT(env().Rename(File("a"), File("b")),
              StatusIs(StatusCode::kAlreadyExists, "cannot rename, the folder is not empty: " +
                                                       File("a") + " to " + File("b")));
  EXPECT_THAT(env().Rename(File("a"), File("b/f")), ::testing::Not(IsOk()));
}

TEST_P(FileEnvTest, RemoveDirectoryTakesAnEmptyFolderOnly) {
  ASSERT_THAT(env().CreateDirectories(File("d")), IsOk());
  Write(File("d/f"), "");
  EXPECT_THAT(env().RemoveDirectory(File("d")), HasReason(Reason::kFileExists));
  EXPECT_THAT(env().RemoveDirectory(File("d/f")), HasReason(Reason::kFileNotRegular));
  ASSERT_THAT(env().RemoveFile(File("d/f")), IsOk());
  ASSERT_THAT(env().RemoveDirectory(File("d")), IsOk());
  EXPECT_THAT(env().RemoveDirectory(File("d")),
              StatusIs(StatusCode::kNotFound,
                       "cannot remove the folder, no such file or folder: " + File("d")));
}

TEST_P(FileEnvTest, RemoveTreeTakesAllThatIsThere) {
  ASSERT_THAT(env().CreateDirectories(File("d/deep")), IsOk());
  Write(File("d/deep/f"), "");
  Write(File("d/g"), "");
  Write(File("other"), "");
  EXPECT_THAT(RemoveTree(env(), File("d")), IsOk());
  EXPECT_THAT(RemoveTree(env(), File("d")), IsOk());
  EXPECT_THAT(env().ListDirectory(folder()), IsOkAndHolds(ElementsAre("other")));
  EXPECT_THAT(RemoveTree(env(), File("other")), IsOk());
  EXPECT_THAT(env().ListDirectory(folder()), IsOkAndHolds(ElementsAre()));
}

TEST_P(FileEnvTest, OpenForAppendWritesBehindWhatIsThereAtOnce) {
  MD2_ASSERT_OK_AND_ASSIGN(auto file, env().OpenForAppend(File("f")));
  ASSERT_THAT(file->Append(Bytes("ab")), IsOk());
  EXPECT_THAT(Read(File("f")), IsOkAndHolds("ab"));
  ASSERT_THAT(file->Close(), IsOk());
  MD2_ASSERT_OK_AND_ASSIGN(file, env().OpenForAppend(File("f")));
  ASSERT_THAT(file->Append(Bytes("cd")), IsOk());
  ASSERT_THAT(file->Sync(), IsOk());
  EXPECT_THAT(Read(File("f")), IsOkAndHolds("abcd"));
  EXPECT_THAT(env().OpenForAppend(folder()), HasReason(Reason::kFileNotRegular));
}

TEST_P(FileEnvTest, RemoveFileTakesTheNameAway) {
  Write(File("f"), "");
  ASSERT_THAT(env().RemoveFile(File("f")), IsOk());
  EXPECT_THAT(
      env().RemoveFile(File("f")),
      StatusIs(StatusCode::kNotFound, "cannot remove, no such file or folder: " + File("f")));
}

TEST_P(FileEnvTest, RemovingAFolderAsAFileIsRefused) {
  EXPECT_THAT(env().RemoveFile(folder()), HasReason(Reason::kFileNotRegular));
}

TEST_P(FileEnvTest, CreateDirectoriesMakesParentsAndAcceptsWhatIsThere) {
  ASSERT_THAT(env().CreateDirectories(File("a/b/c")), IsOk());
  ASSERT_THAT(env().CreateDirectories(File("a/b/c/")), IsOk());
  MD2_ASSERT_OK_AND_ASSIGN(const FileInfo info, env().Stat(File("a/b")));
  EXPECT_TRUE(info.is_directory);
  EXPECT_FALSE(info.is_regular);
}

TEST_P(FileEnvTest, CreateDirectoriesOverAFileIsFileNotRegular) {
  Write(File("f"), "");
  for (const std::string& path : {File("f"), File("f/g")}) {
    const absl::Status status = env().CreateDirectories(path);
    EXPECT_THAT(status, StatusIs(StatusCode::kFailedPrecondition,
                                 "expected a folder, found a file: " + File("f")));
    EXPECT_THAT(status, HasReason(Reason::kFileNotRegular));
  }
}

TEST_P(FileEnvTest, SyncDirectoryNeedsAFolder) {
  Write(File("f"), "");
  EXPECT_THAT(env().SyncDirectory(folder()), IsOk());
  EXPECT_THAT(env().SyncDirectory(File("none")), HasReason(Reason::kFileNotFound));
  EXPECT_THAT(env().SyncDirectory(File("f")), HasReason(Reason::kFileNotRegular));
}

TEST_P(FileEnvTest, StatTellsSizeAndKind) {
  Write(File("f"), "abc");
  MD2_ASSERT_OK_AND_ASSIGN(const FileInfo info, env().Stat(File("f")));
  EXPECT_EQ(info.size_bytes, 3u);
  EXPECT_TRUE(info.is_regular);
  EXPECT_FALSE(info.is_directory);
  EXPECT_THAT(
      env().Stat(File("none")).status(),
      StatusIs(StatusCode::kNotFound, "cannot look up, no such file or folder: " + File("none")));
}

TEST_P(FileEnvTest, TouchMakesAFileTheLastOneChanged) {
  Write(File("a"), "abc");
  Write(File("b"), "abc");
  for (const char* name : {"b", "a", "b"}) {
    const std::string other = *name == 'a' ? "b" : "a";
    ASSERT_THAT(env().Touch(File(name)), IsOk());
    MD2_ASSERT_OK_AND_ASSIGN(const FileInfo touched, env().Stat(File(name)));
    MD2_ASSERT_OK_AND_ASSIGN(const FileInfo untouched, env().Stat(File(other)));
    EXPECT_GT(touched.modified, untouched.modified);
  }
  EXPECT_THAT(Read(File("b")), IsOkAndHolds("abc"));
  EXPECT_THAT(env().Touch(File("none")),
              StatusIs(StatusCode::kNotFound,
                       "cannot set the time of, no such file or folder: " + File("none")));
}

TEST_P(FileEnvTest, ListDirectoryIsSortedAndHoldsFoldersToo) {
  Write(File("b"), "");
  Write(File("a"), "");
  ASSERT_THAT(env().CreateDirectories(File("c/d")), IsOk());
  EXPECT_THAT(env().ListDirectory(folder()), IsOkAndHolds(ElementsAre("a", "b", "c")));
  EXPECT_THAT(env().ListDirectory(File("none")), HasReason(Reason::kFileNotFound));
  EXPECT_THAT(env().ListDirectory(File("a")), HasReason(Reason::kFileNotRegular));
}

TEST_P(FileEnvTest, LockExcludesOthersUntilItIsDestroyed) {
  MD2_ASSERT_OK_AND_ASSIGN(std::unique_ptr<FileLock> lock, env().Lock(File("lock")));
  const absl::Status refused = env().Lock(File("lock")).status();
  EXPECT_THAT(refused, StatusIs(StatusCode::kAlreadyExists,
                                "cannot lock, someone else holds the lock: " + File("lock")));
  EXPECT_THAT(refused, HasReason(Reason::kFileExists));
  lock.reset();
  EXPECT_THAT(env().Lock(File("lock")), IsOk());
}

TEST_P(FileEnvTest, SharedLocksExcludeALockAloneAndNotEachOther) {
  EXPECT_THAT(env().LockShared(File("lock")), HasReason(Reason::kFileNotFound));
  Write(File("lock"), "");
  MD2_ASSERT_OK_AND_ASSIGN(std::unique_ptr<FileLock> first, env().LockShared(File("lock")));
  MD2_ASSERT_OK_AND_ASSIGN(std::unique_ptr<FileLock> second, env().LockShared(File("lock")));
  first.reset();
  EXPECT_THAT(env().Lock(File("lock")), HasReason(Reason::kFileExists));
  second.reset();
  MD2_ASSERT_OK_AND_ASSIGN(const auto alone, env().Lock(File("lock")));
  EXPECT_THAT(env().LockShared(File("lock")),
              StatusIs(StatusCode::kAlreadyExists,
                       "cannot lock, someone else holds the lock: " + File("lock")));
}

TEST_P(FileEnvTest, FreeBytesNeedsAPathThatIsThere) {
  MD2_ASSERT_OK_AND_ASSIGN(const uint64_t free, env().FreeBytes(folder()));
  EXPECT_GT(free, 0u);
  EXPECT_THAT(env().FreeBytes(File("none")), HasReason(Reason::kFileNotFound));
}

TEST_P(FileEnvTest, WhatIsNotThereYetWillLieInTheNearestFolderThatIs) {
  Write(File("f"), "x");
  EXPECT_THAT(NearestExisting(env(), folder()), IsOkAndHolds(folder()));
  EXPECT_THAT(NearestExisting(env(), File("none")), IsOkAndHolds(folder()));
  EXPECT_THAT(NearestExisting(env(), File("no/such/folder/")), IsOkAndHolds(folder()));
  EXPECT_THAT(NearestExisting(env(), "none"), IsOkAndHolds("."));
  EXPECT_THAT(NearestExisting(env(), File("f/below/a/file")), HasReason(Reason::kFileNotRegular));
}

TEST_P(FileEnvTest, FilesOfOneDiskSayThatTheyAre) {
  Write(File("f"), "x");
  EXPECT_EQ(env().Stat(File("f"))->disk, env().Stat(folder())->disk);
}

TEST_P(FileEnvTest, ReadWholeFileRefusesMoreThanItsLimit) {
  Write(File("f"), "12345");
  EXPECT_THAT(ReadWholeFile(env(), File("f"), 5), IsOkAndHolds("12345"));
  const absl::Status status = ReadWholeFile(env(), File("f"), 4).status();
  EXPECT_THAT(status, StatusIs(StatusCode::kInvalidArgument,
                               "expected a file of at most 4 bytes, found 5: " + File("f")));
  EXPECT_THAT(status, HasReason(Reason::kFileTooLarge));
}

INSTANTIATE_TEST_SUITE_P(Disks, FileEnvTest, ::testing::Values(Disk::kReal, Disk::kMemory), NameOf);

}  // namespace
}  // namespace md2::base
