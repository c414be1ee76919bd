#include "core/text/tokenizer_json.h"

#include <functional>
#include <string>

#include "absl/strings/str_cat.h"
#include "core/base/json.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace md2::text {
namespace {

using base::Json;
using base::Reason;
using testing::HasReason;
using ::testing::HasSubstr;
using ::testing::SizeIs;
using ::testing::StartsWith;
using testing::StatusIs;

constexpr char kHeading[] = "expected a byte-level BPE tokenizer, found otherwise in t.json:";

// A file without a problem of form.
Json GoodFile() {
  return Json::parse(R"({
    "version": "1.0", "truncation": null, "padding": null, "normalizer": null,
    "added_tokens": [{"id": 4, "content": "<|end|>", "single_word": false, "lstrip": false,
                      "rstrip": false, "normalized": false, "special": true}],
    "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true,
                      "use_regex": true},
    "post_processor": {"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": false},
    "decoder": {"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": true},
    "model": {"type": "BPE", "dropout": null, "unk_token": null, "continuing_subword_prefix": "",
              "end_of_word_suffix": "", "fuse_unk": false, "byte_fallback": false,
              "vocab": {"a": 0, "Ġ": 1, "Ġa": 2, "Ġaa": 3}, "merges": ["Ġ a", ["Ġa", "a"]]}
  })");
}

absl::StatusOr<TokenizerSpec> Read(const Json& file) {
  return ReadTokenizerJson(file.dump(), "t.json");
}

// The error of the good file after that change, which must hold these lines after the heading.
void ExpectProblems(const std::function<void(Json&)>& change, const std::string& lines) {
  Json file = GoodFile();
  change(file);
  const absl::Status status = Read(file).status();
  EXPECT_THAT(status, HasReason(Reason::kTokenizerInvalid));
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument, kHeading + lines));
}

TEST(ReadTokenizerJsonTest, ReadsTokensMergesAndSettings) {
  MD2_ASSERT_OK_AND_ASSIGN(const TokenizerSpec spec, Read(GoodFile()));
  ASSERT_THAT(spec.tokens, SizeIs(5));
  EXPECT_EQ(spec.tokens[2].written, "Ġa");
  EXPECT_EQ(spec.tokens[2].bytes, " a");
  EXPECT_TRUE(spec.tokens[2].in_vocabulary);
  EXPECT_FALSE(spec.tokens[2].is_added);
  EXPECT_EQ(spec.tokens[4].written, "<|end|>");
  EXPECT_FALSE(spec.tokens[4].in_vocabulary);
  EXPECT_TRUE(spec.tokens[4].is_added);
  ASSERT_THAT(spec.merges, SizeIs(2));
  EXPECT_EQ(spec.merges[1].left, 2);
  EXPECT_EQ(spec.merges[1].right, 0);
  EXPECT_EQ(spec.merges[1].result, 3);
  ASSERT_THAT(spec.added_tokens, SizeIs(1));
  EXPECT_EQ(spec.added_tokens[0].content, "<|end|>");
  EXPECT_EQ(spec.added_tokens[0].id, 4);
  EXPECT_TRUE(spec.added_tokens[0].is_special);
  EXPECT_FALSE(spec.added_tokens[0].is_normalized);
  EXPECT_FALSE(spec.add_prefix_space);
  EXPECT_TRUE(spec.use_regex);
}

TEST(ReadTokenizerJsonTest, AddedTokensMayBeMissing) {
  Json file = GoodFile();
  file.erase("added_tokens");
  MD2_ASSERT_OK_AND_ASSIGN(const TokenizerSpec spec, Read(file));
  EXPECT_THAT(spec.tokens, SizeIs(4));
}

TEST(ReadTokenizerJsonTest, ATokenMayBeInTheVocabularyAndAdded) {
  Json file = GoodFile();
  file["model"]["vocab"]["<|end|>"] = 4;
  MD2_ASSERT_OK_AND_ASSIGN(const TokenizerSpec spec, Read(file));
  ASSERT_THAT(spec.tokens, SizeIs(5));
  EXPECT_TRUE(spec.tokens[4].in_vocabulary);
  EXPECT_TRUE(spec.tokens[4].is_added);
}

TEST(ReadTokenizerJsonTest, PreTokenizerMayBeASequence) {
  Json file = GoodFile();
  const Json byte_level = {{"type", "ByteLevel"}, {"add_prefix_space", true}, {"use_regex", false}};
  file["pre_tokenizer"] = {{"type", "Sequence"}, {"pretokenizers", Json::array({byte_level})}};
  MD2_ASSERT_OK_AND_ASSIGN(const TokenizerSpec spec, Read(file));
  EXPECT_TRUE(spec.add_prefix_space);
  EXPECT_FALSE(spec.use_regex);
}

TEST(ReadTokenizerJsonTest, WhatIsNoJsonIsRefusedAsSuch) {
  const auto result = ReadTokenizerJson("{\"model\": ", "t.json");
  EXPECT_THAT(result, HasReason(Reason::kJsonInvalid));
  EXPECT_THAT(result, testing::HasMessage(StartsWith("invalid JSON in t.json at byte 10: ")));
  EXPECT_THAT(ReadTokenizerJson("[]", "t.json"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       std::string(kHeading) + "\n  the file: expected an object, found a list"));
}

