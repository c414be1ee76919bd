#include "server/worker/answerer.h"

#include "absl/time/time.h"
#include "core/base/error.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/server/worker/model_run.h"

namespace md2::worker {
namespace {

using testing::HasReason;

class AnswererTest : public ::testing::Test {
 protected:
  void SetUp() override {
    MD2_ASSERT_OK_AND_ASSIGN(model_, LoadModel(run_.files, {"m", ""}, {"fp32", "cpu", 1}));
  }

  // A clock that is a second later at every look.
  class TickingClock : public base::Clock {
   public:
    absl::Duration MonotonicNow() const override { return absl::Seconds(++looks_); }
    absl::Time WallNow() const override { return absl::UnixEpoch(); }

   private:
    mutable int looks_ = 0;
  };

  ModelRun run_;
  LoadedModel model_;
  TickingClock clock_;
};

TEST_F(AnswererTest, EveryTokenOfTheAnswerIsToldInOrder) {
  Answerer answerer(model_, run_.files, clock_, {.max_new_tokens = 5});
  std::vector<text::TokenId> told;
  MD2_ASSERT_OK_AND_ASSIGN(
      const AnswerResult result,
      answerer.Answer("small.png", "Who?", [&told](text::TokenId id) { told.push_back(id); }));
  EXPECT_EQ(result.tokens, told);
  EXPECT_EQ(told.size(), 5u);
}

TEST_F(AnswererTest, CancelIsObeyedWithinOneToken) {
  base::CancelSource source;
  Answerer answerer(model_, run_.files, clock_, {.max_new_tokens = 50, .cancel = source.token()});
  int num_told = 0;
  const auto result = answerer.Answer("small.png", "Who?", [&](text::TokenId) {
    if (++num_told == 3) source.Cancel();
  });
  EXPECT_THAT(result, HasReason(base::Reason::kCancelled));
  EXPECT_EQ(num_told, 3);
}

TEST_F(AnswererTest, StagesOfAnImageThatIsKnownTakeNoTime) {
  Answerer answerer(model_, run_.files, clock_, {.max_new_tokens = 2});
  MD2_ASSERT_OK_AND_ASSIGN(const AnswerResult first, answerer.Answer("small.png", "Who?", nullptr));
  MD2_ASSERT_OK_AND_ASSIGN(const AnswerResult second,
                           answerer.Answer("small.png", "Why?", nullptr));
  EXPECT_EQ(first.seconds.decode_image, 1);
  EXPECT_EQ(first.seconds.encode, 1);
  EXPECT_EQ(first.seconds.prefill, 1);
  EXPECT_EQ(first.seconds.decode, 1);
  EXPECT_EQ(second.seconds.decode_image, 0);
  EXPECT_EQ(second.seconds.encode, 0);
  EXPECT_EQ(second.seconds.prefill, 1);
}

TEST_F(AnswererTest, AfterAnErrorTheNextQuestionIsAnswered) {
  Answerer answerer(model_, run_.files, clock_, {.max_new_tokens = 2});
  MD2_ASSERT_OK_AND_ASSIGN(const AnswerResult before,
                           answerer.Answer("small.png", "Who?", nullptr));
  EXPECT_THAT(answerer.Answer("none.png", "Who?", nullptr), HasReason(base::Reason::kFileNotFound));
  EXPECT_THAT(answerer.Answer("small.png", "", nullptr), HasReason(base::Reason::kQuestionInvalid));
  MD2_ASSERT_OK_AND_ASSIGN(const AnswerResult after, answerer.Answer("small.png", "Who?", nullptr));
  EXPECT_EQ(before.tokens, after.tokens);
}

TEST_F(AnswererTest, JsonSaysWhyTheAnswerEnded) {
  AnswerResult result;
  result.answer = "a";
  result.tokens = {1, 2};
  result.finish_reason = model::FinishReason::kStop;
  result.prompt_tokens = 7;
  result.seconds = {.load = 1, .decode_image = 2, .encode = 3, .prefill = 4, .decode = 5};
  EXPECT_EQ(AnswerToJson(result).dump(),
            R"({"answer":"a","finish_reason":"stop","prompt_tokens":7,"seconds":{"decode":5.0,)"
            R"("decode_image":2.0,"encode":3.0,"load":1.0,"prefill":4.0},"tokens":[1,2]})");
  result.finish_reason = model::FinishReason::kLength;
  EXPECT_EQ(AnswerToJson(result)["finish_reason"], "length");
}

}  // namespace
}  // namespace md2::worker
