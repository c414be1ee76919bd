#include "core/model/generate.h"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/base/cancel.h"
#include "core/base/json.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/mem_file_env.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/tiny_model.h"
#include "tests/unit/core/model/raw_safetensors.h"

namespace md2::model {
namespace {

using base::Reason;
using ::testing::ElementsAre;
using testing::HasReason;
using ::testing::IsEmpty;
using testing::IsOk;
using testing::MakeTinyModel;
using ::testing::Pair;
using ::testing::SizeIs;
using testing::StatusIs;

using Ids = std::vector<int64_t>;

constexpr int64_t kLimit = 6;

std::unique_ptr<const Moondream> ModelEndingAt(int64_t eos_id) {
  testing::TinyModelOptions options;
  options.sizes.eos_id = eos_id;
  return MakeTinyModel(options);
}

std::vector<Session> Sessions(const Moondream& model, std::vector<Ids> prompts,
                              int64_t max_new_tokens = kLimit) {
  const Sizes& sizes = model.sizes();
  const at::Tensor features = testing::RandomValues({sizes.image_tokens(), sizes.text.dim}, 1);
  auto reading = model.Read(features, AttentionKind::kCausal,
                            {.prompts = std::move(prompts), .max_new_tokens = max_new_tokens});
  EXPECT_THAT(reading, IsOk());
  return std::move(reading->sessions);
}

GenerateOptions UpTo(int64_t max_new_tokens) {
  GenerateOptions options;
  options.max_new_tokens = max_new_tokens;
  return options;
}

std::vector<GeneratedAnswer> Answers(const Moondream& model, std::vector<Session> sessions,
                                     const GenerateOptions& options = UpTo(kLimit)) {
  auto answers = Generate(model, absl::MakeSpan(sessions), options);
  EXPECT_THAT(answers, IsOk());
  return *std::move(answers);
}

// The end id is one that no answer here comes to.
class GenerateTest : public ::testing::Test {
 protected:
  void SetUp() override {
    for (int64_t id = 0; id < testing::TinyModelSizes().text.vocab; ++id) {
      model_ = ModelEndingAt(id);
      const auto answers = Answers(*model_, Sessions(*model_, {{5, 6}, {7}}, 48), UpTo(48));
      if (std::all_of(answers.begin(), answers.end(), [](const GeneratedAnswer& answer) {
            return answer.finish_reason == FinishReason::kLength;
          })) {
        return;
      }
    }
    FAIL() << "expected an id that ends no answer, found none";
  }

