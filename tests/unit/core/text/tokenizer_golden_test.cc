// Ids and texts against those of HF tokenizers; tests/golden/tokenizer/make.py made them.

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "core/text/stream_decoder.h"
#include "core/text/tokenizer.h"
#include "core/text/utf8.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/core/text/golden_file.h"

namespace md2::text {
namespace {

using ::testing::Ge;
using ::testing::SizeIs;

std::string TextAt(const base::Json& row, const char* key) {
  return row.at(key).get<std::string>();
}

class TokenizerGoldenTest : public ::testing::TestWithParam<const char*> {};

TEST_P(TokenizerGoldenTest, IdsAreThoseOfHfTokenizers) {
  const auto tokenizer = LoadGoldenTokenizer(GetParam());
  const auto rows = ReadGoldenRows(std::string(GetParam()) + "-encode.jsonl");
  ASSERT_THAT(rows, SizeIs(Ge(100u)));
  for (const base::Json& row : rows) {
    const std::string text = TextAt(row, "text");
    MD2_ASSERT_OK_AND_ASSIGN(const std::vector<TokenId> ids, tokenizer->Encode(text));
    EXPECT_EQ(ids, row.at("ids").get<std::vector<TokenId>>()) << row.dump();
  }
}

INSTANTIATE_TEST_SUITE_P(Files, TokenizerGoldenTest,
                         ::testing::Values("codegen", "tiny", "tiny-bare", "tiny-split",
                                           "tiny-prefix", "tiny-whole"));

class TokenizerDecodeGoldenTest : public ::testing::TestWithParam<const char*> {};

TEST_P(TokenizerDecodeGoldenTest, TextIsThatOfHfTokenizers) {
  const auto tokenizer = LoadGoldenTokenizer(GetParam());
  const auto rows = ReadGoldenRows(std::string(GetParam()) + "-decode.jsonl");
  ASSERT_THAT(rows, SizeIs(Ge(100u)));
  for (const base::Json& row : rows) {
    const auto ids = row.at("ids").get<std::vector<TokenId>>();
    EXPECT_EQ(tokenizer->Decode(ids, {.skip_special = false, .clean_up = false}),
              TextAt(row, "kept"))
        << row.dump();
    EXPECT_EQ(tokenizer->Decode(ids, {.skip_special = true, .clean_up = false}),
              TextAt(row, "skipped"))
        << row.dump();
    EXPECT_EQ(tokenizer->Decode(ids), TextAt(row, "clean")) << row.dump();
  }
}

TEST_P(TokenizerDecodeGoldenTest, StreamGivesTheSameTextInPieces) {
  const auto tokenizer = LoadGoldenTokenizer(GetParam());
  StreamDecoder decoder(*tokenizer);
  for (const base::Json& row : ReadGoldenRows(std::string(GetParam()) + "-decode.jsonl")) {
    std::string text;
    for (const TokenId id : row.at("ids").get<std::vector<TokenId>>()) text += decoder.Feed(id);
    text += decoder.Finish();
    EXPECT_EQ(text, TextAt(row, "clean")) << row.dump();
  }
}

INSTANTIATE_TEST_SUITE_P(Files, TokenizerDecodeGoldenTest,
                         ::testing::Values("codegen", "tiny", "tiny-split"));

// Template, answer, and what the added white-space tokens change.
TEST(PublishedTokenizerTest, KnownIds) {
  const std::vector<std::pair<std::string, std::vector<TokenId>>> known = {
      {"\n\nQuestion: Describe this image.\n\nAnswer:",
       {198, 198, 24361, 25, 39373, 4892, 428, 2939, 13, 198, 198, 33706, 25}},
      {" 000073<|endoftext|>", {17643, 4790, 50256}},
      {" A cat sat.<|endoftext|>", {317, 3797, 3332, 13, 50256}},
      {"\n\nLong caption:", {198, 198, 14617, 8305, 25}},
      {"\n\nDetect: crack\n\n", {198, 198, 47504, 25, 8469, 628}},
      {"a  b", {64, 50286, 65}},
      {"hello   world", {31373, 50285, 6894}},
  };
  for (const auto& [text, ids] : known) {
    MD2_ASSERT_OK_AND_ASSIGN(const std::vector<TokenId> found, Published().Encode(text));
    EXPECT_EQ(found, ids) << text;
  }
}

TEST(PublishedTokenizerTest, FactsThatTheModelNeeds) {
  EXPECT_EQ(Published().num_ids(), 50295u);
  EXPECT_EQ(Published().end_of_text_id(), 50256);
  EXPECT_THAT(Published().special_contents(), ::testing::ElementsAre("<|endoftext|>"));
}

TEST(PublishedTokenizerTest, WithoutAddedTokensWhiteSpaceIsSplitAsByGpt2) {
  base::Json file = base::Json::parse(ReadGolden("codegen-tokenizer.json"));
  file["added_tokens"] = base::Json::array();
  MD2_ASSERT_OK_AND_ASSIGN(const auto tokenizer, Tokenizer::FromJson(file.dump(), "bare"));
  EXPECT_EQ(tokenizer->num_ids(), 50257u);
  EXPECT_EQ(tokenizer->end_of_text_id(), 50256);
  MD2_ASSERT_OK_AND_ASSIGN(const auto two_spaces, tokenizer->Encode("a  b"));
  EXPECT_THAT(two_spaces, ::testing::ElementsAre(64, 220, 275));
  MD2_ASSERT_OK_AND_ASSIGN(const auto marker, tokenizer->Encode("<|endoftext|>"));
  EXPECT_THAT(marker, SizeIs(Ge(2u)));
}

struct Script {
  const char* name;
  uint32_t first;
  uint32_t last;
};

constexpr Script kScripts[] = {
    {"Latin", 0xC0, 0x24F},          {"Greek", 0x370, 0x3FF},      {"Cyrillic", 0x400, 0x52F},
    {"Armenian", 0x530, 0x58F},      {"Hebrew", 0x590, 0x5FF},     {"Arabic", 0x600, 0x6FF},
    {"Devanagari", 0x900, 0x97F},    {"Bengali", 0x980, 0x9FF},    {"Tamil", 0xB80, 0xBFF},
    {"Telugu", 0xC00, 0xC7F},        {"Thai", 0xE00, 0xE7F},       {"Tibetan", 0xF00, 0xFFF},
    {"Burmese", 0x1000, 0x109F},     {"Georgian", 0x10A0, 0x10FF}, {"Ethiopic", 0x1200, 0x137F},
    {"Cherokee", 0x13A0, 0x13FF},    {"Khmer", 0x1780, 0x17FF},    {"Hiragana", 0x3040, 0x309F},
    {"Katakana", 0x30A0, 0x30FF},    {"Han", 0x4E00, 0x9FFF},      {"Hangul", 0xAC00, 0xD7AF},
    {"private use", 0xE000, 0xF8FF}, {"emoji", 0x1F300, 0x1FAFF},
};

bool Holds(absl::string_view text, const Script& script) {
  while (!text.empty()) {
    const Utf8Scan scan = ScanUtf8(text);
    if (scan.code_point >= script.first && scan.code_point <= script.last) return true;
    text.remove_prefix(scan.num_bytes);
  }
  return false;
}

TEST(GoldenLinesTest, TwoThousandLinesOfManyScripts) {
  const auto rows = ReadGoldenRows("codegen-encode.jsonl");
  EXPECT_THAT(rows, SizeIs(Ge(2000u)));
  for (const Script& script : kScripts) {
    int num_lines = 0;
    for (const base::Json& row : rows) num_lines += Holds(TextAt(row, "text"), script);
    EXPECT_GE(num_lines, 10) << script.name;
  }
}

}  // namespace
}  // namespace md2::text
