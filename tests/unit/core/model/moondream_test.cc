#include "core/model/moondream.h"

#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "core/base/json.h"
#include "core/model/generate.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/mem_file_env.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/tensor_matchers.h"
#include "tests/testing/tiny_model.h"
#include "tests/unit/core/model/raw_safetensors.h"

namespace md2::model {
namespace {

using absl::StatusCode;
using base::Reason;
using ::testing::ElementsAre;
using testing::HasReason;
using testing::IsNear;
using testing::IsOk;
using testing::IsSameTensor;
using testing::MakeTinyModel;
using testing::MemFileEnv;
using testing::RandomCrops;
using testing::RandomValues;
using ::testing::SizeIs;
using testing::StatusIs;
using testing::TinyModelSizes;

using Ids = std::vector<int64_t>;

// Of logits; passes of other shapes sum in another order. Seen at most 7e-7.
constexpr double kBound = 1e-5;

constexpr int64_t kAnswerIds = 8;
const Ids kPrompts[] = {{3, 1, 4, 1, 5}, {9}, {2, 6, 5, 3, 5, 8, 9, 7}};

Questions Ask(std::vector<Ids> prompts) {
  return {.prompts = std::move(prompts), .max_new_tokens = kAnswerIds};
}

at::Tensor FeaturesOf(const Sizes& sizes, uint64_t seed) {
  return RandomValues({sizes.image_tokens(), sizes.text.dim}, seed);
}

class MoondreamTest : public ::testing::TestWithParam<AttentionKind> {
 protected:
  FirstReading Read(uint64_t image, std::vector<Ids> prompts) const {
    auto reading =
        model_->Read(FeaturesOf(model_->sizes(), image), GetParam(), Ask(std::move(prompts)));
    EXPECT_THAT(reading, IsOk());
    return *std::move(reading);
  }

  std::vector<Session> Further(std::shared_ptr<const Prefix> prefix,
                               std::vector<Ids> prompts) const {
    auto sessions = model_->Ask(std::move(prefix), Ask(std::move(prompts)));
    EXPECT_THAT(sessions, IsOk());
    return *std::move(sessions);
  }

  std::vector<Ids> Answers(absl::Span<Session> sessions) const {
    GenerateOptions options;
    options.max_new_tokens = kAnswerIds;
    auto answers = Generate(*model_, sessions, options);
    EXPECT_THAT(answers, IsOk());
    std::vector<Ids> ids;
    for (const GeneratedAnswer& answer : *answers) ids.push_back(answer.ids);
    return ids;
  }

  Ids Answer(Session session) const { return Answers(absl::MakeSpan(&session, 1))[0]; }

  void Step(const std::vector<Session*>& sessions, const Ids& ids) const {
    EXPECT_THAT(model_->Step(sessions, ids), IsOk());
  }

