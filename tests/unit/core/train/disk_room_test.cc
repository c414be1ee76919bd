#include "core/train/disk_room.h"

#include <string>

#include "absl/strings/match.h"
#include "core/base/error.h"
#include "gtest/gtest.h"
#include "tests/testing/mem_file_env.h"
#include "tests/testing/status_matchers.h"

namespace md2::train {
namespace {

// What is below /other lies on another disk, which has seven bytes left.
class TwoDisks : public testing::MemFileEnv {
 public:
  absl::StatusOr<base::FileInfo> Stat(const std::string& path) override {
    absl::StatusOr<base::FileInfo> info = MemFileEnv::Stat(path);
    if (info.ok() && absl::StartsWith(path, "/other")) info->disk = 2;
    return info;
  }
  absl::StatusOr<uint64_t> FreeBytes(const std::string& path) override {
    if (absl::StartsWith(path, "/other")) return 7;
    return MemFileEnv::FreeBytes(path);
  }
};

constexpr DiskPlan kPlan = {.checkpoints = 50, .exported = 20, .features = 8, .beside = 2};

class DiskRoomTest : public ::testing::Test {
 protected:
  DiskRoomTest() {
    EXPECT_THAT(disks_.CreateDirectories("/runs"), testing::IsOk());
    EXPECT_THAT(disks_.CreateDirectories("/other"), testing::IsOk());
    disks_.SetCapacity(80);
  }

  TwoDisks disks_;
};

TEST_F(DiskRoomTest, AnOutputThatIsNotThereYetIsHeldToItsDisk) {
  const DiskRoom room = FindDiskRoom(disks_, kPlan, "/runs/new/one/", "");
  EXPECT_EQ(room.output.bytes, 80u);
  EXPECT_EQ(room.output.free_bytes, 80u);
  EXPECT_TRUE(room.output.fits());
  EXPECT_FALSE(room.features.has_value());
}

TEST_F(DiskRoomTest, OneByteTooLittleDoesNotFit) {
  disks_.SetCapacity(79);
  EXPECT_FALSE(FindDiskRoom(disks_, kPlan, "/runs/new", "").output.fits());
}

TEST_F(DiskRoomTest, FeaturesOnAnotherDiskAreHeldToThatOne) {
  const DiskRoom room = FindDiskRoom(disks_, kPlan, "/runs/new", "/other/features");
  EXPECT_EQ(room.output.bytes, 72u);
  ASSERT_TRUE(room.features.has_value());
  EXPECT_EQ(room.features->bytes, 8u);
  EXPECT_EQ(room.features->free_bytes, 7u);
  EXPECT_FALSE(room.features->fits());
}

TEST_F(DiskRoomTest, FeaturesInAnotherFolderOfTheSameDiskCountThere) {
  const DiskRoom room = FindDiskRoom(disks_, kPlan, "/runs/new", "/features");
  EXPECT_EQ(room.output.bytes, 80u);
  EXPECT_FALSE(room.features.has_value());
}

TEST_F(DiskRoomTest, ADiskThatSaysNothingIsNotKnownAndNotRefused) {
  disks_.FailPath("/runs", absl::UnavailableError("gone"));
  const DiskRoom room = FindDiskRoom(disks_, kPlan, "/runs/new", "");
  EXPECT_FALSE(room.output.free_bytes.has_value());
  EXPECT_TRUE(room.output.fits());
}

}  // namespace
}  // namespace md2::train
