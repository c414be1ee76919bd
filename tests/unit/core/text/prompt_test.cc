#include "core/text/prompt.h"

#include <string>
#include <vector>

#include "core/text/prompt_table.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/core/text/golden_file.h"
#include "tests/unit/core/text/naive_bpe.h"

namespace md2::text {
namespace {

using base::Reason;
using base::Revision;
using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using testing::HasReason;
using testing::IsOk;
using testing::IsOkAndHolds;
using testing::StatusIs;

constexpr TokenId kEnd = 50256;

absl::Status Asked(absl::string_view question) { return CheckQuestion(Published(), question); }

TEST(BuildPromptTest, TextTemplateOf2024) {
  const std::vector<TokenId> ids = {198,  198, 24361, 25,  39373, 4892, 428,
                                    2939, 13,  198,   198, 33706, 25};
  EXPECT_THAT(BuildPrompt(Published(), Revision::k2024_07_23, "Describe this image."),
              IsOkAndHolds(ElementsAreArray(ids)));
  EXPECT_THAT(BuildPrompt(Published(), Revision::k2024_08_26, "Describe this image."),
              IsOkAndHolds(ElementsAreArray(ids)));
}

TEST(BuildPromptTest, QuestionIsNeitherStrippedNorTidied) {
  MD2_ASSERT_OK_AND_ASSIGN(const auto ids,
                           BuildPrompt(Published(), Revision::k2024_07_23, " who 's  it\n"));
  EXPECT_EQ(Published().Decode(ids, {.clean_up = false}), "\n\nQuestion:  who 's  it\n\n\nAnswer:");
}

// The decision: no space before the question in this revision only.
TEST(BuildPromptTest, IdsOf2025January) {
  // "Describe" without a space is 24564 4892, with one it is 39373 4892.
  EXPECT_THAT(BuildPrompt(Published(), Revision::k2025_01_09, "Describe this image."),
              IsOkAndHolds(ElementsAre(198, 198, 24361, 25, 24564, 4892, 428, 2939, 13, 198, 198,
                                       33706, 25)));
}

TEST(BuildPromptTest, IdsOf2025MarchAndApril) {
  for (const Revision revision : {Revision::k2025_03_27, Revision::k2025_04_14}) {
    EXPECT_THAT(BuildPrompt(Published(), revision, "Describe this image."),
                IsOkAndHolds(ElementsAre(198, 198, 24361, 25, 39373, 4892, 428, 2939, 13, 198, 198,
                                         33706, 25)));
  }
}

// Question and template are tokenised apart, so a line break at the question's end stays its own.
TEST(BuildPromptTest, IdTemplatesDoNotMergeWithTheQuestion) {
  MD2_ASSERT_OK_AND_ASSIGN(const auto text,
                           BuildPrompt(Published(), Revision::k2024_07_23, "Why?\n"));
  MD2_ASSERT_OK_AND_ASSIGN(const auto by_ids,
                           BuildPrompt(Published(), Revision::k2025_03_27, "Why?\n"));
  EXPECT_EQ(Published().Decode(text, {}), Published().Decode(by_ids, {}));
  EXPECT_NE(text, by_ids);
}

// The decision: the last id is sent twice, as the published code does; no space before question or
// answer.
TEST(BuildPromptTest, IdsOf2025JuneEndWithTheSuffixTwice) {
  MD2_ASSERT_OK_AND_ASSIGN(const std::vector<TokenId> question, Published().Encode("Why?"));
  MD2_ASSERT_OK_AND_ASSIGN(const auto ids, BuildPrompt(Published(), Revision::k2025_06_21, "Why?"));
  std::vector<TokenId> expected = {1, 15381, 2};
  expected.insert(expected.end(), question.begin(), question.end());
  expected.insert(expected.end(), {3, 3});
  EXPECT_EQ(ids, expected);
  EXPECT_EQ(PromptTemplateOf(Revision::k2025_06_21).before_answer, "");
}

TEST(BuildPromptTest, IdTemplatesNeedTheirTokenizer) {
  MD2_ASSERT_OK_AND_ASSIGN(const auto tokenizer, Tokenizer::FromJson(AsJson(BytesOnly()), "t"));
  EXPECT_THAT(BuildPrompt(*tokenizer, Revision::k2024_07_23, "Why?"), IsOk());
  const auto result = BuildPrompt(*tokenizer, Revision::k2025_01_09, "Why?");
  EXPECT_THAT(result, HasReason(Reason::kTokenizerInvalid));
  EXPECT_THAT(result,
              StatusIs(absl::StatusCode::kInvalidArgument,
                       "expected the tokenizer that revision 2025-01-09 was published with, since "
                       "prompts of this revision hold the id 24361; found one with 256 ids"));
}

TEST(BuildExampleTest, LabelsAreTheAnswerAndItsEnd) {
  MD2_ASSERT_OK_AND_ASSIGN(
      const Example example,
      BuildExample(Published(), Revision::k2024_07_23, "What does the text say?", "000073", kEnd));
  EXPECT_THAT(example.ids, ElementsAre(198, 198, 24361, 25, 1867, 857, 262, 2420, 910, 30, 198, 198,
                                       33706, 25, 17643, 4790, 50256));
  EXPECT_EQ(example.num_prompt_ids, 14u);
}

TEST(BuildExampleTest, EndIdIsTheCallers) {
  MD2_ASSERT_OK_AND_ASSIGN(const Example example, BuildExample(Published(), Revision::k2024_07_23,
                                                               "What?", "A cat sat.", 7));
  EXPECT_THAT(std::vector<TokenId>(example.ids.end() - 5, example.ids.end()),
              ElementsAre(317, 3797, 3332, 13, 7));
}

TEST(BuildExampleTest, PromptIsThatOfAnswering) {
  for (const base::RevisionEntry& entry : base::kRevisions) {
    MD2_ASSERT_OK_AND_ASSIGN(const auto prompt, BuildPrompt(Published(), entry.revision, "Who?\n"));
    MD2_ASSERT_OK_AND_ASSIGN(const Example example,
                             BuildExample(Published(), entry.revision, "Who?\n", "\nNobody", kEnd));
    EXPECT_EQ(example.num_prompt_ids, prompt.size());
    EXPECT_EQ(std::vector<TokenId>(
                  example.ids.begin(),
                  example.ids.begin() + static_cast<std::ptrdiff_t>(example.num_prompt_ids)),
              prompt)
        << entry.name;
  }
}

TEST(BuildExampleTest, AnEmptyAnswerIsASpaceAndTheEnd) {
  MD2_ASSERT_OK_AND_ASSIGN(const Example example,
                           BuildExample(Published(), Revision::k2024_07_23, "What?", "", kEnd));
  EXPECT_THAT(std::vector<TokenId>(example.ids.end() - 2, example.ids.end()),
              ElementsAre(220, kEnd));
}

TEST(BuildExampleTest, WrongQuestionsAndAnswersAreRefused) {
  EXPECT_THAT(BuildExample(Published(), Revision::k2024_07_23, "", "a", kEnd),
              HasReason(Reason::kQuestionInvalid));
  EXPECT_THAT(BuildExample(Published(), Revision::k2024_07_23, "q", "a<|endoftext|>", kEnd),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       "expected an answer without reserved markers; take out \"<|endoftext|>\" at "
                       "byte 1"));
}

TEST(CheckQuestionTest, EmptyQuestionsAreRefused) {
  EXPECT_THAT(Asked(""), HasReason(Reason::kQuestionInvalid));
  EXPECT_THAT(Asked(""), StatusIs(absl::StatusCode::kInvalidArgument,
                                  "expected a question, found an empty text"));
  EXPECT_THAT(Asked(" \n\u00A0"), StatusIs(absl::StatusCode::kInvalidArgument,
                                           "expected a question, found white space only"));
}

TEST(CheckQuestionTest, ReservedMarkersAreRefused) {
  EXPECT_THAT(Asked("What is <image>?"), HasReason(Reason::kQuestionInvalid));
  EXPECT_THAT(Asked("What is <image>?"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       "expected a question without reserved markers; take out \"<image>\" at byte "
                       "8"));
  EXPECT_THAT(
      Asked("<|endoftext|>"),
      StatusIs(absl::StatusCode::kInvalidArgument,
               "expected a question without reserved markers; take out \"<|endoftext|>\" at "
               "byte 0"));
  EXPECT_THAT(Asked("a<|endoftext|> <image>"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       "expected a question without reserved markers; take out \"<image>\" at byte "
                       "15, \"<|endoftext|>\" at byte 1"));
}

TEST(CheckQuestionTest, TheEndIsRefusedEvenWhenItIsNoAddedToken) {
  const auto bare = LoadGoldenTokenizer("tiny-bare");
  EXPECT_THAT(CheckQuestion(*bare, "a<|endoftext|>"), HasReason(Reason::kQuestionInvalid));
}

TEST(CheckQuestionTest, AnySpecialTokenOfTheTokenizerIsRefused) {
  const auto split = LoadGoldenTokenizer("tiny-split");
  EXPECT_THAT(
      CheckQuestion(*split, "a <|a|> b"),
      StatusIs(absl::StatusCode::kInvalidArgument,
               "expected a question without reserved markers; take out \"<|a|>\" at byte 2"));
  EXPECT_THAT(CheckQuestion(*split, "a b"), IsOk());  // an added token, but no special one
}

TEST(CheckQuestionTest, QuestionsMustBeUtf8) {
  EXPECT_THAT(Asked("abc\xFF"), HasReason(Reason::kQuestionInvalid));
  EXPECT_THAT(Asked("abc\xFF"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       "expected a text in UTF-8, found the byte 0xff at offset 3"));
}

TEST(CheckQuestionTest, OrdinaryQuestionsMayBeAsked) {
  for (const char* question :
       {"?", "What is it?", "  two  spaces", "<IMAGE>", "<|endoftext", "图?"}) {
    EXPECT_THAT(Asked(question), IsOk()) << question;
  }
}

TEST(CheckAnswerTest, TheImageMarkerMeansNothingInAnAnswer) {
  EXPECT_THAT(CheckAnswer(Published(), "<image>"), IsOk());
  EXPECT_THAT(CheckAnswer(Published(), ""), IsOk());
  EXPECT_THAT(CheckAnswer(Published(), "\xFF"), HasReason(Reason::kQuestionInvalid));
}

TEST(AnswerTextTest, IsCleanedUpAndStripped) {
  MD2_ASSERT_OK_AND_ASSIGN(const auto ids, Published().Encode(" A cat , is n't it ? \n"));
  EXPECT_EQ(AnswerText(Published(), ids), "A cat, isn't it?");
}

TEST(AnswerTextTest, LeavesOutSpecialTokens) {
  EXPECT_EQ(AnswerText(Published(), {kEnd, 198, kEnd}), "");
  EXPECT_EQ(AnswerText(Published(), {}), "");
}

}  // namespace
}  // namespace md2::text
