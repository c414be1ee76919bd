// AtomicFile with the k-th disk operation failing, and with the power lost there, for every k: the
// path holds the old or the new content, never a third thing.

#include <cerrno>
#include <functional>
#include <memory>
#include <string>

#include "absl/strings/match.h"
#include "absl/types/optional.h"
#include "core/base/errno_status.h"
#include "core/base/error.h"
#include "core/base/file_env.h"
#include "core/base/status_macros.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/mem_file_env.h"
#include "tests/testing/status_matchers.h"

namespace md2::base {
namespace {

using ::testing::AnyOf;
using ::testing::Eq;
using testing::IsOk;
using testing::MemFileEnv;
using testing::PowerLoss;

constexpr char kPath[] = "/data/record";
constexpr char kNew[] = "the new content, in three pieces";

absl::Status DiskError() { return ErrnoToStatus(EIO, "do what the test forbids", "/data"); }

absl::Span<const uint8_t> Bytes(absl::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

using Writer = std::function<absl::Status(FileEnv&)>;

absl::Status AppendNew(const std::function<absl::Status(absl::string_view)>& append) {
  const absl::string_view content = kNew;
  MD2_RETURN_IF_ERROR(append(content.substr(0, 9)));
  MD2_RETURN_IF_ERROR(append(content.substr(9, 11)));
  return append(content.substr(20));
}

absl::Status WriteAtomically(FileEnv& env) {
  MD2_ASSIGN_OR_RETURN(const auto file, AtomicFile::Create(env, kPath));
  MD2_RETURN_IF_ERROR(
      AppendNew([&file](absl::string_view piece) { return file->Append(Bytes(piece)); }));
  return file->Commit();
}

absl::Status WriteToTheName(FileEnv& env) {
  MD2_ASSIGN_OR_RETURN(const auto file, env.CreateForWrite(kPath));
  MD2_RETURN_IF_ERROR(
      AppendNew([&file](absl::string_view piece) { return file->Append(Bytes(piece)); }));
  MD2_RETURN_IF_ERROR(file->Sync());
  MD2_RETURN_IF_ERROR(file->Close());
  return env.SyncDirectory("/data");
}

absl::Status RenameWithoutSync(FileEnv& env) {
  MD2_ASSIGN_OR_RETURN(const auto file, env.CreateForWrite("/data/beside"));
  MD2_RETURN_IF_ERROR(
      AppendNew([&file](absl::string_view piece) { return file->Append(Bytes(piece)); }));
  MD2_RETURN_IF_ERROR(file->Close());
  MD2_RETURN_IF_ERROR(env.Rename("/data/beside", kPath));
  return env.SyncDirectory("/data");
}

absl::Status RenameWithoutDirectorySync(FileEnv& env) {
  MD2_ASSIGN_OR_RETURN(const auto file, env.CreateForWrite("/data/beside"));
  MD2_RETURN_IF_ERROR(
      AppendNew([&file](absl::string_view piece) { return file->Append(Bytes(piece)); }));
  MD2_RETURN_IF_ERROR(file->Sync());
  MD2_RETURN_IF_ERROR(file->Close());
  return env.Rename("/data/beside", kPath);
}

void Prepare(MemFileEnv& env, const absl::optional<std::string>& old) {
  env.Put("/data/other", "");
  if (old.has_value()) env.Put(kPath, *old);
}

int64_t NumOperations(const Writer& write) {
  MemFileEnv env;
  Prepare(env, absl::nullopt);
  EXPECT_THAT(write(env), IsOk());
  return env.num_operations();
}

// How often the power was lost with a third thing left, or with a success that did not last.
int NumBadPowerLosses(const Writer& write, const absl::optional<std::string>& old) {
  int num_bad = 0;
  for (const PowerLoss loss : {PowerLoss::kDataAndNames, PowerLoss::kDataOnly}) {
    for (int64_t k = 0; k <= NumOperations(write); ++k) {
      MemFileEnv env;
      Prepare(env, old);
      env.FailFrom(k, DiskError());
      const bool is_done = write(env).ok();
      env.DropUnsynced(loss);
      const absl::optional<std::string> content = env.Get(kPath);
      const bool is_new = content == std::string(kNew);
      const bool is_good = is_new || (!is_done && content == old);
      if (!is_good) ++num_bad;
    }
  }
  return num_bad;
}

TEST(AtomicFileCrash, PowerLossAtAnyOperationLeavesOldOrNew) {
  EXPECT_EQ(NumBadPowerLosses(WriteAtomically, std::string("old")), 0);
  EXPECT_EQ(NumBadPowerLosses(WriteAtomically, std::string()), 0);
}

TEST(AtomicFileCrash, PowerLossAtAnyOperationLeavesNothingOrNew) {
  EXPECT_EQ(NumBadPowerLosses(WriteAtomically, absl::nullopt), 0);
}

// The test can fail: each short cut is found.
TEST(AtomicFileCrash, ShortCutsAreFound) {
  EXPECT_GT(NumBadPowerLosses(WriteToTheName, std::string("old")), 0);
  EXPECT_GT(NumBadPowerLosses(RenameWithoutSync, std::string("old")), 0);
  EXPECT_GT(NumBadPowerLosses(RenameWithoutDirectorySync, std::string("old")), 0);
}

TEST(AtomicFileCrash, AFailureOfAnyOperationIsReportedAndLeavesOldOrNew) {
  const int64_t num_operations = NumOperations(WriteAtomically);
  ASSERT_GE(num_operations, 8);  // create, three appends, sync, close, rename, sync of the folder
  for (int64_t k = 0; k < num_operations; ++k) {
    SCOPED_TRACE(k);
    MemFileEnv env;
    Prepare(env, std::string("old"));
    env.FailOnce(k, DiskError());
    EXPECT_EQ(WriteAtomically(env), DiskError());
    EXPECT_THAT(env.Get(kPath), AnyOf(Eq(std::string("old")), Eq(std::string(kNew))));
    for (const std::string& path : env.Files()) EXPECT_FALSE(absl::StrContains(path, ".tmp."));
  }
}

TEST(AtomicFileCrash, AfterAnyFailureTheNextWriteSucceeds) {
  for (int64_t k = 0; k < NumOperations(WriteAtomically); ++k) {
    SCOPED_TRACE(k);
    MemFileEnv env;
    Prepare(env, std::string("old"));
    env.FailFrom(k, DiskError());
    EXPECT_EQ(WriteAtomically(env), DiskError());
    env.DropUnsynced(PowerLoss::kDataOnly);
    EXPECT_THAT(WriteAtomically(env), IsOk());
    env.DropUnsynced(PowerLoss::kDataAndNames);
    EXPECT_EQ(env.Get(kPath), std::string(kNew));
  }
}

TEST(AtomicFileCrash, AfterAFailedAppendNothingCanBeCommitted) {
  MemFileEnv env;
  Prepare(env, std::string("old"));
  MD2_ASSERT_OK_AND_ASSIGN(const auto file, AtomicFile::Create(env, kPath));
  env.FailOnce(0, DiskError());
  EXPECT_EQ(file->Append(Bytes("a")), DiskError());
  EXPECT_EQ(file->Append(Bytes("b")), DiskError());
  EXPECT_EQ(file->Commit(), DiskError());
  EXPECT_EQ(env.Get(kPath), std::string("old"));
}

TEST(AtomicFileCrash, AFullDiskLeavesTheOldContentAndNoTemporaryFile) {
  MemFileEnv env;
  Prepare(env, std::string("old"));
  env.SetCapacity(20);
  EXPECT_THAT(WriteAtomically(env), testing::HasReason(Reason::kStorageFull));
  EXPECT_EQ(env.Get(kPath), std::string("old"));
  EXPECT_EQ(env.Files().size(), 2u);
}

}  // namespace
}  // namespace md2::base
