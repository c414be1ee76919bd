// AtomicFolder with the k-th disk operation failing, and with the power lost there, for every k:
// the path holds the old folder, the new one, or (while one is replaced or removed) nothing.

#include <cerrno>
#include <map>
#include <string>

#include "absl/strings/match.h"
#include "core/base/atomic_folder.h"
#include "core/base/errno_status.h"
#include "core/base/error.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/mem_file_env.h"
#include "tests/testing/status_matchers.h"

namespace md2::base {
namespace {

using testing::IsOk;
using testing::MemFileEnv;
using testing::PowerLoss;

constexpr char kPath[] = "/data/f";
constexpr PowerLoss kPowerLosses[] = {PowerLoss::kDataAndNames, PowerLoss::kDataOnly};

absl::Status DiskError() { return ErrnoToStatus(EIO, "do what the test forbids", "/data"); }

absl::Status Write(FileEnv& env, const std::string& content) {
  MD2_ASSIGN_OR_RETURN(
      const auto folder,
      AtomicFolder::Create(env, kPath, {.kind = "t", .may_replace = true, .keeps_lock = true}));
  MD2_RETURN_IF_ERROR(folder->WriteFile("a", content));
  MD2_RETURN_IF_ERROR(folder->WriteFile("sub/b", content + content));
  return folder->Commit({{"content", content}});
}

// What the folder was written with; "absent", or "mixture" when it is neither complete nor absent.
std::string ContentOf(FileEnv& env) {
  const auto names = env.ListDirectory(kPath);
  if (ReasonOf(names.status()) == Reason::kFileNotFound) return "absent";
  const auto manifest = ReadManifest(env, kPath, "t");
  if (!manifest.ok() || !VerifyFiles(env, kPath, *manifest).ok()) return "mixture";
  if (manifest->files.size() != 2 || names->size() != 4) return "mixture";
  return manifest->about["content"];
}

void Prepare(MemFileEnv& env, bool has_old) {
  env.Put("/data/other", "");
  if (!has_old) return;
  EXPECT_THAT(Write(env, "old"), IsOk());
}

int64_t OperationsOfWrite(bool has_old) {
  MemFileEnv env;
  Prepare(env, has_old);
  const int64_t before = env.num_operations();
  EXPECT_THAT(Write(env, "new"), IsOk());
  return env.num_operations() - before;
}

// Nothing is left of failures once a folder was written.
void ExpectTheNextWriteWorks(MemFileEnv& env) {
  EXPECT_THAT(Write(env, "next"), IsOk());
  EXPECT_EQ(ContentOf(env), "next");
  EXPECT_EQ(env.ListDirectory("/data")->size(), 2u);
}

TEST(AtomicFolderCrash, AFailureOfAnyOperationLeavesOldOrNew) {
  for (const bool has_old : {false, true}) {
    const int64_t num_operations = OperationsOfWrite(has_old);
    ASSERT_GT(num_operations, 15);
    for (int64_t k = 0; k < num_operations; ++k) {
      SCOPED_TRACE(k);
      MemFileEnv env;
      Prepare(env, has_old);
      env.FailOnce(k, DiskError());
      const bool is_done = Write(env, "new").ok();
      const std::string content = ContentOf(env);
      EXPECT_TRUE(content == "new" || (!is_done && content == (has_old ? "old" : "absent")))
          << content;
      ExpectTheNextWriteWorks(env);
    }
  }
}

TEST(AtomicFolderCrash, PowerLossAtAnyOperationLeavesOldNewOrNothing) {
  for (const bool has_old : {false, true}) {
    const int64_t num_operations = OperationsOfWrite(has_old);
    for (const PowerLoss loss : kPowerLosses) {
      for (int64_t k = 0; k <= num_operations; ++k) {
        SCOPED_TRACE(k);
        MemFileEnv env;
        Prepare(env, has_old);
        env.FailFrom(k, DiskError());
        const bool is_done = Write(env, "new").ok();
        env.DropUnsynced(loss);
        const std::string content = ContentOf(env);
        EXPECT_TRUE(content == "new" ||
                    (!is_done && (content == "absent" || (has_old && content == "old"))))
            << content;
        ExpectTheNextWriteWorks(env);
      }
    }
  }
}

// What a reader of an old folder sees when the power fails: without it, the test above says
// nothing.
TEST(AtomicFolderCrash, TheOldFolderSurvivesUntilItIsReplaced) {
  int num_old = 0;
  for (int64_t k = 0; k <= OperationsOfWrite(true); ++k) {
    MemFileEnv env;
    Prepare(env, true);
    env.FailFrom(k, DiskError());
    Write(env, "new").IgnoreError();
    env.DropUnsynced(PowerLoss::kDataAndNames);
    const std::string content = ContentOf(env);
    EXPECT_NE(content, "absent") << k;
    if (content == "old") ++num_old;
  }
  EXPECT_GT(num_old, 10);
}

TEST(AtomicFolderCrash, ARemovedFolderIsCompleteOrAbsent) {
  for (const PowerLoss loss : kPowerLosses) {
    int64_t num_operations = 0;
    for (int64_t k = 0; k <= num_operations; ++k) {
      SCOPED_TRACE(k);
      MemFileEnv env;
      Prepare(env, true);
      const int64_t before = env.num_operations();
      if (k > 0) env.FailFrom(k - 1, DiskError());
      const bool is_done = RemoveFolderAtomically(env, kPath).ok();
      if (k == 0) num_operations = env.num_operations() - before;
      env.DropUnsynced(loss);
      const std::string content = ContentOf(env);
      EXPECT_TRUE(content == "absent" || (!is_done && content == "old")) << content;
      ExpectTheNextWriteWorks(env);
    }
  }
}

}  // namespace
}  // namespace md2::base
