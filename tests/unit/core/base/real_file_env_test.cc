// What only a real disk can show.

#include <dirent.h>
#include <fcntl.h>
#include <sys/fsuid.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "core/base/file_env.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_folder.h"

namespace md2::base {
namespace {

using absl::StatusCode;
using testing::HasReason;
using testing::IsOk;
using testing::IsOkAndHolds;
using testing::StatusIs;
using testing::TempFolder;

absl::Span<const uint8_t> Bytes(absl::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

// The flags of the descriptor that this process has open for `path`; -1 without one.
int DescriptorFlags(const std::string& path) {
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    std::error_code gone;
    if (std::filesystem::read_symlink(entry.path(), gone) != path) continue;
    return ::fcntl(std::atoi(entry.path().filename().c_str()), F_GETFD);
  }
  return -1;
}

mode_t ModeOf(const std::string& path) {
  struct stat info{};
  EXPECT_EQ(::stat(path.c_str(), &info), 0);
  return info.st_mode & 0777;
}

TEST(RealFileEnv, RefusesAPipeWithoutWaitingForIt) {
  const TempFolder temp;
  ASSERT_EQ(::mkfifo(temp.File("pipe").c_str(), 0600), 0);
  EXPECT_THAT(RealFileEnv()->OpenForRead(temp.File("pipe")).status(),
              StatusIs(StatusCode::kFailedPrecondition,
                       "expected a file, found a pipe: " + temp.File("pipe")));
}

TEST(RealFileEnv, RefusesADeviceAsAFile) {
  EXPECT_THAT(
      RealFileEnv()->OpenForRead("/dev/zero").status(),
      StatusIs(StatusCode::kFailedPrecondition, "expected a file, found a device: /dev/zero"));
}

TEST(RealFileEnv, FollowsLinksAndRefusesLoops) {
  const TempFolder temp;
  ASSERT_THAT(WriteFileAtomically(*RealFileEnv(), temp.File("f"), "x"), IsOk());
  std::filesystem::create_symlink(temp.File("f"), temp.File("link"));
  std::filesystem::create_symlink(temp.File("loop"), temp.File("loop"));
  EXPECT_THAT(ReadWholeFile(*RealFileEnv(), temp.File("link"), 10), IsOkAndHolds("x"));
  EXPECT_THAT(RealFileEnv()->OpenForRead(temp.File("loop")).status(),
              StatusIs(StatusCode::kFailedPrecondition,
                       "cannot open for reading, too many symbolic links: " + temp.File("loop")));
}

TEST(RealFileEnv, SaysPermissionDenied) {
  const TempFolder temp;
  ASSERT_THAT(WriteFileAtomically(*RealFileEnv(), temp.File("f"), "x"), IsOk());
  ASSERT_EQ(::chmod(temp.File("f").c_str(), 0), 0);
  // Root reads everything; this thread looks at the disk as somebody else meanwhile.
  constexpr uid_t kNobody = 65534;
  const bool is_root = ::geteuid() == 0;
  if (is_root) ::setfsuid(kNobody);
  const absl::Status status = RealFileEnv()->OpenForRead(temp.File("f")).status();
  if (is_root) ::setfsuid(0);
  EXPECT_THAT(status, StatusIs(StatusCode::kPermissionDenied,
                               "cannot open for reading, permission denied (check the modes of "
                               "the file and of its folders): " +
                                   temp.File("f")));
  EXPECT_THAT(status, HasReason(Reason::kFilePermission));
}

TEST(RealFileEnv, SaysStorageFullAndGoesOnFailing) {
  MD2_ASSERT_OK_AND_ASSIGN(const auto file, RealFileEnv()->CreateForWrite("/dev/full"));
  ASSERT_THAT(file->Append(Bytes("x")), IsOk());  // held back
  const absl::Status status = file->Sync();
  EXPECT_THAT(status, StatusIs(StatusCode::kResourceExhausted,
                               "cannot write, no space left on the disk (free some and try "
                               "again): /dev/full"));
  EXPECT_THAT(status, HasReason(Reason::kStorageFull));
  EXPECT_EQ(file->Append(Bytes("y")), status);
  EXPECT_EQ(file->Sync(), status);
  EXPECT_EQ(file->Close(), status);
}

TEST(RealFileEnv, DescriptorsAreNotInherited) {
  const TempFolder temp;
  const std::string path = std::filesystem::canonical(temp.path()).string() + "/f";
  {
    MD2_ASSERT_OK_AND_ASSIGN(const auto file, RealFileEnv()->CreateForWrite(path));
    EXPECT_EQ(DescriptorFlags(path), FD_CLOEXEC);
  }
  {
    MD2_ASSERT_OK_AND_ASSIGN(const auto file, RealFileEnv()->OpenForRead(path));
    EXPECT_EQ(DescriptorFlags(path), FD_CLOEXEC);
  }
  {
    MD2_ASSERT_OK_AND_ASSIGN(const auto lock, RealFileEnv()->Lock(path));
    EXPECT_EQ(DescriptorFlags(path), FD_CLOEXEC);
  }
  EXPECT_EQ(DescriptorFlags(path), -1);
}

TEST(RealFileEnv, OthersGetNoRights) {
  const TempFolder temp;
  const mode_t old_mask = ::umask(0);
  ASSERT_THAT(WriteFileAtomically(*RealFileEnv(), temp.File("f"), "x"), IsOk());
  ASSERT_THAT(RealFileEnv()->CreateDirectories(temp.File("d")), IsOk());
  ::umask(old_mask);
  EXPECT_EQ(ModeOf(temp.File("f")), 0640u);
  EXPECT_EQ(ModeOf(temp.File("d")), 0750u);
}

TEST(RealFileEnv, TheNewFileOfARenameKeepsAnOpenMapOfTheOldOne) {
  const TempFolder temp;
  ASSERT_THAT(WriteFileAtomically(*RealFileEnv(), temp.File("f"), "old"), IsOk());
  MD2_ASSERT_OK_AND_ASSIGN(const auto file, RealFileEnv()->OpenForRead(temp.File("f")));
  MD2_ASSERT_OK_AND_ASSIGN(const auto region, file->Map());
  ASSERT_THAT(WriteFileAtomically(*RealFileEnv(), temp.File("f"), "new"), IsOk());
  EXPECT_EQ(std::string(region->bytes().begin(), region->bytes().end()), "old");
}

TEST(RealFileEnv, AtomicFileTakesARelativePath) {
  const TempFolder temp;
  const std::filesystem::path before = std::filesystem::current_path();
  std::filesystem::current_path(temp.path());
  const absl::Status status = WriteFileAtomically(*RealFileEnv(), "f", "x");
  std::filesystem::current_path(before);
  ASSERT_THAT(status, IsOk());
  EXPECT_THAT(ReadWholeFile(*RealFileEnv(), temp.File("f"), 10), IsOkAndHolds("x"));
}

}  // namespace
}  // namespace md2::base