TEST(ReadTokenizerJsonTest, MissingPartsAreNamed) {
  ExpectProblems([](Json& file) { file = Json::object(); },
                 "\n  model: missing\n  pre_tokenizer: missing\n  decoder: missing");
  ExpectProblems([](Json& file) { file["model"] = Json::object(); },
                 "\n  model.vocab: missing\n  model.merges: missing"
                 "\n  expected ids without gaps, found no token with the ids from 0 to 3");
}

TEST(ReadTokenizerJsonTest, UnsupportedFieldsAreNamedAllAtOnce) {
  ExpectProblems(
      [](Json& file) {
        file["version"] = "2.0";
        file["truncation"] = {{"max_length", 8}};
        file["padding"] = true;
        file["normalizer"] = {{"type", "NFC"}};
        file["decoder"] = nullptr;
        file["post_processor"] = {{"type", "TemplateProcessing"}};
        file["surprise"] = 1;
        file["model"]["type"] = "WordPiece";
        file["model"]["dropout"] = 0.5;
        file["model"]["unk_token"] = "<unk>";
        file["model"]["continuing_subword_prefix"] = "##";
        file["model"]["end_of_word_suffix"] = "</w>";
        file["model"]["byte_fallback"] = true;
        file["model"]["ignore_merges"] = true;
        file["model"]["novelty"] = Json::object();
      },
      "\n  version: only \"1.0\" is supported, found \"2.0\""
      "\n  truncation: only null is supported, found an object"
      "\n  padding: only null is supported, found true"
      "\n  normalizer: only null is supported, found an object"
      "\n  decoder: only \"ByteLevel\" is supported, found null"
      "\n  post_processor: only \"ByteLevel\" is supported, found \"TemplateProcessing\""
      "\n  the file: unknown field \"surprise\" = 1"
      "\n  model.type: only \"BPE\" is supported, found \"WordPiece\""
      "\n  model.dropout: only null is supported, found 0.5"
      "\n  model.unk_token: only null is supported, found \"<unk>\""
      "\n  model.continuing_subword_prefix: only null or \"\" is supported, found \"##\""
      "\n  model.end_of_word_suffix: only null or \"\" is supported, found \"</w>\""
      "\n  model.byte_fallback: only false is supported, found true"
      "\n  model.ignore_merges: only false is supported, found true"
      "\n  model: unknown field \"novelty\" = an object");
}

TEST(ReadTokenizerJsonTest, UnsupportedPreTokenizersAreNamed) {
  ExpectProblems([](Json& file) { file["pre_tokenizer"] = {{"type", "Metaspace"}}; },
                 "\n  pre_tokenizer: only \"ByteLevel\" is supported, found \"Metaspace\"");
  ExpectProblems([](Json& file) { file["pre_tokenizer"]["use_regex"] = "yes"; },
                 "\n  pre_tokenizer.use_regex: expected true or false, found \"yes\"");
  ExpectProblems(
      [](Json& file) {
        const Json digits = {{"type", "Digits"}};
        file["pre_tokenizer"] = {{"type", "Sequence"}, {"pretokenizers", {digits, digits}}};
      },
      "\n  pre_tokenizer.pretokenizers: only [ByteLevel] or [Split, ByteLevel] is supported, found "
      "2 steps: \"Digits\" \"Digits\"");
  ExpectProblems(
      [](Json& file) {
        const Json split = {{"type", "Split"},
                            {"pattern", {{"Regex", "\\d"}}},
                            {"behavior", "Removed"},
                            {"invert", true}};
        file["pre_tokenizer"] = {{"type", "Sequence"},
                                 {"pretokenizers", {split, file["pre_tokenizer"]}}};
      },
      "\n  pre_tokenizer.pretokenizers[0].behavior: only \"Isolated\" is supported, found "
      "\"Removed\""
      "\n  pre_tokenizer.pretokenizers[0].invert: only false is supported, found true"
      "\n  pre_tokenizer.pretokenizers[0].pattern.Regex: only "
      "\"\\'s|\\'t|\\'re|\\'ve|\\'m|\\'ll|\\'d| "
      "?\\\\p{L}+| ?\\\\p{N}+| ?[^\\\\s\\\\p{L}\\\\p{N}]+|\\\\s+(?!\\\\S)|\\\\s+\" is supported, "
      "found "
      "\"\\\\d\""
      "\n  pre_tokenizer: only a ByteLevel with use_regex false and add_prefix_space false is "
      "supported after a Split");
}

