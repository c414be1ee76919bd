#include "core/train/line_file.h"

#include <limits>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "core/base/errno_status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/mem_file_env.h"
#include "tests/testing/status_matchers.h"

namespace md2::train {
namespace {

using ::testing::ElementsAre;
using testing::IsOk;
using testing::MemFileEnv;

constexpr char kPath[] = "/out/metrics.jsonl";
constexpr int64_t kAll = std::numeric_limits<int64_t>::max();

std::string Line(int64_t update) { return absl::StrCat("{\"update\":", update, "}\n"); }

// The file after it was opened to go on before `first_dropped`.
std::string Kept(const std::string& content, int64_t first_dropped) {
  MemFileEnv env;
  env.Put(kPath, content);
  EXPECT_THAT(LineFile::Open(env, kPath, first_dropped), IsOk());
  EXPECT_THAT(env.Files(), ElementsAre(kPath));
  return *env.Get(kPath);
}

TEST(LineFileTest, LinesAreReadableAtOnceAndDurableAfterSync) {
  MemFileEnv env;
  ASSERT_THAT(env.CreateDirectories("/out"), IsOk());
  MD2_ASSERT_OK_AND_ASSIGN(const auto file, LineFile::Open(env, kPath, kAll));
  ASSERT_THAT(file->Append(Line(1)), IsOk());
  ASSERT_THAT(file->Sync(), IsOk());
  ASSERT_THAT(file->Append(Line(2)), IsOk());
  EXPECT_EQ(env.Get(kPath), Line(1) + Line(2));
  env.DropUnsynced(testing::PowerLoss::kDataAndNames);
  EXPECT_EQ(env.Get(kPath), Line(1));
}

TEST(LineFileTest, LaterUpdatesAreDroppedAndEarlierOnesKept) {
  EXPECT_EQ(Kept(Line(1) + Line(2) + Line(3), 3), Line(1) + Line(2));
  EXPECT_EQ(Kept(Line(1) + Line(2), kAll), Line(1) + Line(2));
  EXPECT_EQ(Kept(Line(1), 0), "");
  EXPECT_EQ(Kept("", 5), "");
}

TEST(LineFileTest, WhatACrashLeftHalfIsDropped) {
  EXPECT_EQ(Kept(Line(1) + "{\"upda", kAll), Line(1));
  EXPECT_EQ(Kept(Line(1) + "{\"update\":2}", kAll), Line(1));  // whole, but nobody said so
  EXPECT_EQ(Kept(Line(1) + std::string(7, '\0') + "\n" + Line(2), kAll), Line(1) + Line(2));
  EXPECT_EQ(Kept("[]\n{}\n{\"update\":\"1\"}\n" + Line(2), kAll), Line(2));
}

TEST(LineFileTest, LinesLongerThanAPieceOfTheFileAreKept) {
  const std::string text((size_t{3} << 20) + 17, 'x');
  const std::string line = absl::StrCat("{\"text\":\"", text, "\",\"update\":1}\n");
  EXPECT_TRUE(Kept(line + Line(2), 2) == line);
}

TEST(LineFileTest, AFullDiskKeepsWhatIsThere) {
  MemFileEnv env;
  env.Put(kPath, Line(1));
  MD2_ASSERT_OK_AND_ASSIGN(const auto file, LineFile::Open(env, kPath, kAll));
  env.SetCapacity(Line(1).size() + 3);
  EXPECT_THAT(file->Append(Line(2)), testing::HasReason(base::Reason::kStorageFull));
  EXPECT_THAT(file->Sync(), testing::HasReason(base::Reason::kStorageFull));
  EXPECT_EQ(Kept(*env.Get(kPath), kAll), Line(1));
}

}  // namespace
}  // namespace md2::train
