#include "core/train/gate.h"

#include <ATen/ops/full.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/zeros.h>

#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "core/base/error.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace md2::train {
namespace {

using base::Reason;
using ::testing::AllOf;
using testing::HasMessage;
using testing::HasReason;
using ::testing::HasSubstr;
using testing::IsOk;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

TEST(FiniteWeightsTest, TheFirstTensorThatIsNotFiniteIsNamed) {
  for (const double bad : {kNan, kInfinity, -kInfinity}) {
    for (const at::ScalarType dtype : {at::kFloat, at::kBFloat16, at::kHalf}) {
      std::vector<StateTensor> weights = {{"a", at::ones({2, 3}, dtype)},
                                          {"b", at::ones({4, 5}, dtype)},
                                          {"c", at::full({1}, kNan, dtype)}};
      weights[1].tensor[3][4] = bad;
      weights[1].tensor[0][0] = bad;
      const absl::Status status = CheckFiniteWeights(weights);
      EXPECT_THAT(status, HasReason(Reason::kWeightsNotFinite));
      EXPECT_THAT(status, HasMessage(AllOf(HasSubstr("in b: 2 of 20 values"),
                                           HasSubstr("lower learning_rate"))));
    }
  }
}

TEST(FiniteWeightsTest, NumbersAndEmptyTensorsPass) {
  EXPECT_THAT(CheckFiniteWeights({}), IsOk());
  EXPECT_THAT(CheckFiniteWeights({{"a", at::full({3}, 3e38)}, {"b", at::zeros({0, 4})}}), IsOk());
}

TEST(LossTest, MustBeBelowThatOfGuessing) {
  EXPECT_THAT(CheckLossBelowChance(std::log(100.0) - 1e-9, 100), IsOk());
  for (const double loss : {std::log(100.0), 7.0, kNan, kInfinity}) {
    EXPECT_THAT(CheckLossBelowChance(loss, 100), HasReason(Reason::kLossTooHigh));
  }
  EXPECT_THAT(
      CheckLossBelowChance(5, 100),
      HasMessage(HasSubstr("below 4.6052, which guessing among 100 ids has, found 5.0000")));
}

RowAnswer Said(const char* text) {
  RowAnswer answer;
  answer.text = text;
  return answer;
}

TEST(AnsweredTest, OneAnswerWithTextWillDo) {
  EXPECT_THAT(CheckAnswered({Said(""), Said("a")}), IsOk());
}

TEST(AnsweredTest, NothingButEmptyAnswersFails) {
  const absl::Status status = CheckAnswered({Said(""), Said(" \n")});
  EXPECT_THAT(status, HasReason(Reason::kAnswersEmpty));
  EXPECT_THAT(status, HasMessage(HasSubstr("found 2 answers, all empty")));
  EXPECT_THAT(CheckAnswered({}), HasReason(Reason::kAnswersEmpty));
}

std::vector<RowAnswer> Answers(std::vector<std::vector<text::TokenId>> ids) {
  std::vector<RowAnswer> answers;
  for (std::vector<text::TokenId>& of_row : ids) {
    RowAnswer& answer = answers.emplace_back();
    answer.row = static_cast<int64_t>(answers.size()) + 9;
    answer.ids = std::move(of_row);
    answer.first_logits = at::full({4}, 2.0);
  }
  return answers;
}

TEST(SameAnswersTest, EqualOnesPass) {
  EXPECT_THAT(CheckSameAnswers(Answers({{1, 2}, {}}), Answers({{1, 2}, {}}), {}), IsOk());
}

TEST(SameAnswersTest, OtherIdsNameTheFirstRow) {
  const auto trained = Answers({{1}, {2}, {3}});
  const auto exported = Answers({{1}, {2, 2}, {4}});
  const absl::Status status = CheckSameAnswers(trained, exported, {.max_different_answers = 1});
  EXPECT_THAT(status, HasReason(Reason::kExportDiffers));
  EXPECT_THAT(status, HasMessage(AllOf(HasSubstr("at most 1 answers of"),
                                       HasSubstr("found 2 of 3, row 12 the first"))));
  EXPECT_THAT(CheckSameAnswers(trained, exported, {.max_different_answers = 2}), IsOk());
}

TEST(SameAnswersTest, LogitsMustBeWithinTheirLimit) {
  const auto trained = Answers({{1}, {2}});
  auto exported = Answers({{1}, {2}});
  exported[1].first_logits = at::full({4}, 2.02);
  const absl::Status status = CheckSameAnswers(trained, exported, {});
  EXPECT_THAT(status, HasReason(Reason::kExportDiffers));
  EXPECT_THAT(status, HasMessage(HasSubstr("for row 12 within 0.001 of the trained model's "
                                           "largest, found a difference of 0.01;")));
  EXPECT_THAT(CheckSameAnswers(trained, exported, {.max_logit_difference = 0.02}), IsOk());
}

TEST(SameAnswersTest, NanDiffersFromAll) {
  auto answers = Answers({{1}});
  answers[0].first_logits = at::full({4}, kNan);
  EXPECT_THAT(CheckSameAnswers(answers, answers, {}), HasReason(Reason::kExportDiffers));
}

TEST(SameAnswersTest, LogitsOfAnotherVocabularyAreAnError) {
  auto exported = Answers({{1}});
  exported[0].first_logits = at::full({5}, 2.0);
  EXPECT_THAT(CheckSameAnswers(Answers({{1}}), exported, {}), HasReason(Reason::kInternal));
}

TEST(SameAnswersTest, RowsMustBeTheSameAndNotNone) {
  auto other = Answers({{1}});
  other[0].row = 3;
  EXPECT_THAT(CheckSameAnswers(Answers({{1}}), other, {}), HasReason(Reason::kExportDiffers));
  EXPECT_THAT(CheckSameAnswers(Answers({{1}, {2}}), Answers({{1}}), {}),
              HasMessage(HasSubstr("found 1 beside the trained model's 2")));
  EXPECT_THAT(CheckSameAnswers({}, {}, {}), HasReason(Reason::kExportDiffers));
}

}  // namespace
}  // namespace md2::train
