#include "core/model/shard_index.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace md2::model {
namespace {

using absl::StatusCode;
using base::Reason;
using ::testing::ElementsAre;
using testing::HasReason;
using ::testing::IsEmpty;
using ::testing::Pair;
using testing::StatusIs;

void ExpectProblems(absl::string_view text, const std::string& lines) {
  const absl::Status status = ParseShardIndex(text, "i.json").status();
  EXPECT_THAT(status, HasReason(Reason::kModelWeightsInvalid));
  EXPECT_THAT(status,
              StatusIs(StatusCode::kInvalidArgument, "invalid index of shards i.json:" + lines));
}

TensorEntry Entry(std::string name, size_t file_index) {
  return {.name = std::move(name), .shape = {}, .file_index = file_index};
}

// The problems of shards s1 and s2, which the index gives a, b and c, d.
std::string Compare(const std::vector<TensorEntry>& entries,
                    const std::vector<std::string>& opened) {
  ShardIndex index;
  index.shards = {"s1", "s2"};
  index.shard_of_name = {{"a", "s1"}, {"b", "s1"}, {"c", "s2"}, {"d", "s2"}};
  base::ErrorList problems;
  CompareWithIndex(index, entries, opened, problems);
  return std::string(
      problems.ToStatus(StatusCode::kInternal, Reason::kInternal, "problems").message());
}

TEST(ParseShardIndexTest, ListsShardsOnceAndSorted) {
  MD2_ASSERT_OK_AND_ASSIGN(const ShardIndex index,
                           ParseShardIndex(R"({"metadata": {"total_size": 6},
                          "weight_map": {"b": "two", "a": "one", "c": "two"}})",
                                           "i.json"));
  EXPECT_THAT(index.shards, ElementsAre("one", "two"));
  EXPECT_THAT(index.shard_of_name,
              ElementsAre(Pair("a", "one"), Pair("b", "two"), Pair("c", "two")));
}

TEST(ParseShardIndexTest, AMapIsNeeded) {
  const std::string expected =
      "\n  expected an object with an object weight_map of tensors and the files that hold them, "
      "found none";
  for (const char* text : {"[]", "{}", R"({"weight_map": []})", "3"}) {
    ExpectProblems(text, expected);
  }
}

TEST(ParseShardIndexTest, MalformedJsonIsAProblemOfTheWeights) {
  ExpectProblems(R"({"weight_map": {"a": "1", "a": "2"}})",
                 "\n  invalid JSON in it at byte 29: expected each key once in an object, found "
                 "this one again: \"a\"");
}

TEST(ParseShardIndexTest, OneErrorNamesAllBadEntries) {
  ExpectProblems(
      R"({"weight_map": {"a": "../x", "b": "..", "c": "ok", "d": "/etc/x", "e": "", "f": ".",
                         "g": "a\\b", "h": "a\u0000b", "i": 3, "j": null, "k": ".."}})",
      "\n  expected the plain name of a file in the same folder, found \"../x\""
      "\n  expected the plain name of a file in the same folder, found \"..\""
      "\n  expected the plain name of a file in the same folder, found \"/etc/x\""
      "\n  expected the plain name of a file in the same folder, found \"\""
      "\n  expected the plain name of a file in the same folder, found \".\""
      "\n  expected the plain name of a file in the same folder, found \"a\\\\b\""
      "\n  expected the plain name of a file in the same folder, found \"a\\000b\""
      "\n  tensor \"i\": expected the file of a shard as string"
      "\n  tensor \"j\": expected the file of a shard as string");
}

TEST(ParseShardIndexTest, TooManyShardsAreRefused) {
  std::string text = R"({"weight_map": {"0": "0")";
  for (size_t i = 1; i <= kMaxShards; ++i) absl::StrAppend(&text, ",\"", i, "\":\"", i, "\"");
  ExpectProblems(text + "}}", "\n  expected at most 1024 shards, found 1025");
}

TEST(CompareWithIndexTest, TakesWhatFits) {
  EXPECT_THAT(Compare({Entry("a", 0), Entry("b", 0), Entry("c", 1), Entry("d", 1)}, {"s1", "s2"}),
              IsEmpty());
}

TEST(CompareWithIndexTest, NamesTensorsThatAreElsewhereNotNamedOrNowhere) {
  EXPECT_EQ(Compare({Entry("a", 0), Entry("c", 0), Entry("x\n", 1), Entry("d", 1)}, {"s1", "s2"}),
            "problems:"
            "\n  tensor \"c\": expected in \"s2\", found in \"s1\""
            "\n  tensor \"x\\n\": in no shard by the index, found in \"s2\""
            "\n  tensor \"b\": expected in \"s1\", found nowhere");
}

TEST(CompareWithIndexTest, TensorsOfAShardThatWasNotReadAreNotSaidToBeMissing) {
  EXPECT_THAT(Compare({Entry("c", 0), Entry("d", 0)}, {"s2"}), IsEmpty());
}

}  // namespace
}  // namespace md2::model
