#include "core/data/datagen/pending_files.h"

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/mem_file_env.h"
#include "tests/testing/status_matchers.h"

namespace md2::datagen {
namespace {

using testing::IsOk;
using testing::StatusIs;

constexpr uint8_t kBytes[] = {1, 2, 3};

TEST(PendingFilesTest, WhatWasSettledSurvivesAPowerLoss) {
  testing::MemFileEnv env;
  ASSERT_THAT(env.CreateDirectories("/f"), IsOk());
  PendingFiles files(env);
  for (int i = 0; i < 300; ++i) {
    ASSERT_THAT(files.Write(absl::StrCat("/f/", i), kBytes), IsOk());
  }
  ASSERT_THAT(files.Settle(), IsOk());
  ASSERT_THAT(env.SyncDirectory("/f"), IsOk());
  env.DropUnsynced(testing::PowerLoss::kDataAndNames);
  EXPECT_EQ(env.Files().size(), 300U);
  EXPECT_EQ(env.Get("/f/299"), std::string("\1\2\3"));
}

TEST(PendingFilesTest, AFullDiskIsSaidAtTheLatestWhenSettling) {
  testing::MemFileEnv env;
  env.SetCapacity(10);
  ASSERT_THAT(env.CreateDirectories("/f"), IsOk());
  PendingFiles files(env);
  absl::Status status;
  for (int i = 0; status.ok() && i < 10; ++i) {
    status = files.Write(absl::StrCat("/f/", i), kBytes);
  }
  if (status.ok()) status = files.Settle();
  EXPECT_THAT(status, testing::HasReason(base::Reason::kStorageFull));
}

TEST(PendingFilesTest, AFailedSyncIsNotLost) {
  testing::MemFileEnv env;
  ASSERT_THAT(env.CreateDirectories("/f"), IsOk());
  PendingFiles files(env);
  for (int i = 0; i < 20; ++i) ASSERT_THAT(files.Write(absl::StrCat("/f/", i), kBytes), IsOk());
  env.FailOnce(7, absl::UnavailableError("sync"));
  EXPECT_THAT(files.Settle(), StatusIs(absl::StatusCode::kUnavailable));
}

}  // namespace
}  // namespace md2::datagen