  std::unique_ptr<const Moondream> model_ = MakeTinyModel();
};

INSTANTIATE_TEST_SUITE_P(BothAttentions, MoondreamTest,
                         ::testing::Values(AttentionKind::kCausal, AttentionKind::kPrefix),
                         [](const auto& test) {
                           return test.param == AttentionKind::kCausal ? "causal" : "prefix";
                         });

TEST_P(MoondreamTest, OnePassIsThePrefixFirstAndTheQuestionsLater) {
  FirstReading together = Read(1, {kPrompts[0], kPrompts[2]});
  const FirstReading first = Read(1, {});
  EXPECT_THAT(first.sessions, SizeIs(0));
  EXPECT_EQ(first.prefix->num_tokens(), model_->sizes().prefix_tokens());
  std::vector<Session> later = Further(first.prefix, {kPrompts[0], kPrompts[2]});
  ASSERT_THAT(later, SizeIs(2));
  for (size_t i = 0; i < later.size(); ++i) {
    EXPECT_THAT(later[i].logits(), IsNear(together.sessions[i].logits(), kBound));
    EXPECT_EQ(later[i].num_tokens(), together.sessions[i].num_tokens());
  }
  EXPECT_EQ(Answers(absl::MakeSpan(later)), Answers(absl::MakeSpan(together.sessions)));
}

TEST_P(MoondreamTest, QuestionsOfABatchAreAnsweredAsEachAlone) {
  FirstReading batch = Read(1, {kPrompts[0], kPrompts[1], kPrompts[2]});
  std::vector<Ids> alone;
  for (size_t i = 0; i < 3; ++i) {
    FirstReading one = Read(1, {kPrompts[i]});
    EXPECT_THAT(batch.sessions[i].logits(), IsNear(one.sessions[0].logits(), kBound));
    alone.push_back(Answer(std::move(one.sessions[0])));
  }
  EXPECT_EQ(Answers(absl::MakeSpan(batch.sessions)), alone);
}

TEST_P(MoondreamTest, InterleavedSessionsDoNotDisturbEachOther) {
  Session a = std::move(Read(1, {kPrompts[0]}).sessions[0]);
  Session b = std::move(Read(2, {kPrompts[2]}).sessions[0]);
  Session a_alone = std::move(Read(1, {kPrompts[0]}).sessions[0]);
  Session b_alone = std::move(Read(2, {kPrompts[2]}).sessions[0]);
  const Ids ids = {4, 30, 7, 7};
  for (const int64_t id : ids) {
    Step({&a}, {id});
    Step({&b}, {36 - id});
  }
  for (const int64_t id : ids) Step({&a_alone}, {id});
  for (const int64_t id : ids) Step({&b_alone}, {36 - id});
  EXPECT_THAT(a.logits(), IsSameTensor(a_alone.logits()));
  EXPECT_THAT(b.logits(), IsSameTensor(b_alone.logits()));
}

TEST_P(MoondreamTest, APrefixCanBeReusedAfterItsSessionsAreGone) {
  std::shared_ptr<const Prefix> prefix;
  Ids answer;
  at::Tensor logits;
  {
    FirstReading reading = Read(1, {kPrompts[0], kPrompts[2]});
    prefix = reading.prefix;
    logits = reading.sessions[0].logits();
    answer = Answer(std::move(reading.sessions[0]));
  }
  for (int i = 0; i < 2; ++i) {
    Session again = std::move(Further(prefix, {kPrompts[0]})[0]);
    EXPECT_THAT(again.logits(), IsNear(logits, kBound));
    EXPECT_EQ(Answer(std::move(again)), answer);
  }
}

TEST_P(MoondreamTest, ASessionKeepsItsPrefixAlive) {
  Session session = std::move(Read(1, {kPrompts[0]}).sessions[0]);
  EXPECT_EQ(session.prefix().num_tokens(), model_->sizes().prefix_tokens());
  EXPECT_EQ(Answer(std::move(session)), Answer(std::move(Read(1, {kPrompts[0]}).sessions[0])));
}

TEST_P(MoondreamTest, TokenByTokenIsOnePass) {
  const Ids& prompt = kPrompts[2];
  Session stepped = std::move(Read(1, {{prompt[0]}}).sessions[0]);
  for (size_t i = 1; i < prompt.size(); ++i) {
    Step({&stepped}, {prompt[i]});
    const Ids so_far(prompt.begin(), prompt.begin() + static_cast<int64_t>(i) + 1);
    const FirstReading whole = Read(1, {so_far});
    EXPECT_THAT(stepped.logits(), IsNear(whole.sessions[0].logits(), kBound)) << i;
    EXPECT_EQ(stepped.num_tokens(), whole.sessions[0].num_tokens());
  }
}

TEST_P(MoondreamTest, SessionsThatStepTogetherStepAsAlone) {
  FirstReading together = Read(1, {kPrompts[0], kPrompts[1], kPrompts[2]});
  FirstReading alone = Read(1, {kPrompts[0], kPrompts[1], kPrompts[2]});
  std::vector<Session>& a = together.sessions;
  for (const int64_t id : {1, 20, 33}) {
    Step({&a[0], &a[1], &a[2]}, {id, id + 1, id + 2});
    for (int64_t i = 0; i < 3; ++i) {
      Step({&alone.sessions[i]}, {id + i});
      EXPECT_THAT(a[i].logits(), IsNear(alone.sessions[i].logits(), kBound)) << i;
    }
  }
}

TEST_P(MoondreamTest, ThreadsShareAModel) {
  const Ids expected = Answer(std::move(Read(1, {kPrompts[0]}).sessions[0]));
  std::vector<Ids> answers(3);
  std::vector<std::thread> threads;
  for (Ids& answer : answers) {
    threads.emplace_back([&] { answer = Answer(std::move(Read(1, {kPrompts[0]}).sessions[0])); });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(answers, ElementsAre(expected, expected, expected));
}

TEST_P(MoondreamTest, QuestionsWithoutRoomForAnAnswerAreNamed) {
  // 48 positions, of which BOS and the image take 10.
  const Questions questions = Ask({Ids(38, 1), Ids(37, 1), {}, Ids(200, 1)});
  const char expected[] =
      "question longer than the context of 48 tokens, of which the image takes 10; ask a shorter "
      "one:\n"
      "  question 1: expected 1 to 37 tokens with its template, found 38\n"
      "  question 3: expected 1 to 37 tokens with its template, found 0\n"
      "  question 4: expected 1 to 37 tokens with its template, found 200";
  absl::Status status =
      model_->Read(FeaturesOf(model_->sizes(), 1), GetParam(), questions).status();
  EXPECT_THAT(status, HasReason(Reason::kContextOverflow));
  EXPECT_THAT(status, StatusIs(StatusCode::kInvalidArgument, expected));
  status = model_->Ask(Read(1, {}).prefix, questions).status();
  EXPECT_THAT(status, HasReason(Reason::kContextOverflow));
  EXPECT_THAT(status, StatusIs(StatusCode::kInvalidArgument, expected));
}

TEST_P(MoondreamTest, RoomIsForTheAnswerOrTheEndOfTheContext) {
  const FirstReading reading = Read(1, {{1, 2, 3}, Ids(37, 1)});
  EXPECT_EQ(reading.sessions[0].room(), kAnswerIds);
  EXPECT_EQ(reading.sessions[0].num_tokens(), 13);
  EXPECT_EQ(reading.sessions[1].room(), 1);
  EXPECT_EQ(reading.sessions[1].num_tokens(), 47);
}

TEST_P(MoondreamTest, NoQuestionMakesNoSession) {
  const std::shared_ptr<const Prefix> prefix = Read(1, {}).prefix;
  EXPECT_EQ(prefix->num_bytes(), 2 * 2 * 32 * 10 * 4);
  EXPECT_THAT(Further(prefix, {}), SizeIs(0));
}

TEST_P(MoondreamTest, AStepThatFailsLeavesItsSessionsAsBefore) {
  Session session = std::move(Read(1, {kPrompts[0]}).sessions[0]);
  Session undisturbed = std::move(Read(1, {kPrompts[0]}).sessions[0]);
  Session* const sessions[] = {&session};
  const absl::Status status = model_->Step(sessions, {37});  // no row of the vocabulary
  EXPECT_THAT(status, HasReason(Reason::kInternal));
  EXPECT_EQ(session.num_tokens(), undisturbed.num_tokens());
  EXPECT_THAT(session.logits(), IsSameTensor(undisturbed.logits()));
  Step({&session}, {5});
  Step({&undisturbed}, {5});
  EXPECT_THAT(session.logits(), IsSameTensor(undisturbed.logits()));
}

TEST(MoondreamAttentionTest, TheTwoKindsDiffer) {
  const auto model = MakeTinyModel();
  const at::Tensor features = FeaturesOf(model->sizes(), 1);
  MD2_ASSERT_OK_AND_ASSIGN(const FirstReading causal,
                           model->Read(features, AttentionKind::kCausal, Ask({{1}})));
  MD2_ASSERT_OK_AND_ASSIGN(const FirstReading prefix,
                           model->Read(features, AttentionKind::kPrefix, Ask({{1}})));
  EXPECT_GT(
      testing::LargestDifference(causal.sessions[0].logits(), prefix.sessions[0].logits()).relative,
      1e-3);
}

TEST(MoondreamImageTest, EveryTilingGivesOneEmbeddingAPatch) {
  const auto model = MakeTinyModel();
  for (const auto& [rows, cols] : {std::pair{0, 0}, {1, 2}, {2, 1}, {2, 2}}) {
    MD2_ASSERT_OK_AND_ASSIGN(const at::Tensor features,
                             model->EncodeImage(RandomCrops(model->sizes(), rows, cols, 1)));
    EXPECT_EQ(testing::TypeAndShape(features), "Float [9, 32]") << rows << " x " << cols;
  }
}

TEST(MoondreamImageTest, ManyImagesAreReadAsEachAlone) {
  for (const Precision precision : {Precision::kFp32, Precision::kBf16, Precision::kFp16}) {
    testing::TinyModelOptions options;
    options.precision = precision;
    const auto model = MakeTinyModel(options);
    std::vector<image::Crops> images;
    for (const auto& [rows, cols] : {std::pair{0, 0}, {1, 2}, {0, 0}, {2, 2}, {0, 0}}) {
      images.push_back(RandomCrops(model->sizes(), rows, cols, images.size()));
    }
    std::vector<const image::Crops*> pointers;
    for (const image::Crops& image : images) pointers.push_back(&image);
    MD2_ASSERT_OK_AND_ASSIGN(const std::vector<at::Tensor> all, model->EncodeImages(pointers));
    ASSERT_EQ(all.size(), images.size());
    for (size_t i = 0; i < images.size(); ++i) {
      MD2_ASSERT_OK_AND_ASSIGN(const at::Tensor alone, model->EncodeImage(images[i]));
      EXPECT_THAT(all[i], testing::IsSameTensor(alone)) << "image " << i;
    }
  }
}

TEST(MoondreamImageTest, CropsOfAnotherSizeAreOurBug) {
  Sizes larger = TinyModelSizes();
  larger.vision.crop += larger.vision.patch;
  const absl::Status status = MakeTinyModel()->EncodeImage(RandomCrops(larger, 0, 0, 1)).status();
  EXPECT_THAT(status, HasReason(Reason::kInternal));
  EXPECT_THAT(status, StatusIs(StatusCode::kInternal,
                               "encoding an image: expected crops of 12 pixels, found 16"));
}

TEST(MoondreamLoadTest, ARevisionOf2025IsUnsupported) {
  MemFileEnv env;
  env.Put("/m/config.json", base::Json{{"md2_sizes", SizesToJson(TinyModelSizes())}}.dump());
  std::vector<WeightSpec> table = WeightTable(TinyModelSizes());
  for (WeightSpec& spec : table) {
    if (!absl::StartsWith(spec.name, names::kTextBlocks)) continue;
    spec.name = absl::StrReplaceAll(spec.name, {{names::kTextBlocks, "model.text.blocks."},
                                                {"mixer.Wqkv", "attn.qkv"},
                                                {"mixer.out_proj", "attn.proj"}});
  }
  env.Put("/m/model.safetensors", ZeroWeights(table, Dtype::kBF16));
  MD2_ASSERT_OK_AND_ASSIGN(const ModelFolder folder, OpenModelFolder(env, "/m"));
  const absl::Status status = Moondream::Load(folder, {}).status();
  EXPECT_THAT(status, HasReason(Reason::kModelUnsupported));
  EXPECT_THAT(status,
              StatusIs(StatusCode::kFailedPrecondition,
                       "this build recognises and describes the revisions of 2025, and computes "
                       "none of them: expected 2024-07-23 or 2024-08-26, found 2025-06-21"));
}

}  // namespace
}  // namespace md2::model
