#include "core/base/folder_of.h"

#include "gtest/gtest.h"

namespace md2::base {
namespace {

TEST(FolderOfTest, IsWhatStandsBeforeTheLastSlash) {
  EXPECT_EQ(FolderOf("/a/b"), "/a");
  EXPECT_EQ(FolderOf("a/b"), "a");
  EXPECT_EQ(FolderOf("/a"), "/");
  EXPECT_EQ(FolderOf("a"), ".");
}

TEST(PathInTest, IsTheSameFromAnyFolder) {
  EXPECT_EQ(PathIn("/f", "a/b"), "/f/a/b");
  EXPECT_EQ(PathIn("/f", "./a"), "/f/a");
  EXPECT_EQ(PathIn("/f", "../a"), "/f/../a");
  EXPECT_EQ(PathIn("/", "a"), "/a");
  EXPECT_EQ(PathIn("/f", "/a"), "/a");
}

TEST(PathInTest, NothingToBeginInOrToLeadToStays) {
  EXPECT_EQ(PathIn("", "a"), "a");
  EXPECT_EQ(PathIn("/f", ""), "");
}

}  // namespace
}  // namespace md2::base