TEST(ReadTokenizerJsonTest, WrongIdsAreNamed) {
  ExpectProblems(
      [](Json& file) {
        file["model"]["vocab"] = {{"a", 0}, {"b", -1}, {"c", 1048576}, {"d", 1.5}, {"e", "2"}};
        file["model"]["merges"] = Json::array();
        file["added_tokens"] = Json::array();
      },
      "\n  model.vocab: expected an id from 0 to 1048575, found -1 for \"b\""
      "\n  model.vocab: expected an id from 0 to 1048575, found 1048576 for \"c\""
      "\n  model.vocab: expected an id from 0 to 1048575, found 1.5 for \"d\""
      "\n  model.vocab: expected an id from 0 to 1048575, found \"2\" for \"e\"");
  ExpectProblems(
      [](Json& file) {
        file["model"]["vocab"] = {{"a", 1}, {"b", 1}, {"", 2}, {"d", 7}};
        file["model"]["merges"] = Json::array();
        file["added_tokens"] = Json::array();
      },
      "\n  expected no empty token, found one with the id 2"
      "\n  expected one token an id, found \"a\" and \"b\" with the id 1"
      "\n  expected ids without gaps, found no token with the ids from 0 to 0"
      "\n  expected ids without gaps, found no token with the ids from 2 to 6");
}

TEST(ReadTokenizerJsonTest, AnEmptyTokenWithTheLargestIdIsNamed) {
  ExpectProblems([](Json& file) { file["added_tokens"].push_back({{"content", ""}, {"id", 9}}); },
                 "\n  expected no empty token, found one with the id 9");
}

TEST(ReadTokenizerJsonTest, VocabularyOutsideTheByteAlphabetIsNamed) {
  ExpectProblems(
      [](Json& file) { file["model"]["vocab"]["a b"] = 5; },
      "\n  model.vocab: expected characters of the byte alphabet only, found \"a b\" with "
      "the id 5");
  ExpectProblems([](Json& file) { file["model"]["vocab"] = Json::array(); },
                 "\n  model.vocab: expected an object, found a list"
                 "\n  expected ids without gaps, found no token with the ids from 0 to 3"
                 "\n  merge 0: expected strings of the vocabulary, found \"Ġ\""
                 "\n  merge 0: expected strings of the vocabulary, found \"a\""
                 "\n  merge 1: expected strings of the vocabulary, found \"Ġa\""
                 "\n  merge 1: expected strings of the vocabulary, found \"a\"");
}

TEST(ReadTokenizerJsonTest, WrongMergesAreNamed) {
  ExpectProblems(
      [](Json& file) {
        file["model"]["merges"] = {"a", "a b c", {"a"}, {"a", 1}, 7, "a x", "a a", "<|end|> a"};
      },
      "\n  merge 0: expected two strings with a space between, or a list of two strings, found "
      "\"a\""
      "\n  merge 1: expected two strings with a space between, or a list of two strings, found \"a "
      "b c\""
      "\n  merge 2: expected two strings with a space between, or a list of two strings, found a "
      "list"
      "\n  merge 3: expected two strings with a space between, or a list of two strings, found a "
      "list"
      "\n  merge 4: expected two strings with a space between, or a list of two strings, found 7"
      "\n  merge 5: expected strings of the vocabulary, found \"x\""
      "\n  merge 6: expected strings of the vocabulary, found \"aa\""
      "\n  merge 7: expected strings of the vocabulary, found \"<|end|>\"");
  ExpectProblems([](Json& file) { file["model"]["merges"] = "a b"; },
                 "\n  model.merges: expected a list, found \"a b\"");
}

TEST(ReadTokenizerJsonTest, WrongAddedTokensAreNamed) {
  ExpectProblems(
      [](Json& file) {
        Json& first = file["added_tokens"][0];
        Json stripping = first;
        stripping["lstrip"] = true;
        stripping["single_word"] = true;
        file["added_tokens"] = {first, first, stripping, 5, {{"id", 2}}, {{"content", "a"}}};
        file["added_tokens"].push_back({{"content", "a"}, {"id", 3}});
        file["added_tokens"].push_back({{"content", "new"}, {"id", -3}, {"special", 1}});
      },
      "\n  added_tokens[1]: expected each added token once, found \"<|end|>\" again"
      "\n  added_tokens[2].single_word: only false is supported, found true"
      "\n  added_tokens[2].lstrip: only false is supported, found true"
      "\n  added_tokens[2]: expected each added token once, found \"<|end|>\" again"
      "\n  added_tokens[3]: expected an object, found 5"
      "\n  added_tokens[4].content: missing"
      "\n  expected no empty token, found one with the id 2"
      "\n  added_tokens[5].id: missing"
      "\n  added_tokens[6]: expected the id 0 that \"a\" has elsewhere, found 3"
      "\n  added_tokens[7].special: expected true or false, found 1"
      "\n  added_tokens[7]: expected an id from 0 to 1048575, found -3 for \"new\"");
  ExpectProblems([](Json& file) { file["added_tokens"] = nullptr; },
                 "\n  added_tokens: expected a list, found null");
}

TEST(ReadTokenizerJsonTest, ManyProblemsAreCounted) {
  Json file = GoodFile();
  for (int i = 0; i < 60; ++i) file["model"]["merges"].push_back(i);
  EXPECT_THAT(Read(file), testing::HasMessage(HasSubstr("\n  and 10 more")));
}

}  // namespace
}  // namespace md2::text
