#include "core/text/bpe_engine.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace md2::text {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<int32_t> Encoded(const BpeEngine& engine, std::string_view text) {
  std::vector<int32_t> ids;
  EXPECT_TRUE(engine.Encode(text, &ids)) << text;
  return ids;
}

TEST(BpeEngineTest, MergesTheLowestRankFirst) {
  std::string problem;
  const auto engine = BpeEngine::Create(
      {{"a", 10, 0}, {"b", 11, 0}, {"c", 12, 0}, {"bc", 13, 0}, {"ab", 14, 1}, {"abc", 15, 2}},
      &problem);
  ASSERT_NE(engine, nullptr) << problem;
  EXPECT_THAT(Encoded(*engine, "abc"), ElementsAre(15));
  EXPECT_THAT(Encoded(*engine, "abab"), ElementsAre(14, 14));
  EXPECT_THAT(Encoded(*engine, "acb"), ElementsAre(10, 12, 11));
}

TEST(BpeEngineTest, TheLeftmostOfEqualsIsMergedFirst) {
  std::string problem;
  const auto engine = BpeEngine::Create({{"a", 1, 0}, {"aa", 2, 0}}, &problem);
  ASSERT_NE(engine, nullptr) << problem;
  EXPECT_THAT(Encoded(*engine, "aaaaa"), ElementsAre(2, 2, 1));
}

TEST(BpeEngineTest, TextIsNotNormalised) {
  std::string problem;
  const auto engine =
      BpeEngine::Create({{" ", 1, 0}, {"Ａ", 2, 0}, {"e", 3, 0}, {"\u0301", 4, 0}}, &problem);
  ASSERT_NE(engine, nullptr) << problem;
  EXPECT_THAT(Encoded(*engine, "  Ａe\u0301 "), ElementsAre(1, 1, 2, 3, 4, 1));
}

TEST(BpeEngineTest, AnUnknownCharacterIsAFailureThatAddsNothing) {
  std::string problem;
  const auto engine = BpeEngine::Create({{"a", 1, 0}}, &problem);
  ASSERT_NE(engine, nullptr) << problem;
  std::vector<int32_t> ids;
  EXPECT_FALSE(engine->Encode("ab", &ids));
  EXPECT_THAT(ids, IsEmpty());
}

TEST(BpeEngineTest, RefusesWhatSentencePieceRefuses) {
  std::string problem;
  EXPECT_EQ(BpeEngine::Create({{"a", 1, 0}, {"a", 2, 0}}, &problem), nullptr);
  EXPECT_THAT(problem, HasSubstr("a is already defined"));
  EXPECT_EQ(BpeEngine::Create({{"", 1, 0}}, &problem), nullptr);
  EXPECT_THAT(problem, HasSubstr("piece must not be empty"));
}

}  // namespace
}  // namespace md2::text