  std::unique_ptr<const Moondream> model_;
};

TEST_F(GenerateTest, StopsAtTheLimit) {
  for (const int64_t limit : {1, 2, 5}) {
    std::vector<Session> sessions = Sessions(*model_, {{5, 6}});
    MD2_ASSERT_OK_AND_ASSIGN(const auto answers,
                             Generate(*model_, absl::MakeSpan(sessions), UpTo(limit)));
    EXPECT_THAT(answers[0].ids, SizeIs(limit));
    EXPECT_EQ(answers[0].finish_reason, FinishReason::kLength);
    EXPECT_EQ(sessions[0].num_tokens(), 12 + limit - 1) << "the last id is not read";
  }
}

TEST_F(GenerateTest, StopsAtTheEndId) {
  const Ids all = Answers(*model_, Sessions(*model_, {{5, 6}}))[0].ids;
  for (const int64_t end : all) {
    const auto model = ModelEndingAt(end);
    const GeneratedAnswer answer = Answers(*model, Sessions(*model, {{5, 6}}))[0];
    EXPECT_EQ(answer.ids, Ids(all.begin(), std::find(all.begin(), all.end(), end))) << end;
    EXPECT_EQ(answer.finish_reason, FinishReason::kStop);
  }
}

// One more than it can read: the last id needs no position.
TEST_F(GenerateTest, StopsAtTheEndOfTheContext) {
  std::vector<Session> sessions = Sessions(*model_, {Ids(30, 5), {7}}, 1000);
  EXPECT_EQ(sessions[0].room(), 8);
  MD2_ASSERT_OK_AND_ASSIGN(const auto answers,
                           Generate(*model_, absl::MakeSpan(sessions), UpTo(1000)));
  EXPECT_EQ(sessions[0].room(), 0);
  EXPECT_THAT(answers[0].ids, SizeIs(9));
  EXPECT_EQ(answers[0].finish_reason, FinishReason::kLength);
  EXPECT_THAT(answers[1].ids, SizeIs(38));
  EXPECT_EQ(sessions[1].num_tokens(), model_->sizes().text.max_positions);
}

TEST_F(GenerateTest, AFinishedAnswerDoesNotEndTheOthers) {
  const auto alone = Answers(*model_, Sessions(*model_, {{5, 6}}))[0].ids;
  const auto other = Answers(*model_, Sessions(*model_, {{7}}))[0].ids;
  const auto end = std::find_if(alone.begin(), alone.end(), [&](int64_t id) {
    return std::find(other.begin(), other.end(), id) == other.end();
  });
  ASSERT_NE(end, alone.end());
  const auto model = ModelEndingAt(*end);
  const auto answers = Answers(*model, Sessions(*model, {{5, 6}, {7}}));
  EXPECT_EQ(answers[0].ids, Ids(alone.begin(), end));
  EXPECT_EQ(answers[0].finish_reason, FinishReason::kStop);
  EXPECT_EQ(answers[1].ids, other);
  EXPECT_EQ(answers[1].finish_reason, FinishReason::kLength);
}

TEST_F(GenerateTest, CallsBackForEveryTokenInTheOrderOfSteps) {
  std::vector<std::pair<size_t, int64_t>> calls;
  GenerateOptions options = UpTo(2);
  options.on_token = [&](size_t session, int64_t id) { calls.emplace_back(session, id); };
  const auto answers = Answers(*model_, Sessions(*model_, {{5, 6}, {7}}), options);
  EXPECT_THAT(calls, ElementsAre(Pair(0, answers[0].ids[0]), Pair(1, answers[1].ids[0]),
                                 Pair(0, answers[0].ids[1]), Pair(1, answers[1].ids[1])));
}

TEST_F(GenerateTest, CancelEndsItWithinOneToken) {
  for (const size_t after : {1, 3}) {
    base::CancelSource source;
    size_t num_calls = 0;
    GenerateOptions options = UpTo(kLimit);
    options.cancel = source.token();
    options.on_token = [&](size_t, int64_t) {
      if (++num_calls == after) source.Cancel();
    };
    std::vector<Session> sessions = Sessions(*model_, {{5, 6}});
    const absl::Status status = Generate(*model_, absl::MakeSpan(sessions), options).status();
    EXPECT_THAT(status, HasReason(Reason::kCancelled));
    EXPECT_THAT(status, StatusIs(absl::StatusCode::kCancelled, "cancelled"));
    EXPECT_EQ(num_calls, after);
  }
}

TEST_F(GenerateTest, CancelledBeforehandItCallsNobody) {
  base::CancelSource source;
  source.Cancel();
  GenerateOptions options = UpTo(kLimit);
  options.cancel = source.token();
  options.on_token = [](size_t, int64_t) { ADD_FAILURE() << "called"; };
  std::vector<Session> sessions = Sessions(*model_, {{5, 6}});
  EXPECT_THAT(Generate(*model_, absl::MakeSpan(sessions), options), HasReason(Reason::kCancelled));
}

TEST_F(GenerateTest, NoTokensAskedForAreNoTokens) {
  GenerateOptions options = UpTo(0);
  options.on_token = [](size_t, int64_t) { ADD_FAILURE() << "called"; };
  std::vector<Session> sessions = Sessions(*model_, {{5, 6}, {7}}, 0);
  MD2_ASSERT_OK_AND_ASSIGN(const auto answers,
                           Generate(*model_, absl::MakeSpan(sessions), options));
  ASSERT_THAT(answers, SizeIs(2));
  for (const GeneratedAnswer& answer : answers) {
    EXPECT_THAT(answer.ids, IsEmpty());
    EXPECT_EQ(answer.finish_reason, FinishReason::kLength);
  }
  EXPECT_EQ(sessions[0].num_tokens(), 12);
}

TEST_F(GenerateTest, NoSessionIsNoAnswer) { EXPECT_THAT(Answers(*model_, {}), IsEmpty()); }

TEST(GenerateZeroModelTest, TheLowestIdOfEqualsIsTaken) {
  testing::MemFileEnv env;
  const Sizes sizes = testing::TinyModelSizes();
  env.Put("/m/config.json", base::Json{{"md2_sizes", SizesToJson(sizes)}}.dump());
  env.Put("/m/model.safetensors", ZeroWeights(WeightTable(sizes)));
  MD2_ASSERT_OK_AND_ASSIGN(const ModelFolder folder, OpenModelFolder(env, "/m"));
  MD2_ASSERT_OK_AND_ASSIGN(const auto model, Moondream::Load(folder, {}));
  EXPECT_THAT(Answers(*model, Sessions(*model, {{5}}))[0].ids, ElementsAre(0, 0, 0, 0, 0, 0));
}

}  // namespace
}  // namespace md2::model
