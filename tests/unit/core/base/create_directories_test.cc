// Which folders the real disk is asked to sync. This program's fsync stands before the system's.

#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <string>
#include <vector>

#include "core/base/file_env.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_folder.h"

namespace {

struct Syncs {
  bool is_watched = false;
  std::string failing_path;  // whose sync fails
  std::vector<std::string> paths;
};
Syncs syncs;

}  // namespace

extern "C" int fsync(int fd) {
  if (syncs.is_watched) {
    const std::string path = std::filesystem::read_symlink("/proc/self/fd/" + std::to_string(fd));
    syncs.paths.push_back(path);
    if (path == syncs.failing_path) {
      errno = EIO;
      return -1;
    }
  }
  return static_cast<int>(::syscall(SYS_fsync, fd));
}

namespace md2::base {
namespace {

using ::testing::ElementsAre;
using testing::HasReason;
using ::testing::IsEmpty;
using testing::IsOk;

class CreateDirectoriesTest : public ::testing::Test {
 protected:
  CreateDirectoriesTest() { syncs.is_watched = true; }
  ~CreateDirectoriesTest() override { syncs = {}; }

  std::string Path(const std::string& name) const { return root_ + "/" + name; }

  const testing::TempFolder temp_;
  const std::string root_ = std::filesystem::canonical(temp_.path());
};

TEST_F(CreateDirectoriesTest, SyncsEachFolderThatGotAnEntry) {
  ASSERT_THAT(RealFileEnv()->CreateDirectories(Path("a/b//c/")), IsOk());
  EXPECT_THAT(syncs.paths, ElementsAre(root_, Path("a"), Path("a/b")));
}

TEST_F(CreateDirectoriesTest, SyncsNothingForWhatIsThere) {
  ASSERT_THAT(RealFileEnv()->CreateDirectories(Path("a/b")), IsOk());
  syncs.paths.clear();
  ASSERT_THAT(RealFileEnv()->CreateDirectories(Path("a/b")), IsOk());
  EXPECT_THAT(syncs.paths, IsEmpty());
  ASSERT_THAT(RealFileEnv()->CreateDirectories(Path("a/c")), IsOk());
  EXPECT_THAT(syncs.paths, ElementsAre(Path("a")));
}

TEST_F(CreateDirectoriesTest, AFolderThatCouldNotBeSyncedIsMadeAndSyncedByTheNextTry) {
  syncs.failing_path = Path("a");
  EXPECT_THAT(RealFileEnv()->CreateDirectories(Path("a/b")),
              HasReason(Reason::kStorageUnavailable));
  EXPECT_FALSE(std::filesystem::exists(Path("a/b")));
  syncs.failing_path.clear();
  syncs.paths.clear();
  EXPECT_THAT(RealFileEnv()->CreateDirectories(Path("a/b")), IsOk());
  EXPECT_THAT(syncs.paths, ElementsAre(Path("a")));
}

TEST_F(CreateDirectoriesTest, SyncsTheWorkingFolderForARelativePath) {
  const std::filesystem::path before = std::filesystem::current_path();
  std::filesystem::current_path(root_);
  const absl::Status status = RealFileEnv()->CreateDirectories("a");
  std::filesystem::current_path(before);
  ASSERT_THAT(status, IsOk());
  EXPECT_THAT(syncs.paths, ElementsAre(root_));
}

}  // namespace
}  // namespace md2::base
