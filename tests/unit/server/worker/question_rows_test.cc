#include "server/worker/question_rows.h"

#include "core/base/error.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/mem_file_env.h"
#include "tests/testing/status_matchers.h"

namespace md2::worker {
namespace {

using ::testing::ElementsAre;
using testing::HasReason;
using ::testing::HasSubstr;

// "LINE IMAGE QUESTION" or "LINE error: TEXT" of each row of /data/rows.jsonl.
std::vector<std::string> Rows(const std::string& text) {
  testing::MemFileEnv files;
  files.Put("/data/rows.jsonl", text);
  const auto rows = ReadQuestionRows(files, "/data/rows.jsonl");
  if (!rows.ok()) return {std::string(rows.status().message())};
  std::vector<std::string> shown;
  for (const QuestionRow& row : *rows) {
    shown.push_back(std::to_string(row.line) + " " +
                    (row.error.ok() ? row.image_path + " " + row.question
                                    : "error: " + std::string(row.error.message())));
  }
  return shown;
}

TEST(QuestionRowsTest, ImagesAreRelativeToTheFile) {
  EXPECT_THAT(Rows(R"({"image": "a.png", "question": "Who?"}
{"image": "/b.png", "question": "Why?"})"),
              ElementsAre("1 /data/a.png Who?", "2 /b.png Why?"));
}

TEST(QuestionRowsTest, ARelativeFileNeedsNoFolder) {
  testing::MemFileEnv files;
  files.Put("rows.jsonl", R"({"image": "a.png", "question": "Who?"})");
  MD2_ASSERT_OK_AND_ASSIGN(const auto rows, ReadQuestionRows(files, "rows.jsonl"));
  EXPECT_EQ(rows[0].image_path, "a.png");
}

TEST(QuestionRowsTest, TrainingRowsAndTheirOtherNamesAreRead) {
  EXPECT_THAT(Rows(R"({"image_path": "a.png", "prompt": "Who?", "response": "Me", "n": 1})"),
              ElementsAre("1 /data/a.png Who?"));
}

TEST(QuestionRowsTest, BlankLinesAreSkippedAndCounted) {
  EXPECT_THAT(Rows("\n  \r\n{\"image\":\"a\",\"question\":\"q\"}\r\n\n"),
              ElementsAre("3 /data/a q"));
  EXPECT_THAT(Rows(""), ElementsAre());
}

TEST(QuestionRowsTest, ABadRowHasItsErrorAndTheOthersStay) {
  EXPECT_THAT(
      Rows("[1]\n"
           "{\"image\":\"a\"}\n"
           "{\"image\":1,\"question\":\"q\"}\n"
           "{\"image\":\"a\",\"image_path\":\"b\",\"question\":\"q\"}\n"
           "{\"image\":\n"
           "{\"image\":\"a\",\"question\":\"q\"}\n"),
      ElementsAre("1 error: expected a JSON object, found another value",
                  "2 error: question: expected a string under question or prompt, found none",
                  "3 error: image: expected a string under image or image_path, found no string",
                  "4 error: image: expected a string under image or image_path, found both",
                  HasSubstr("5 error: "), "6 /data/a q"));
}

TEST(QuestionRowsTest, AnErrorTellsItsReason) {
  testing::MemFileEnv files;
  files.Put("rows.jsonl", "nonsense\n[]\n");
  MD2_ASSERT_OK_AND_ASSIGN(const auto rows, ReadQuestionRows(files, "rows.jsonl"));
  EXPECT_THAT(rows[0].error, HasReason(base::Reason::kJsonInvalid));
  EXPECT_THAT(rows[1].error, HasReason(base::Reason::kUsageInvalid));
}

TEST(QuestionRowsTest, AFileThatIsNotThereIsAnError) {
  testing::MemFileEnv files;
  EXPECT_THAT(ReadQuestionRows(files, "/none.jsonl"), HasReason(base::Reason::kFileNotFound));
}

}  // namespace
}  // namespace md2::worker
