#include "core/train/evaluate.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/core/train/asked_model.h"

namespace md2::train {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

RowAnswer Answered(int64_t row, const char* text) {
  RowAnswer answer;
  answer.row = row;
  answer.text = text;
  return answer;
}

TEST(ScoreAnswersTest, AnswersAreScoredBesideTheirReferences) {
  const std::vector<AskedRow> rows = {{.row = 4, .image = "i", .question = "q", .reference = "12"},
                                      {.row = 7, .image = "i", .question = "r", .reference = "ab"}};
  const std::vector<RowAnswer> answers = {Answered(4, "12"), Answered(7, "AB")};
  const EvaluationReport report = ScoreAnswers(rows, answers, 1);
  EXPECT_EQ(report.exact_match->n, 2);
  EXPECT_DOUBLE_EQ(report.exact_match->value, 0.5);
  EXPECT_LT(report.exact_match->low, 0.5);
  EXPECT_GT(report.exact_match->high, 0.5);
  EXPECT_DOUBLE_EQ(report.anls->value, 1);
  EXPECT_DOUBLE_EQ(report.char_accuracy->value, 0.5);
  ASSERT_THAT(report.samples, SizeIs(1));
  EXPECT_EQ(report.samples[0].row, 5) << "rows count from 1 in reports";
  EXPECT_EQ(report.samples[0].question, "q");
  EXPECT_EQ(report.samples[0].reference, "12");
  EXPECT_EQ(report.samples[0].answer, "12");
}

TEST(ScoreAnswersTest, WithoutRowsNothingIsMeasured) {
  const EvaluationReport report = ScoreAnswers({}, {}, 3);
  EXPECT_FALSE(report.exact_match.has_value());
  EXPECT_FALSE(report.anls.has_value());
  EXPECT_FALSE(report.char_accuracy.has_value());
  EXPECT_THAT(report.samples, IsEmpty());
}

TEST(EvaluateTest, WhatTheModelAnswersIsScored) {
  AskedModel asked("abbc");
  GenerateAnswersOptions options;
  options.max_new_tokens = 8;
  MD2_ASSERT_OK_AND_ASSIGN(const Evaluation first,
                           Evaluate(asked.answering(), asked.rows, 10, options));
  ASSERT_THAT(first.answers, SizeIs(4));
  for (size_t i = 0; i < 3; ++i) asked.rows[i].reference = first.answers[i].text;
  asked.rows[3].reference = "no such answer";
  MD2_ASSERT_OK_AND_ASSIGN(const Evaluation second,
                           Evaluate(asked.answering(), asked.rows, 10, options));
  EXPECT_DOUBLE_EQ(second.report.exact_match->value, 0.75);
  EXPECT_THAT(second.report.samples, SizeIs(4));
}

}  // namespace
}  // namespace md2::train
