#include "core/data/row.h"

#include <ostream>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace md2::data {
namespace {

using absl::StatusCode;
using base::Reason;
using testing::HasReason;
using ::testing::IsEmpty;
using testing::StatusIs;

// "field: message" a line.
std::string Problems(absl::string_view text) {
  std::string lines;
  for (const RowProblem& problem : ParseRow(text).problems) {
    absl::StrAppend(&lines, problem.field, ": ", problem.message, "\n");
  }
  return lines;
}

std::string WithAnswer(absl::string_view answer) {
  return absl::StrCat(R"({"image":"a.png","question":"q","answer":)", answer, "}");
}

TEST(ParseRow, ReadsTheThreeFieldsAndLeavesOthersAlone) {
  const ParsedRow parsed = ParseRow(
      R"( {"id":7,"image":"a/b.png","question":" Wo? ","answer":"Caf\u00e9\n","x":{"y":[]}} )");
  EXPECT_THAT(parsed.problems, IsEmpty());
  EXPECT_EQ(parsed.row.image, "a/b.png");
  EXPECT_EQ(parsed.row.question, " Wo? ");
  EXPECT_EQ(parsed.row.answer, "Caf\xc3\xa9\n");
}

TEST(ParseRow, ReadsTheOtherNames) {
  for (const char* image : {"image", "image_path", "file_name"}) {
    const ParsedRow parsed =
        ParseRow(absl::StrCat("{\"", image, R"(":"i","prompt":"q","response":"a"})"));
    EXPECT_THAT(parsed.problems, IsEmpty());
    EXPECT_EQ(parsed.row.image, "i");
    EXPECT_EQ(parsed.row.question, "q");
    EXPECT_EQ(parsed.row.answer, "a");
  }
}

// The right side is what Python 3 prints for json.dumps(json.loads(left)).
TEST(ParseRow, NumberAsAnswerIsItsTextAsPythonPrintsIt) {
  const std::pair<const char*, const char*> numbers[] = {
      {"0", "0"},
      {"-0", "0"},
      {"42", "42"},
      {"-9223372036854775808", "-9223372036854775808"},
      {"18446744073709551615", "18446744073709551615"},
      {"-123456789012345678901234567890", "-123456789012345678901234567890"},
      {"1.50", "1.5"},
      {"-0.0", "-0.0"},
      {"3.0", "3.0"},
      {"0.1", "0.1"},
      {"1e5", "100000.0"},
      {"1E2", "100.0"},
      {"0.0001", "0.0001"},
      {"0.00001234", "1.234e-05"},
      {"123456789012345.6", "123456789012345.6"},
      {"9007199254740993.0", "9007199254740992.0"},
      {"1e16", "1e+16"},
      {"1.5e300", "1.5e+300"},
      {"5e-324", "5e-324"},
  };
  for (const auto& [number, text] : numbers) {
    const ParsedRow parsed = ParseRow(WithAnswer(number));
    EXPECT_THAT(parsed.problems, IsEmpty()) << number;
    EXPECT_EQ(parsed.row.answer, text) << number;
  }
}

TEST(ParseRow, NamesAllProblemsAtOnce) {
  EXPECT_EQ(Problems("{}"),
            "image: expected one of image, image_path, file_name, found none: add it\n"
            "question: expected one of question, prompt, found none: add it\n"
            "answer: expected one of answer, response, found none: add it\n");
  EXPECT_EQ(Problems(R"({"image_path":7,"prompt":null,"response":["a"]})"),
            "image_path: expected text, found the number 7: put it in quotes\n"
            "prompt: expected text, found null: write text or drop the row\n"
            "response: expected text or a number, found a list: write text or drop the row\n");
  EXPECT_EQ(Problems(R"({"image":"","question":" \n","answer":""})"),
            "image: expected text, found an empty one: fill it in or drop the row\n"
            "question: expected text, found white space: fill it in or drop the row\n"
            "answer: expected text, found an empty one: fill it in or drop the row\n");
}

TEST(ParseRow, TwoNamesForOneFieldAreAProblemEvenWhenTheyAgree) {
  EXPECT_EQ(
      Problems(
          R"({"image":"a","file_name":"a","question":"q","prompt":"q","answer":1,"response":1})"),
      "image: expected one of image, image_path, file_name, found image and file_name: keep one\n"
      "question: expected one of question, prompt, found question and prompt: keep one\n"
      "answer: expected one of answer, response, found answer and response: keep one\n");
}

TEST(ParseRow, OtherKindsOfAnswerAreProblems) {
  EXPECT_EQ(Problems(WithAnswer("true")),
            "answer: expected text or a number, found true: write text or drop the row\n");
  EXPECT_EQ(Problems(WithAnswer("{}")),
            "answer: expected text or a number, found an object: write text or drop the row\n");
}

TEST(ParseRow, ALongNumberIsNoQuestion) {
  EXPECT_EQ(Problems(R"({"image":"a","question":123456789012345678901234567890,"answer":"a"})"),
            "question: expected text, found the number 123456789012345678901234567890: put it in "
            "quotes\n");
}

TEST(ParseRow, AZeroByteInAPathIsAProblem) {
  EXPECT_EQ(Problems(R"({"image":"a.png\u0000.txt","question":"q","answer":"a"})"),
            "image: expected a path, found a zero byte in it: take it out\n");
}

TEST(ParseRow, WhatIsNoObjectIsOneProblem) {
  EXPECT_EQ(Problems("[1]"),
            ": expected an object in braces, found a list: write one object a row\n");
  EXPECT_EQ(Problems("\"a\""),
            ": expected an object in braces, found a text: write one object a row\n");
  EXPECT_EQ(Problems("null"),
            ": expected an object in braces, found null: write one object a row\n");
}

TEST(ParseRow, WhatIsNoJsonIsOneProblemWithItsPlace) {
  EXPECT_EQ(Problems(R"({"image":"a","image":"b"})"),
            ": invalid JSON in the row at byte 20: expected each key once in an object, found this "
            "one again: \"image\"; mend it or drop the row\n");
  EXPECT_EQ(Problems("{\"image\":\"\xff\"}"),
            ": invalid JSON in the row at byte 10: syntax error while parsing value - invalid "
            "string: ill-formed UTF-8 byte; last read: '\"\\xff'; mend it or drop the row\n");
  EXPECT_EQ(
      Problems("{\"image\":"),
      ": invalid JSON in the row at byte 9: syntax error while parsing value - unexpected end "
      "of input; expected '[', '{', or a literal; mend it or drop the row\n");
  EXPECT_EQ(
      Problems(WithAnswer("1e999")),
      ": invalid JSON in the row at byte 45: number overflow parsing '1e999'; mend it or drop "
      "the row\n");
}

TEST(ParseRow, NestsUpToTheLimit) {
  const auto nested = [](size_t depth) {
    return absl::StrCat(R"({"image":"i","question":"q","answer":"a","x":)",
                        std::string(depth - 1, '['), std::string(depth - 1, ']'), "}");
  };
  EXPECT_EQ(Problems(nested(kMaxRowDepth)), "");
  EXPECT_THAT(Problems(nested(kMaxRowDepth + 1)),
              ::testing::HasSubstr("expected at most 16 nested levels, found more"));
}

TEST(ParseRow, ReadsUpToTheLimitOfBytes) {
  const std::string row = WithAnswer("\"a\"");
  const std::string largest = row + std::string(kMaxRowBytes - row.size(), ' ');
  EXPECT_EQ(Problems(largest), "");
  EXPECT_EQ(Problems(largest + " "),
            ": expected at most 1048576 bytes, found more: name images by path, shorten the "
            "texts\n");
}

TEST(RowError, SaysWhereAndWhat) {
  const absl::Status status = RowError(ParseRow(R"({"image":"i"})").problems, "row 3 of a.jsonl");
  EXPECT_THAT(status, HasReason(Reason::kDataInvalid));
  EXPECT_THAT(status, StatusIs(StatusCode::kInvalidArgument,
                               "row 3 of a.jsonl:\n"
                               "  question: expected one of question, prompt, found none: add it\n"
                               "  answer: expected one of answer, response, found none: add it"));
}

}  // namespace
}  // namespace md2::data
