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

}  // namespace
}  // namespace md2::base
