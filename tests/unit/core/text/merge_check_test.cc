#include "core/text/merge_check.h"

#include <random>
#include <set>
#include <string>
#include <vector>

#include "core/text/tokenizer.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/core/text/naive_bpe.h"

namespace md2::text {
namespace {

using base::Reason;
using testing::HasReason;
using testing::IsOk;
using testing::StatusIs;

constexpr char kHeading[] =
    "expected byte-pair merges that give every token in exactly one way, found otherwise in "
    "t.json:";

TEST(CheckMergesTest, AcceptsMergesThatAreExact) {
  TokenizerSpec spec = BytesOnly();
  EXPECT_THAT(CheckMerges(spec, "t.json"), IsOk());
  AddMerge(spec, "a", "a");
  AddMerge(spec, "aa", "aa");
  AddMerge(spec, "aaaa", "b");
  EXPECT_THAT(CheckMerges(spec, "t.json"), IsOk());
}

TEST(CheckMergesTest, TwoMergesOfOneStringAreNamed) {
  TokenizerSpec spec = BytesOnly();
  AddMerge(spec, "a", "b");
  AddMerge(spec, "b", "c");
  AddMerge(spec, "ab", "c");
  AddMerge(spec, "a", "bc");
  const absl::Status status = CheckMerges(spec, "t.json");
  EXPECT_THAT(status, HasReason(Reason::kTokenizerInvalid));
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument,
                               std::string(kHeading) +
                                   "\n  merge 2 (\"ab\" + \"c\") and merge 3 (\"a\" + \"bc\") give "
                                   "the same string \"abc\""));
}

TEST(CheckMergesTest, PartsOfLaterMergesAreNamed) {
  TokenizerSpec spec = BytesOnly();
  AddMerge(spec, "a", "b");
  AddMerge(spec, "ab", "c");
  std::swap(spec.merges[0], spec.merges[1]);
  EXPECT_THAT(CheckMerges(spec, "t.json"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       std::string(kHeading) +
                           "\n  merge 0 (\"ab\" + \"c\") uses \"ab\", which no earlier merge gives "
                           "and which is not a single byte"));
}

TEST(CheckMergesTest, TokensThatDoNotTokeniseToThemselvesAreNamed) {
  TokenizerSpec spec = BytesOnly();
  AddMerge(spec, "a", "b");
  AddMerge(spec, "b", "c");
  AddMerge(spec, "a", "bc");  // a+b comes first, so "abc" is ab+c
  spec.tokens.push_back({.written = "zebra", .bytes = "zebra", .in_vocabulary = true});
  EXPECT_THAT(
      CheckMerges(spec, "t.json"),
      StatusIs(absl::StatusCode::kInvalidArgument,
               std::string(kHeading) +
                   "\n  token 258 \"abc\" does not tokenise to itself: merge 0 (\"a\" + \"b\") "
                   "comes in the way of merge 2 (\"a\" + \"bc\")"
                   "\n  token 259 \"zebra\" does not tokenise to itself: no merge gives it"));
}

TEST(CheckMergesTest, AddedTokensAndTheEndNeedNoMerge) {
  TokenizerSpec spec = BytesOnly();
  spec.tokens.push_back(
      {.written = "<|endoftext|>", .bytes = "<|endoftext|>", .in_vocabulary = true});
  spec.tokens.push_back({.written = "zebra", .bytes = "zebra", .is_added = true});
  EXPECT_THAT(CheckMerges(spec, "t.json"), IsOk());
}

TEST(CheckMergesTest, MissingBytesAreNamed) {
  TokenizerSpec spec = BytesOnly();
  spec.tokens.erase(spec.tokens.begin() + 0x0F);
  spec.tokens.pop_back();
  EXPECT_THAT(CheckMerges(spec, "t.json"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       std::string(kHeading) +
                           "\n  expected a token for each of the 256 bytes, missing (hex): 0f ff"));
}

TEST(CheckMergesTest, AllProblemsAreNamedAtOnce) {
  TokenizerSpec spec = BytesOnly();
  AddMerge(spec, "a", "b");
  AddMerge(spec, "a", "b");
  AddMerge(spec, "ab", "c");
  AddMerge(spec, "abc", "d");
  std::swap(spec.merges[2], spec.merges[3]);
  EXPECT_THAT(
      CheckMerges(spec, "t.json"),
      StatusIs(absl::StatusCode::kInvalidArgument,
               std::string(kHeading) +
                   "\n  merge 0 (\"a\" + \"b\") and merge 1 (\"a\" + \"b\") give the same string "
                   "\"ab\""
                   "\n  merge 2 (\"abc\" + \"d\") uses \"abc\", which no earlier merge gives and "
                   "which is not a single byte"));
}

// Conditions (i) and (ii), as one would write them down.
bool PartsAreKnownAndResultsNew(const TokenizerSpec& spec) {
  std::set<TokenId> known;
  for (TokenId id = 0; id < 256; ++id) known.insert(id);
  for (const Merge& merge : spec.merges) {
    if (known.count(merge.left) == 0 || known.count(merge.right) == 0) return false;
    if (!known.insert(merge.result).second) return false;
  }
  return true;
}

// Condition (iii), by tokenising.
bool TokensAreTheirOwn(const TokenizerSpec& spec) {
  for (size_t id = 0; id < spec.tokens.size(); ++id) {
    if (NaiveBpe(spec, *spec.tokens[id].bytes).size() != 1) return false;
  }
  return true;
}

std::string RandomText(std::mt19937& random, size_t max_size) {
  std::string text;
  for (size_t i = random() % (max_size + 1); i > 0; --i) text += "abcd"[random() % 4];
  return text;
}

TEST(CheckMergesTest, RandomMergesAreAcceptedJustWhenTheyAreExactAndThenEncodeAsListed) {
  const uint32_t seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  int num_accepted = 0;
  int num_not_their_own = 0;
  for (int round = 0; round < 1000; ++round) {
    const TokenizerSpec spec = RandomSpec(random, 1 + static_cast<int>(random() % 7));
    const bool ordered = PartsAreKnownAndResultsNew(spec);
    const bool exact = ordered && TokensAreTheirOwn(spec);
    num_not_their_own += ordered && !exact;
    ASSERT_EQ(CheckMerges(spec, "t.json").ok(), exact) << AsJson(spec);
    if (!exact) continue;
    ++num_accepted;
    MD2_ASSERT_OK_AND_ASSIGN(const auto tokenizer, Tokenizer::FromJson(AsJson(spec), "t.json"));
    for (int i = 0; i < 5; ++i) {
      const std::string text = RandomText(random, 40);
      MD2_ASSERT_OK_AND_ASSIGN(const std::vector<TokenId> ids, tokenizer->Encode(text));
      ASSERT_EQ(ids, NaiveBpe(spec, text)) << text << " with " << AsJson(spec);
    }
  }
  EXPECT_GT(num_accepted, 100);
  EXPECT_GT(num_not_their_own, 30);
}

}  // namespace
}  // namespace md2::text
