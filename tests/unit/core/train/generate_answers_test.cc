#include "core/train/generate_answers.h"

#include <ATen/ops/argmax.h>

#include <set>

#include "core/base/error.h"
#include "core/text/prompt.h"
#include "core/train/auto_rules.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/core/train/asked_model.h"

namespace md2::train {
namespace {

using base::Reason;
using ::testing::AllOf;
using ::testing::ElementsAre;
using testing::HasMessage;
using testing::HasReason;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::IsOk;
using ::testing::SizeIs;
using testing::StatusIs;

using Ids = std::vector<text::TokenId>;

GenerateAnswersOptions UpTo(int64_t max_new_tokens) {
  GenerateAnswersOptions options;
  options.max_new_tokens = max_new_tokens;
  return options;
}

std::vector<Ids> IdsOf(const std::vector<RowAnswer>& answers) {
  std::vector<Ids> ids;
  for (const RowAnswer& answer : answers) ids.push_back(answer.ids);
  return ids;
}

// As `md2-worker answer` goes about one question.
RowAnswer AnsweredAlone(AskedModel& asked, const AskedRow& row, model::AttentionKind attention,
                        int64_t max_new_tokens) {
  const auto prompt =
      text::BuildPrompt(*asked.tokenizer, base::Revision::k2024_08_26, row.question);
  EXPECT_THAT(prompt, IsOk());
  const auto features = asked.features.Get(row.row);
  EXPECT_THAT(features, IsOk());
  auto reading = asked.model->Read(
      *features, attention,
      {.prompts = {{prompt->begin(), prompt->end()}}, .max_new_tokens = max_new_tokens});
  EXPECT_THAT(reading, IsOk());
  model::GenerateOptions options;
  options.max_new_tokens = max_new_tokens;
  const auto answers = model::Generate(*asked.model, absl::MakeSpan(reading->sessions), options);
  EXPECT_THAT(answers, IsOk());
  RowAnswer answer;
  answer.ids.assign((*answers)[0].ids.begin(), (*answers)[0].ids.end());
  answer.finish_reason = (*answers)[0].finish_reason;
  answer.text = text::AnswerText(*asked.tokenizer, answer.ids);
  return answer;
}

TEST(GenerateAnswersTest, AnswersAreThoseOfOneAtATime) {
  AskedModel asked("aabcccdeaafghijk");
  for (const auto attention : {model::AttentionKind::kCausal, model::AttentionKind::kPrefix}) {
    std::vector<Ids> alone;
    for (const AskedRow& row : asked.rows) {
      alone.push_back(AnsweredAlone(asked, row, attention, 12).ids);
    }
    for (const int64_t together : {1, 2, 3, 5, 64}) {
      GenerateAnswersOptions options = UpTo(12);
      options.max_rows_together = together;
      MD2_ASSERT_OK_AND_ASSIGN(const auto answers,
                               GenerateAnswers(asked.answering(attention), asked.rows, options));
      EXPECT_EQ(IdsOf(answers), alone) << together;
    }
  }
}

TEST(GenerateAnswersTest, RowsTextsAndReasonsToFinishBelongToTheirRow) {
  AskedModel asked("abcdefghijklmnop");
  MD2_ASSERT_OK_AND_ASSIGN(const auto answers,
                           GenerateAnswers(asked.answering(), asked.rows, UpTo(40)));
  ASSERT_THAT(answers, SizeIs(asked.rows.size()));
  std::set<model::FinishReason> seen;
  for (size_t i = 0; i < answers.size(); ++i) {
    const RowAnswer alone = AnsweredAlone(asked, asked.rows[i], model::AttentionKind::kCausal, 40);
    EXPECT_EQ(answers[i].row, asked.rows[i].row);
    EXPECT_EQ(answers[i].finish_reason, alone.finish_reason);
    EXPECT_EQ(answers[i].text, alone.text);
    EXPECT_FALSE(answers[i].first_logits.defined());
    seen.insert(answers[i].finish_reason);
  }
  EXPECT_THAT(seen, SizeIs(2)) << "expected answers of both kinds";
}

TEST(GenerateAnswersTest, AnImageOfRowsThatFollowEachOtherIsReadOnce) {
  AskedModel asked("aabbbca");
  for (const int64_t together : {1, 2, 64}) {
    asked.features.asked.clear();
    asked.features.expected.clear();
    GenerateAnswersOptions options = UpTo(2);
    options.max_rows_together = together;
    EXPECT_THAT(GenerateAnswers(asked.answering(), asked.rows, options), IsOk());
    EXPECT_THAT(asked.features.asked, ElementsAre(0, 2, 5, 6)) << together;
    EXPECT_EQ(asked.features.expected, asked.features.asked) << "said before, to be loaded ahead";
  }
}

TEST(GenerateAnswersTest, TheLimitFollowsFromTheLongestReference) {
  AskedModel asked("ab");
  asked.rows[1].reference = "0123456789abcdef";
  MD2_ASSERT_OK_AND_ASSIGN(const auto example,
                           text::BuildExample(*asked.tokenizer, base::Revision::k2024_08_26, "a",
                                              asked.rows[1].reference, kEndId));
  const auto tokens = static_cast<int64_t>(example.ids.size() - example.num_prompt_ids - 1);
  GenerateAnswersOptions options;
  MD2_ASSERT_OK_AND_ASSIGN(const auto answers,
                           GenerateAnswers(asked.answering(), asked.rows, options));
  const int64_t limit = AutoMaxNewTokens(tokens, 1000).value;
  MD2_ASSERT_OK_AND_ASSIGN(const auto limited,
                           GenerateAnswers(asked.answering(), asked.rows, UpTo(limit)));
  EXPECT_EQ(IdsOf(answers), IdsOf(limited));
  EXPECT_THAT(answers[0].ids, SizeIs(limit)) << "expected an answer that the limit ends";
}

TEST(GenerateAnswersTest, RowsTogetherFitTheirBytes) {
  AskedModel asked("abcdef");
  std::vector<int64_t> told;
  GenerateAnswersOptions options = UpTo(2);
  options.on_progress = [&told](int64_t done) { told.push_back(done); };
  EXPECT_THAT(GenerateAnswers(asked.answering(), asked.rows, options), IsOk());
  EXPECT_THAT(told, ElementsAre(6));
  told.clear();
  options.max_cache_bytes = 1;
  EXPECT_THAT(GenerateAnswers(asked.answering(), asked.rows, options), IsOk());
  EXPECT_THAT(told, ElementsAre(1, 2, 3, 4, 5, 6));
}

TEST(GenerateAnswersTest, FirstLogitsChoseTheFirstToken) {
  AskedModel asked("abb");
  GenerateAnswersOptions options = UpTo(3);
  options.keep_first_logits = true;
  MD2_ASSERT_OK_AND_ASSIGN(const auto answers,
                           GenerateAnswers(asked.answering(), asked.rows, options));
  for (const RowAnswer& answer : answers) {
    ASSERT_EQ(answer.first_logits.numel(), 600);
    const auto id = at::argmax(answer.first_logits).item<int64_t>();
    EXPECT_EQ(id, answer.ids.empty() ? kEndId : answer.ids[0]);
  }
}

TEST(GenerateAnswersTest, AnErrorOfTheFeaturesNamesTheRow) {
  AskedModel asked("abcc");
  asked.features.failing_row = 2;
  asked.features.failure =
      base::MakeError(absl::StatusCode::kNotFound, Reason::kFileNotFound, "no such image");
  const auto answers = GenerateAnswers(asked.answering(), asked.rows, UpTo(2));
  EXPECT_THAT(answers, StatusIs(absl::StatusCode::kNotFound, "rows 3 to 4: no such image"));
  EXPECT_THAT(answers, HasReason(Reason::kFileNotFound));
}

TEST(GenerateAnswersTest, AQuestionThatDoesNotFitNamesItsRowBeforeAnyImageIsRead) {
  AskedModel asked("abc");
  asked.rows[1].question = std::string(200, 'q') + " Q7";
  const auto answers = GenerateAnswers(asked.answering(), asked.rows, UpTo(2));
  EXPECT_THAT(answers, HasReason(Reason::kContextOverflow));
  EXPECT_THAT(answers,
              HasMessage(AllOf(HasSubstr("row 2: expected a question of at most 53 tokens"),
                               HasSubstr("ask a shorter one"))));
  EXPECT_THAT(asked.features.asked, IsEmpty());
}

TEST(GenerateAnswersTest, AQuestionThatMayNotBeAskedNamesItsRow) {
  AskedModel asked("abc");
  asked.rows[2].question = "<image>";
  const auto answers = GenerateAnswers(asked.answering(), asked.rows, UpTo(2));
  EXPECT_THAT(answers, HasReason(Reason::kQuestionInvalid));
  EXPECT_THAT(answers, HasMessage(HasSubstr("row 3: ")));
}

TEST(GenerateAnswersTest, CancelIsObeyedBeforeTheNextImage) {
  AskedModel asked("abc");
  base::CancelSource source;
  GenerateAnswersOptions options = UpTo(2);
  options.max_rows_together = 1;
  options.cancel = source.token();
  options.on_progress = [&source](int64_t) { source.Cancel(); };
  EXPECT_THAT(GenerateAnswers(asked.answering(), asked.rows, options),
              HasReason(Reason::kCancelled));
  EXPECT_THAT(asked.features.asked, ElementsAre(0));
}

TEST(GenerateAnswersTest, WithoutRowsThereAreNoAnswers) {
  AskedModel asked("a");
  MD2_ASSERT_OK_AND_ASSIGN(const auto answers, GenerateAnswers(asked.answering(), {}, {}));
  EXPECT_THAT(answers, IsEmpty());
}

}  // namespace
}  // namespace md2::train
