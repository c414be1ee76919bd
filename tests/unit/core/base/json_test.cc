#include "core/base/json.h"

#include <cstdint>
#include <ostream>
#include <random>
#include <string>

#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace md2::base {
namespace {

using absl::StatusCode;
using testing::HasReason;
using testing::IsOk;
using testing::StatusIs;

absl::StatusOr<Json> Parse(absl::string_view text, const JsonLimits& limits = {}) {
  return ParseJson(text, limits, "config.json");
}

JsonLimits WithDepth(size_t max_depth) {
  JsonLimits limits;
  limits.max_depth = max_depth;
  return limits;
}

TEST(ParseJson, BuildsEveryKindOfValue) {
  MD2_ASSERT_OK_AND_ASSIGN(
      const Json value,
      Parse(R"( {"n":null,"t":true,"i":-3,"u":18446744073709551615,"f":0.5,"s":"a\"\u00e9",
                 "a":[1,[],{}],"o":{"k":[2]}} )"));
  EXPECT_TRUE(value.at("n").is_null());
  EXPECT_EQ(value.at("t"), true);
  EXPECT_EQ(value.at("i"), -3);
  EXPECT_EQ(value.at("u").get<uint64_t>(), 18446744073709551615u);
  EXPECT_EQ(value.at("f"), 0.5);
  EXPECT_EQ(value.at("s"), "a\"\xc3\xa9");
  EXPECT_EQ(value.at("a"), Json::parse("[1,[],{}]"));
  EXPECT_EQ(value.at("o").at("k").at(0), 2);
}

TEST(ParseJson, TakesAScalarAsTheRoot) {
  MD2_ASSERT_OK_AND_ASSIGN(const Json value, Parse("7"));
  EXPECT_EQ(value, 7);
}

TEST(ParseJson, KeepsTheDigitsOfALongIntegerOnRequest) {
  constexpr absl::string_view kDigits = "-123456789012345678901234567890";
  JsonLimits limits;
  limits.keep_long_integers = true;
  MD2_ASSERT_OK_AND_ASSIGN(const Json kept, Parse(kDigits, limits));
  ASSERT_TRUE(kept.is_binary());
  EXPECT_EQ(std::string(kept.get_binary().begin(), kept.get_binary().end()), kDigits);
  MD2_ASSERT_OK_AND_ASSIGN(const Json fraction, Parse("1e30", limits));
  EXPECT_TRUE(fraction.is_number_float());
  MD2_ASSERT_OK_AND_ASSIGN(const Json rounded, Parse(kDigits));
  EXPECT_TRUE(rounded.is_number_float());
}

struct BadText {
  const char* name;
  std::string text;
  const char* error;
};

void PrintTo(const BadText& bad, std::ostream* out) { *out << bad.text; }

class ParseJsonErrorTest : public ::testing::TestWithParam<BadText> {};

TEST_P(ParseJsonErrorTest, NamesPlaceAndProblem) {
  const absl::Status status = Parse(GetParam().text).status();
  EXPECT_THAT(status, StatusIs(StatusCode::kInvalidArgument, std::string(GetParam().error)));
  EXPECT_THAT(status, HasReason(Reason::kJsonInvalid));
}

INSTANTIATE_TEST_SUITE_P(
    Texts, ParseJsonErrorTest,
    ::testing::Values(
        BadText{"Empty", "",
                "invalid JSON in config.json at byte 0: syntax error while parsing value - "
                "unexpected end of input; expected '[', '{', or a literal"},
        BadText{"Truncated", R"({"a":[1,)",
                "invalid JSON in config.json at byte 8: syntax error while parsing value - "
                "unexpected end of input; expected '[', '{', or a literal"},
        BadText{"TrailingComma", "[1,]",
                "invalid JSON in config.json at byte 3: syntax error while parsing value - "
                "unexpected ']'; expected '[', '{', or a literal"},
        BadText{"TextAfter", "{} x",
                "invalid JSON in config.json at byte 3: syntax error while parsing value - invalid "
                "literal; last read: '{} x'; expected end of input"},
        BadText{"SecondValue", "1 2",
                "invalid JSON in config.json at byte 2: syntax error while parsing value - "
                "unexpected number literal; expected end of input"},
        BadText{"Literal", "[nul]",
                "invalid JSON in config.json at byte 4: syntax error while parsing value - invalid "
                "literal; last read: '[nul]'"},
        BadText{"NotANumber", "[NaN]",
                "invalid JSON in config.json at byte 1: syntax error while parsing value - invalid "
                "literal; last read: '[N'"},
        BadText{"HugeNumber", "[1e999]",
                "invalid JSON in config.json at byte 5: number overflow parsing '1e999'"},
        BadText{"ControlCharacter", "\"a\nb\"",
                "invalid JSON in config.json at byte 2: syntax error while parsing value - invalid "
                "string: control character U+000A (LF) must be escaped to \\u000A or \\n; last "
                "read: '\"a<U+000A>'"},
        BadText{"InvalidUtf8", "[\"a\xff\"]",
                "invalid JSON in config.json at byte 3: syntax error while parsing value - invalid "
                "string: ill-formed UTF-8 byte; last read: '\"a\\xff'"},
        BadText{"LoneSurrogate", R"("\ud800")",
                "invalid JSON in config.json at byte 7: syntax error while parsing value - invalid "
                "string: surrogate U+D800..U+DBFF must be followed by U+DC00..U+DFFF; last read: "
                "'\"\\ud800\"'"},
        BadText{"ZeroByte", std::string("[\0]", 3),
                "invalid JSON in config.json at byte 1: expected text, found a zero byte"},
        BadText{"ZeroByteAfterTheValue", std::string("[]\0x", 4),
                "invalid JSON in config.json at byte 2: expected text, found a zero byte"},
        BadText{"KeyTwice", R"({"a":1,"b":{"a":1},"a":2})",
                "invalid JSON in config.json at byte 22: expected each key once in an object, "
                "found this one again: \"a\""},
        BadText{"KeyTwiceByEscape", R"({"a\n":1,"a\u000a":2})",
                "invalid JSON in config.json at byte 18: expected each key once in an object, "
                "found this one again: \"a\\n\""}),
    [](const ::testing::TestParamInfo<BadText>& param) { return param.param.name; });

TEST(ParseJson, RefusesMoreBytesThanTheLimit) {
  JsonLimits limits;
  limits.max_bytes = 4;
  EXPECT_THAT(Parse("[1]\n", limits), IsOk());
  EXPECT_THAT(Parse("[1]  ", limits).status(),
              StatusIs(StatusCode::kInvalidArgument,
                       "invalid JSON in config.json at byte 4: expected at most 4 bytes, found 5"));
}

TEST(ParseJson, RefusesMoreLevelsThanTheLimit) {
  EXPECT_THAT(Parse(R"({"a":[1]})", WithDepth(2)), IsOk());
  EXPECT_THAT(Parse(R"({"a":[{}]})", WithDepth(2)).status(),
              StatusIs(StatusCode::kInvalidArgument,
                       "invalid JSON in config.json at byte 7: expected at most 2 nested levels, "
                       "found more"));
  EXPECT_THAT(Parse("1", WithDepth(0)), IsOk());
  EXPECT_THAT(Parse("[]", WithDepth(0)), HasReason(Reason::kJsonInvalid));
}

TEST(ParseJson, SiblingsDoNotAddLevels) {
  EXPECT_THAT(Parse("[[],[],[[]],{}]", WithDepth(3)), IsOk());
}

TEST(ParseJson, RefusesMoreValuesThanTheLimit) {
  JsonLimits limits;
  limits.max_values = 4;
  EXPECT_THAT(Parse(R"({"a":[1,2]})", limits), IsOk());
  EXPECT_THAT(Parse(R"({"a":[1,2,3]})", limits).status(),
              StatusIs(StatusCode::kInvalidArgument,
                       "invalid JSON in config.json at byte 12: expected at most 4 values, found "
                       "more"));
}

TEST(ParseJson, AMillionLevelsOverflowNoStack) {
  JsonLimits limits;
  limits.max_depth = 1'000'000;
  const std::string open(1'000'000, '[');
  EXPECT_THAT(Parse(open, limits), HasReason(Reason::kJsonInvalid));
  EXPECT_THAT(Parse(open + std::string(1'000'000, ']'), WithDepth(1'000'000)).status(),
              HasReason(Reason::kJsonInvalid));  // beyond max_bytes
  limits.max_bytes = 3'000'000;
  EXPECT_THAT(Parse(open + std::string(1'000'000, ']'), limits), IsOk());
}

TEST(ParseJson, CutsALongKeyInTheError) {
  const std::string key(5000, 'k');
  const absl::Status status = Parse("{\"" + key + "\":1,\"" + key + "\":2}").status();
  EXPECT_THAT(status, HasReason(Reason::kJsonInvalid));
  EXPECT_LT(status.message().size(), 400u);
}

// A value of every kind, at most `depth` levels deep.
Json RandomValue(std::mt19937_64& random, int depth) {
  switch (random() % (depth > 0 ? 8 : 6)) {
    case 0:
      return nullptr;
    case 1:
      return random() % 2 == 0;
    case 2:
      return static_cast<int64_t>(random());
    case 3:
      return random();
    case 4:
      return static_cast<double>(random()) / 3e7 - 1e11;
    case 5:
      return std::string(random() % 5, static_cast<char>(random() % 128));
    case 6: {
      Json array = Json::array();
      for (uint64_t i = random() % 5; i > 0; --i) array.push_back(RandomValue(random, depth - 1));
      return array;
    }
    default: {
      Json object = Json::object();
      for (uint64_t i = random() % 5; i > 0; --i) {
        object[std::to_string(random() % 100)] = RandomValue(random, depth - 1);
      }
      return object;
    }
  }
}

TEST(ParseJson, ReadsBackRandomValues) {
  const uint64_t seed = std::random_device()();
  SCOPED_TRACE(seed);
  std::mt19937_64 random(seed);
  for (int round = 0; round < 500; ++round) {
    const Json value = RandomValue(random, 5);
    MD2_ASSERT_OK_AND_ASSIGN(const Json read, Parse(value.dump(round % 3 - 1)));
    ASSERT_EQ(read, value);
  }
}

TEST(ParseJson, AcceptsOfMutatedTextsOnlyWhatIsJson) {
  const uint64_t seed = std::random_device()();
  SCOPED_TRACE(seed);
  std::mt19937_64 random(seed);
  for (int round = 0; round < 2000; ++round) {
    std::string text = RandomValue(random, 4).dump();
    text[random() % text.size()] = R"([]{},:"0e\x)"[random() % 11];
    const absl::StatusOr<Json> read = Parse(text);
    if (read.ok()) {
      EXPECT_TRUE(Json::accept(text)) << text;
    } else if (Json::accept(text)) {
      // Only our own rule can have refused it.
      EXPECT_NE(read.status().message().find("each key once"), std::string::npos) << text;
    }
  }
}

}  // namespace
}  // namespace md2::base
