#include "core/data/check.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/base/error.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/core/data/check_run.h"

namespace md2::data {
namespace {

using absl::StrCat;
using base::Reason;
using ::testing::ElementsAre;
using testing::HasReason;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::SizeIs;
using testing::StatusIs;

TEST(CheckData, GoodRowsHaveNoFindingsAndAllThatTrainingNeeds) {
  CheckRun check;
  MD2_ASSERT_OK_AND_ASSIGN(const CheckReport report,
                           check(RowLine("a.png") + "\n" + RowLine("b.png"), RowLine("c.png")));
  EXPECT_THAT(report.findings, IsEmpty());
  EXPECT_THAT(report.train_rows, ElementsAre(0, 1));
  EXPECT_THAT(report.val_rows, ElementsAre(0));
  EXPECT_EQ(report.num_images, 3);
  EXPECT_EQ(report.num_bad_rows, 0);
  ASSERT_THAT(report.train, SizeIs(2));
  const CheckedRow& row = report.train[0];
  EXPECT_TRUE(row.is_usable);
  const std::string file = *check.mem.Get("/d/a.png");
  EXPECT_EQ(row.image, base::Sha256Of(std::vector<uint8_t>(file.begin(), file.end())));
  EXPECT_EQ(row.image_width, 20);
  EXPECT_EQ(row.image_height, 10);
  EXPECT_EQ(row.answer_tokens, 1 + static_cast<int>(check.model.tokenizer->Encode(" me")->size()));
}

TEST(CheckData, CountsTokensOfUsableRows) {
  CheckRun check;
  MD2_ASSERT_OK_AND_ASSIGN(
      const CheckReport report,
      check(RowLine("a.png") + RowLine("a.png", "Why?", "0123456789") + RowLine("none.png")));
  const CheckedRow& shorter = report.train[0];
  const CheckedRow& longer = report.train[1];
  EXPECT_EQ(report.tokens.longest_answer, longer.answer_tokens);
  EXPECT_EQ(report.tokens.longest_prompt, longer.prompt_tokens);
  EXPECT_EQ(report.tokens.longest, longer.prompt_tokens + longer.answer_tokens);
  EXPECT_EQ(report.tokens.answer_total, shorter.answer_tokens + longer.answer_tokens);
  EXPECT_EQ(report.tokens.total,
            report.tokens.longest + shorter.prompt_tokens + shorter.answer_tokens);
  std::vector<std::pair<int64_t, int64_t>> histogram;
  for (const auto& bucket : report.tokens.histogram) {
    histogram.emplace_back(bucket.up_to, bucket.rows);
  }
  EXPECT_THAT(histogram, ElementsAre(Pair(8, 0), Pair(16, 0), Pair(32, 1), Pair(64, 1)));
}

TEST(CheckData, AnEmptyFileIsRefused) {
  CheckRun check;
  EXPECT_THAT(check(""), StatusIs(absl::StatusCode::kInvalidArgument,
                                  "/d/train.jsonl: expected at least one row, found an empty "
                                  "file: write one JSON object a line"));
  EXPECT_THAT(check(" \n\n"), HasReason(Reason::kDataInvalid));
}

TEST(CheckData, BadFieldsAreErrorsOfTheirRowsAndBlankLinesAreSkipped) {
  CheckRun check;
  MD2_ASSERT_OK_AND_ASSIGN(const CheckReport report,
                           check("\n{\"question\":\"q\",\"answer\":\"a\"}\n\n"
                                 "{\"image\":\"a.png\"}\n"
                                 "{\"image\":7,\"question\":null,\"answer\":[]}\n" +
                                 RowLine("a.png")));
  EXPECT_THAT(
      ErrorsOf(report),
      ElementsAre("row 1 image: expected one of image, image_path, file_name, found none: add it",
                  "row 2 question: expected one of question, prompt, found none: add it",
                  "row 2 answer: expected one of answer, response, found none: add it",
                  "row 3 image: expected text, found the number 7: put it in quotes",
                  "row 3 question: expected text, found null: write text or drop the row",
                  "row 3 answer: expected text or a number, found a list: write text or drop the "
                  "row"));
  EXPECT_EQ(report.num_bad_rows, 3);
  EXPECT_EQ(report.num_errors, 6);
  EXPECT_THAT(report.train_rows, ElementsAre(3));
}

TEST(CheckData, LinesThatAreNoRowAreErrorsAsAWhole) {
  CheckRun check;
  const std::string nested = StrCat(R"({"image":"a.png","question":"q","answer":"a","x":)",
                                    std::string(16, '['), std::string(16, ']'), "}\n");
  const std::string invalid_utf8 = RowLine("a.png", "\xff");
  MD2_ASSERT_OK_AND_ASSIGN(const CheckReport report,
                           check(RowLine("a.png", std::string(2 << 20, 'x')) + nested +
                                 invalid_utf8 + "[1]\n" + RowLine("a.png")));
  EXPECT_THAT(
      ErrorsOf(report),
      ElementsAre(
          "row 1: expected at most 1048576 bytes, found more: name images by path, shorten "
          "the texts",
          "row 2: invalid JSON in the row at byte 65: expected at most 16 nested levels, found "
          "more; mend it or drop the row",
          "row 3: invalid JSON in the row at byte 29: syntax error while parsing value - "
          "invalid string: ill-formed UTF-8 byte; last read: '\"\\xff'; mend it or drop the row",
          "row 4: expected an object in braces, found a list: write one object a row"));
  EXPECT_THAT(report.train_rows, ElementsAre(4));
}

TEST(CheckData, MarkersInTextsAreErrors) {
  CheckRun check;
  MD2_ASSERT_OK_AND_ASSIGN(const CheckReport report,
                           check(RowLine("a.png", "What is <image>?", "x<|endoftext|>")));
  EXPECT_THAT(ErrorsOf(report),
              ElementsAre("all: expected at least one row to train on, found none among 1, so that "
                          "no update would be made: mend the rows",
                          "row 1 question: expected a question without reserved markers; take out "
                          "\"<image>\" at byte 8; mend it or drop the row",
                          "row 1 answer: expected an answer without reserved markers; take out "
                          "\"<|endoftext|>\" at byte 1; mend it or drop the row"));
}

TEST(CheckData, MoreTokensThanPositionsIsAnErrorThatSaysWhoseTheyAre) {
  CheckRun check;
  check.model.max_positions = 20;
  MD2_ASSERT_OK_AND_ASSIGN(const CheckReport report, check(RowLine("a.png")));
  const CheckedRow& row = report.train[0];
  EXPECT_FALSE(row.is_usable);
  ASSERT_THAT(ErrorsOf(report), SizeIs(2));
  EXPECT_EQ(ErrorsOf(report)[1],
            StrCat("row 1: expected at most 20 tokens, the model's positions, found ",
                   row.prompt_tokens + row.answer_tokens, ": 10 of the image, ",
                   row.prompt_tokens - 10, " of the question, ", row.answer_tokens,
                   " of the answer; shorten the texts or drop the row"));
}

TEST(CheckData, TokensBeyondTheVocabularyAreAnError) {
  CheckRun check;
  check.model.vocab = 1;
  MD2_ASSERT_OK_AND_ASSIGN(const CheckReport report, check(RowLine("a.png")));
  EXPECT_THAT(ErrorsOf(report)[1],
              ::testing::MatchesRegex("row 1: expected tokens below 1, the model's vocabulary, "
                                      "found [0-9]+: use the tokenizer that belongs to the model"));
}

TEST(CheckData, AnswersThatTheModelCannotGiveAreWarnings) {
  CheckRun check;
  check.options.max_new_tokens = 3;
  MD2_ASSERT_OK_AND_ASSIGN(const CheckReport report, check(RowLine("a.png", "Who?", "it , s") +
                                                           RowLine("b.png", "Who?", "qzxjk")));
  ASSERT_THAT(WarningsOf(report), SizeIs(::testing::Ge(2)));
  EXPECT_EQ(WarningsOf(report)[0],
            "row 1 answer: expected an answer that the model can give, found one that it would "
            "give as \"it, s\": write it so, or it never counts as exact");
  EXPECT_THAT(WarningsOf(report).back(),
              ::testing::MatchesRegex("row 2 answer: expected an answer of at most max_new_tokens "
                                      "3 tokens, found [0-9]+: raise max_new_tokens, or it never "
                                      "counts as exact"));
  EXPECT_THAT(report.train_rows, ElementsAre(0, 1));
}

TEST(CheckData, TextThatGetsTooSmallIsAWarningWithTheRule) {
  CheckRun check;
  check.mem.Put("/d/large.png", PictureOf(140, 120, 5));
  MD2_ASSERT_OK_AND_ASSIGN(const CheckReport report, check(RowLine("large.png")));
  EXPECT_THAT(WarningsOf(report),
              ElementsAre("row 1 image: expected text that can be read, found 140 x 120 pixels "
                          "that become 56 x 56: letters of less than 20 pixels are lost; if there "
                          "are any, cut the image into parts"));
}

TEST(CheckData, RepeatedQuestionsAndPicturesAreWarnings) {
  CheckRun check;
  check.mem.Put("/d/copy.png", *check.mem.Get("/d/a.png"));
  MD2_ASSERT_OK_AND_ASSIGN(
      const CheckReport report,
      check(RowLine("a.png") + RowLine("a.png", "Why?") + RowLine("copy.png", "When?") +
            RowLine("a.png") + RowLine("copy.png", "Who?", "you")));
  EXPECT_THAT(
      WarningsOf(report),
      ElementsAre("row 3 image: expected each picture under one path, found that of row 1 under "
                  "another: drop one of the files",
                  "row 4 question: expected each question about a picture once, found that of row "
                  "1 again with the same answer: drop one, or it weighs more than others",
                  "row 5 answer: expected each question about a picture once, found that of row 1 "
                  "again with another answer: keep the right one"));
  EXPECT_EQ(report.num_images, 1);
}

TEST(CheckData, ValidationPicturesThatAreTrainedOnAreWarnings) {
  CheckRun check;
  check.mem.Put("/d/copy.png", *check.mem.Get("/d/b.png"));
  MD2_ASSERT_OK_AND_ASSIGN(
      const CheckReport report,
      check(RowLine("a.png") + RowLine("b.png"), RowLine("c.png") + RowLine("copy.png", "Why?")));
  EXPECT_THAT(WarningsOf(report),
              ElementsAre("val row 2 image: expected a picture that is not trained on, found that "
                          "of row 2 of the training data: take it out of one of the two, or the "
                          "evaluation flatters"));
  EXPECT_THAT(report.val_rows, ElementsAre(0, 1));
}

TEST(CheckData, ASplitHoldsPicturesOutByTheirBytes) {
  CheckRun check;
  std::string rows;
  for (int i = 0; i < 20; ++i) {
    check.mem.Put(StrCat("/d/", i, ".png"), PictureOf(5, 5, i));
    rows += RowLine(StrCat(i, ".png"), "Who?") + RowLine(StrCat(i, ".png"), "Why?");
  }
  check.options.val_split = 0.3;
  MD2_ASSERT_OK_AND_ASSIGN(const CheckReport report, check(rows));
  EXPECT_THAT(report.findings, IsEmpty());
  EXPECT_EQ(report.train_rows.size() + report.val_rows.size(), 40u);
  for (const uint32_t row : report.val_rows) {
    EXPECT_THAT(report.val_rows, ::testing::Contains(row ^ 1));
    EXPECT_THAT(report.train_rows, ::testing::Not(::testing::Contains(row)));
  }
}

TEST(CheckData, ASplitThatLeavesASideEmptyIsAnError) {
  CheckRun check;
  check.options.val_split = 0.5;
  MD2_ASSERT_OK_AND_ASSIGN(const CheckReport report, check(RowLine("a.png")));
  ASSERT_THAT(ErrorsOf(report), SizeIs(1));
  EXPECT_THAT(ErrorsOf(report)[0], ::testing::HasSubstr("val_split"));
}

TEST(CheckData, AllowedBadRowsAreLeftOutAndSaid) {
  CheckRun check;
  const std::string rows = RowLine("a.png") + "[1]\n" + RowLine("none.png");
  check.options.skip_bad_rows = 2;
  MD2_ASSERT_OK_AND_ASSIGN(const CheckReport allowed, check(rows));
  EXPECT_EQ(allowed.num_errors, 0);
  EXPECT_THAT(WarningsOf(allowed),
              ElementsAre("row 2: expected an object in braces, found a list: write one object a "
                          "row; the row is left out, as skip_bad_rows allows",
                          "row 3 image: cannot open for reading, no such file or folder: "
                          "/d/none.png; mend it or drop the row; the row is left out, as "
                          "skip_bad_rows allows"));
  EXPECT_THAT(allowed.train_rows, ElementsAre(0));
  check.options.skip_bad_rows = 1;
  MD2_ASSERT_OK_AND_ASSIGN(const CheckReport refused, check(rows));
  EXPECT_EQ(refused.num_errors, 2);
}

TEST(CheckData, OnlySoManyFindingsAreWrittenOutAndAllAreCounted) {
  CheckRun check;
  check.options.max_findings = 2;
  MD2_ASSERT_OK_AND_ASSIGN(const CheckReport report, check("1\n2\n3\n4\n" + RowLine("a.png")));
  EXPECT_THAT(report.findings, SizeIs(2));
  EXPECT_EQ(report.num_errors, 4);
}

TEST(CheckData, AnyNumberOfThreadsGivesOneReport) {
  CheckRun check;
  std::string rows;
  for (int i = 0; i < 50; ++i) rows += RowLine(i % 3 == 0 ? "none.png" : "a.png", StrCat("q", i));
  check.options.num_threads = 1;
  MD2_ASSERT_OK_AND_ASSIGN(const CheckReport one, check(rows));
  check.options.num_threads = 4;
  int64_t last_done = 0;
  check.options.progress = [&](int64_t done, int64_t total) {
    EXPECT_EQ(done, last_done + 1);
    EXPECT_EQ(total, 50);
    last_done = done;
  };
  MD2_ASSERT_OK_AND_ASSIGN(const CheckReport four, check(rows));
  EXPECT_EQ(last_done, 50);
  EXPECT_EQ(ErrorsOf(one), ErrorsOf(four));
  EXPECT_EQ(one.train_rows, four.train_rows);
}

TEST(CheckData, ACancelledCheckHasNoReport) {
  CheckRun check;
  base::CancelSource source;
  source.Cancel();
  check.options.cancel = source.token();
  EXPECT_THAT(check(RowLine("a.png")), HasReason(Reason::kCancelled));
}

}  // namespace
}  // namespace md2::data
