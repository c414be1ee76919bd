// SafetensorsWriter and WriteRandomModel with the k-th disk operation failing, and with the power
// lost there, for every k: a file is complete or absent, and config.json never stands before the
// files that it vouches for.

#include <cerrno>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/types/optional.h"
#include "core/base/errno_status.h"
#include "core/base/error.h"
#include "core/model/model_folder.h"
#include "core/model/random_model.h"
#include "core/model/safetensors_writer.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/mem_file_env.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/tiny_sizes.h"
#include "tests/unit/core/model/raw_safetensors.h"

namespace md2::model {
namespace {

using ::testing::AnyOf;
using ::testing::Eq;
using ::testing::IsEmpty;
using testing::IsOk;
using testing::MemFileEnv;
using testing::PowerLoss;
using testing::TinySizes;

constexpr char kPath[] = "/data/w";
constexpr char kFolder[] = "/data/m";
constexpr PowerLoss kPowerLosses[] = {PowerLoss::kDataAndNames, PowerLoss::kDataOnly};

absl::Status DiskError() { return base::ErrnoToStatus(EIO, "do what the test forbids", "/data"); }

absl::Status WriteTensors(base::FileEnv& env) {
  MD2_ASSIGN_OR_RETURN(
      const auto writer,
      SafetensorsWriter::Create(env, kPath, {{"a", Dtype::kU8, {6}}, {"b", Dtype::kF16, {2, 1}}}));
  MD2_RETURN_IF_ERROR(writer->Append("a", AsBytes("123")));
  MD2_RETURN_IF_ERROR(writer->Append("a", AsBytes("456")));
  MD2_RETURN_IF_ERROR(writer->Append("b", AsBytes("7890")));
  return writer->Finish();
}

absl::Status WriteModel(base::FileEnv& env) {
  RandomModelOptions options;
  options.sizes = TinySizes();
  options.tokenizer_json = "{\"a tokenizer\": 1}";
  return WriteRandomModel(env, kFolder, options);
}

using Writer = std::function<absl::Status(base::FileEnv&)>;

// The files after an undisturbed run, and how many operations it took.
std::vector<std::pair<std::string, std::string>> FilesOf(const Writer& write,
                                                         int64_t& num_operations) {
  MemFileEnv env;
  EXPECT_THAT(env.CreateDirectories("/data"), IsOk());
  const int64_t num_before = env.num_operations();
  EXPECT_THAT(write(env), IsOk());
  num_operations = env.num_operations() - num_before;
  std::vector<std::pair<std::string, std::string>> files;
  for (const std::string& path : env.Files()) files.emplace_back(path, *env.Get(path));
  return files;
}

void Prepare(MemFileEnv& env, const absl::optional<std::string>& old) {
  EXPECT_THAT(env.CreateDirectories("/data"), IsOk());
  if (old.has_value()) env.Put(kPath, *old);
}

bool HasTemporaryFile(const MemFileEnv& env) {
  for (const std::string& path : env.Files()) {
    if (absl::StrContains(path, ".tmp.")) return true;
  }
  return false;
}

TEST(SafetensorsWriterCrash, AFailureOfAnyOperationLeavesOldOrNewAndNothingBeside) {
  int64_t num_operations = 0;
  const std::string whole = FilesOf(WriteTensors, num_operations).front().second;
  ASSERT_GE(num_operations, 9);  // create, four appends, sync, close, rename, sync of the folder
  for (const absl::optional<std::string>& old :
       {absl::optional<std::string>(), absl::optional<std::string>("old")}) {
    for (int64_t k = 0; k < num_operations; ++k) {
      SCOPED_TRACE(k);
      MemFileEnv env;
      Prepare(env, old);
      env.FailOnce(k, DiskError());
      EXPECT_EQ(WriteTensors(env), DiskError());
      EXPECT_THAT(env.Get(kPath), AnyOf(Eq(old), Eq(whole)));
      EXPECT_FALSE(HasTemporaryFile(env));
    }
  }
}

TEST(SafetensorsWriterCrash, PowerLossAtAnyOperationLeavesOldOrNew) {
  int64_t num_operations = 0;
  const std::string whole = FilesOf(WriteTensors, num_operations).front().second;
  for (const PowerLoss loss : kPowerLosses) {
    for (const absl::optional<std::string>& old :
         {absl::optional<std::string>(), absl::optional<std::string>("old")}) {
      for (int64_t k = 0; k <= num_operations; ++k) {
        SCOPED_TRACE(k);
        MemFileEnv env;
        Prepare(env, old);
        env.FailFrom(k, DiskError());
        const bool is_done = WriteTensors(env).ok();
        EXPECT_EQ(is_done, k == num_operations);
        env.DropUnsynced(loss);
        EXPECT_THAT(env.Get(kPath), AnyOf(Eq(is_done ? whole : old), Eq(whole)));
      }
    }
  }
}

// Every file is as after an undisturbed run or absent, and config.json has the others beside it.
void ExpectCompleteOrAbsent(MemFileEnv& env,
                            const std::vector<std::pair<std::string, std::string>>& whole) {
  size_t num_there = 0;
  for (const auto& [path, content] : whole) {
    const absl::optional<std::string> found = env.Get(path);
    if (!found.has_value()) continue;
    ++num_there;
    EXPECT_TRUE(*found == content) << path;
  }
  if (!env.Get("/data/m/config.json").has_value()) return;
  EXPECT_EQ(num_there, whole.size());
  EXPECT_THAT(OpenModelFolder(env, kFolder, {.weights = true, .tokenizer = true}), IsOk());
}

TEST(RandomModelCrash, AFailureOfAnyOperationLeavesNothing) {
  int64_t num_operations = 0;
  const auto whole = FilesOf(WriteModel, num_operations);
  ASSERT_EQ(whole.size(), 3u);
  for (int64_t k = 0; k < num_operations; ++k) {
    SCOPED_TRACE(k);
    MemFileEnv env;
    Prepare(env, absl::nullopt);
    env.FailOnce(k, DiskError());
    EXPECT_EQ(WriteModel(env), DiskError());
    EXPECT_THAT(env.Files(), IsEmpty());
    EXPECT_THAT(WriteModel(env), IsOk());
  }
}

// The disk fails once, the failed model is removed, and then the power goes.
TEST(RandomModelCrash, PowerLossAfterAFailedModelLeavesCompleteFilesOrNone) {
  int64_t num_operations = 0;
  const auto whole = FilesOf(WriteModel, num_operations);
  for (const PowerLoss loss : kPowerLosses) {
    for (int64_t k = 0; k < num_operations; ++k) {
      SCOPED_TRACE(k);
      MemFileEnv env;
      Prepare(env, absl::nullopt);
      env.FailOnce(k, DiskError());
      EXPECT_EQ(WriteModel(env), DiskError());
      env.DropUnsynced(loss);
      ExpectCompleteOrAbsent(env, whole);
    }
  }
}

TEST(RandomModelCrash, PowerLossAtAnyOperationLeavesCompleteFilesOrNone) {
  int64_t num_operations = 0;
  const auto whole = FilesOf(WriteModel, num_operations);
  for (const PowerLoss loss : kPowerLosses) {
    for (int64_t k = 0; k <= num_operations; ++k) {
      SCOPED_TRACE(k);
      MemFileEnv env;
      Prepare(env, absl::nullopt);
      env.FailFrom(k, DiskError());
      const bool is_done = WriteModel(env).ok();
      EXPECT_EQ(is_done, k == num_operations);
      env.DropUnsynced(loss);
      ExpectCompleteOrAbsent(env, whole);
      EXPECT_TRUE(!is_done || env.Get("/data/m/config.json").has_value());
    }
  }
}

}  // namespace
}  // namespace md2::model
