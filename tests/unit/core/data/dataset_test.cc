#include "core/data/dataset.h"

#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/mem_file_env.h"
#include "tests/testing/status_matchers.h"

namespace md2::data {
namespace {

using absl::StatusCode;
using base::Reason;
using testing::HasReason;
using ::testing::HasSubstr;
using testing::IsOk;
using testing::MemFileEnv;
using ::testing::SizeIs;
using testing::StatusIs;

std::string RowText(absl::string_view image) {
  return absl::StrCat(R"({"image":")", image, R"(","question":"q","answer":"a"})");
}

TEST(Dataset, ReadsRowsByNumberAndKeepsTheirLines) {
  MemFileEnv env;
  env.Put("/d/train.jsonl", absl::StrCat(RowText("a.png"), "\n\n", RowText("b.png"), "\n"));
  MD2_ASSERT_OK_AND_ASSIGN(const auto dataset, Dataset::Open(env, "/d/train.jsonl"));
  ASSERT_EQ(dataset->num_rows(), 2);
  EXPECT_EQ(dataset->LineOf(1), 3);
  EXPECT_EQ(dataset->NameOf(1), "row 2 (line 3) of /d/train.jsonl");
  MD2_ASSERT_OK_AND_ASSIGN(const Row row, dataset->Read(1));
  EXPECT_EQ(row.image, "/d/b.png");
  EXPECT_EQ(row.question, "q");
  EXPECT_EQ(row.answer, "a");
}

TEST(Dataset, ReadsAListAsItReadsLines) {
  MemFileEnv env;
  env.Put("/d/train.json", absl::StrCat("[\n", RowText("a.png"), ",\n", RowText("b.png"), "]\n"));
  MD2_ASSERT_OK_AND_ASSIGN(const auto dataset, Dataset::Open(env, "/d/train.json"));
  ASSERT_EQ(dataset->num_rows(), 2);
  EXPECT_EQ(dataset->LineOf(1), 3);
  MD2_ASSERT_OK_AND_ASSIGN(const Row row, dataset->Read(1));
  EXPECT_EQ(row.image, "/d/b.png");
}

TEST(Dataset, ReadsTheMetadataOfAFolderOfImages) {
  MemFileEnv env;
  env.Put("/d/images/metadata.jsonl", R"({"file_name":"x/1.png","question":"q","answer":7})");
  for (const char* path : {"/d/images", "/d/images/"}) {
    MD2_ASSERT_OK_AND_ASSIGN(const auto dataset, Dataset::Open(env, path));
    EXPECT_EQ(dataset->path(), "/d/images/metadata.jsonl");
    MD2_ASSERT_OK_AND_ASSIGN(const Row row, dataset->Read(0));
    EXPECT_EQ(row.image, "/d/images/x/1.png");
    EXPECT_EQ(row.answer, "7");
  }
}

TEST(Dataset, ImagePathsAreRelativeToTheFileUnlessAbsolute) {
  MemFileEnv env;
  env.Put("train.jsonl", absl::StrCat(RowText("a.png"), "\n", RowText("/b.png"), "\n"));
  MD2_ASSERT_OK_AND_ASSIGN(const auto dataset, Dataset::Open(env, "train.jsonl"));
  EXPECT_EQ(dataset->Read(0)->image, "a.png");
  EXPECT_EQ(dataset->Read(1)->image, "/b.png");
}

TEST(Dataset, DigestIsThatOfTheFile) {
  MemFileEnv env;
  env.Put("/d.jsonl", "abc");
  MD2_ASSERT_OK_AND_ASSIGN(const auto dataset, Dataset::Open(env, "/d.jsonl"));
  EXPECT_EQ(base::HexOf(dataset->digest()),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Dataset, ABadRowIsAnErrorOfThatRowOnly) {
  MemFileEnv env;
  env.Put("/d.jsonl", absl::StrCat("\n{\"image\":\"\"}\n", RowText("b.png")));
  MD2_ASSERT_OK_AND_ASSIGN(const auto dataset, Dataset::Open(env, "/d.jsonl"));
  EXPECT_THAT(dataset->Read(1), IsOk());
  const absl::Status status = dataset->Read(0).status();
  EXPECT_THAT(status, HasReason(Reason::kDataInvalid));
  EXPECT_THAT(status,
              StatusIs(StatusCode::kInvalidArgument,
                       "row 1 (line 2) of /d.jsonl:\n"
                       "  image: expected text, found an empty one: fill it in or drop the row\n"
                       "  question: expected one of question, prompt, found none: add it\n"
                       "  answer: expected one of answer, response, found none: add it"));
  MD2_ASSERT_OK_AND_ASSIGN(const ParsedRow parsed, dataset->Parse(0));
  EXPECT_THAT(parsed.problems, SizeIs(3));
}

TEST(Dataset, ARowBeyondTheLimitIsAnErrorOfThatRowOnly) {
  MemFileEnv env;
  env.Put("/d.jsonl", absl::StrCat(std::string(5 * kMaxRowBytes, 'x'), "\n", RowText("b.png")));
  MD2_ASSERT_OK_AND_ASSIGN(const auto dataset, Dataset::Open(env, "/d.jsonl"));
  EXPECT_THAT(dataset->Read(0), StatusIs(StatusCode::kInvalidArgument,
                                         "row 1 (line 1) of /d.jsonl:\n  expected at most 1048576 "
                                         "bytes, found more: name images by path, shorten the "
                                         "texts"));
  EXPECT_THAT(dataset->Read(1), IsOk());
}

TEST(Dataset, AnEmptyFileIsAnError) {
  MemFileEnv env;
  env.Put("/d.jsonl", "");
  EXPECT_THAT(Dataset::Open(env, "/d.jsonl"),
              StatusIs(StatusCode::kInvalidArgument,
                       "/d.jsonl: expected at least one row, found an empty file: write one JSON "
                       "object a line"));
}

TEST(Dataset, WhatIsNotThereIsAnError) {
  MemFileEnv env;
  EXPECT_THAT(Dataset::Open(env, "/none.jsonl"), HasReason(Reason::kFileNotFound));
  env.Put("/d/1.png", "");
  EXPECT_THAT(Dataset::Open(env, "/d"),
              StatusIs(StatusCode::kNotFound,
                       "expected metadata.jsonl in the folder of images, found none: name a folder "
                       "that holds it, or a file of JSON lines: /d"));
}

TEST(Dataset, EveryFaultOfTheDiskComesThrough) {
  MemFileEnv env;
  env.Put("/d/metadata.jsonl", RowText("a.png"));
  const absl::Status fault =
      base::MakeError(StatusCode::kUnavailable, Reason::kStorageUnavailable, "the disk failed");
  int64_t num_good = 0;
  for (;; ++num_good) {
    env.FailOnce(num_good, fault);
    const auto dataset = Dataset::Open(env, "/d");
    if (dataset.ok()) break;
    EXPECT_THAT(dataset, HasReason(Reason::kStorageUnavailable)) << num_good;
    EXPECT_THAT(dataset, StatusIs(StatusCode::kUnavailable, HasSubstr("the disk failed")));
  }
  EXPECT_EQ(num_good, 4);  // look up the folder, then the file; open it; read it
  env.ClearFaults();
  MD2_ASSERT_OK_AND_ASSIGN(const auto dataset, Dataset::Open(env, "/d"));
  env.FailOnce(0, fault);
  EXPECT_THAT(dataset->Read(0), HasReason(Reason::kStorageUnavailable));
  EXPECT_THAT(dataset->Read(0), IsOk());
}

TEST(Dataset, IsReadByManyThreadsAtOnce) {
  MemFileEnv env;
  std::string file;
  for (int i = 0; i < 300; ++i) absl::StrAppend(&file, RowText(absl::StrCat(i, ".png")), "\n");
  env.Put("/d.jsonl", file);
  MD2_ASSERT_OK_AND_ASSIGN(const auto dataset, Dataset::Open(env, "/d.jsonl"));
  std::vector<std::thread> threads;
  for (int t = 0; t < 3; ++t) {
    threads.emplace_back([&dataset] {
      for (int64_t i = 0; i < dataset->num_rows(); ++i) {
        const absl::StatusOr<Row> row = dataset->Read(i);
        ASSERT_THAT(row, IsOk());
        EXPECT_EQ(row->image, absl::StrCat("/", i, ".png"));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace md2::data
