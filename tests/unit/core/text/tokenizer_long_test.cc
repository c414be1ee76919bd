// The long form of the tokenizer's tests: many random texts, and merging in its plainest form
// beside the engine. MD2_SEED repeats a run, MD2_TEXTS says how many texts.

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "core/text/pretokenize.h"
#include "core/text/tokenizer.h"
#include "core/text/tokenizer_json.h"
#include "core/text/utf8.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/core/text/golden_file.h"
#include "tests/unit/core/text/naive_bpe.h"

namespace md2::text {
namespace {

uint32_t NumberFromEnvironment(const char* name, uint32_t otherwise) {
  const char* const text = std::getenv(name);
  uint32_t number = 0;
  return text != nullptr && absl::SimpleAtoi(text, &number) ? number : otherwise;
}

// REQUIRES: a scalar value of Unicode.
std::string AsUtf8(uint32_t code_point) {
  const auto tail = [&](int shift) {
    return static_cast<char>(0x80 | (code_point >> shift & 0x3F));
  };
  if (code_point < 0x80) return {static_cast<char>(code_point)};
  if (code_point < 0x800) return {static_cast<char>(0xC0 | code_point >> 6), tail(0)};
  if (code_point < 0x10000) {
    return {static_cast<char>(0xE0 | code_point >> 12), tail(6), tail(0)};
  }
  return {static_cast<char>(0xF0 | code_point >> 18), tail(12), tail(6), tail(0)};
}

// Stretches of the golden texts, cut anywhere between characters, with characters of all planes
// between them.
class RandomTexts {
 public:
  explicit RandomTexts(uint32_t seed) : random_(seed) {
    for (const base::Json& row : ReadGoldenRows("codegen-encode.jsonl")) {
      characters_.push_back(Characters(row.at("text").get<std::string>()));
      if (characters_.back().empty()) characters_.pop_back();
    }
  }

  std::string Next() {
    std::string text;
    for (uint32_t part = Below(4); part <= 4; ++part) {
      const std::vector<std::string>& line = characters_[Below(characters_.size())];
      const size_t begin = Below(line.size());
      const size_t end = std::min(line.size(), begin + Below(24));
      for (size_t i = begin; i < end; ++i) text += line[i];
      if (Below(3) == 0) text += AnyCharacter();
    }
    return text;
  }

 private:
  static std::vector<std::string> Characters(absl::string_view text) {
    std::vector<std::string> characters;
    while (!text.empty()) {
      const size_t size = ScanUtf8(text).num_bytes;
      characters.emplace_back(text.substr(0, size));
      text.remove_prefix(size);
    }
    return characters;
  }

  std::string AnyCharacter() {
    uint32_t code_point = Below(Below(2) == 0 ? 0x3000 : 0x110000);
    if (code_point >= 0xD800 && code_point < 0xE000) code_point -= 0x800;
    return AsUtf8(code_point);
  }

  uint32_t Below(size_t limit) { return static_cast<uint32_t>(random_() % limit); }

  std::mt19937 random_;
  std::vector<std::vector<std::string>> characters_;
};

// The published vocabulary without its added tokens, which no merge makes.
std::string BareJson() {
  base::Json file = base::Json::parse(ReadGolden("codegen-tokenizer.json"));
  file["added_tokens"] = base::Json::array();
  return file.dump();
}

// Remembers pre-tokens: merging 50,000 ranks by hand takes milliseconds.
class NaiveTokenizer {
 public:
  explicit NaiveTokenizer(TokenizerSpec spec) : spec_(std::move(spec)) {}

  std::vector<TokenId> Encode(absl::string_view text) {
    std::vector<TokenId> ids;
    while (!text.empty()) {
      const std::string piece(text.substr(0, NextPreToken(text)));
      auto [known, is_new] = known_.try_emplace(piece);
      if (is_new) known->second = NaiveBpe(spec_, piece);
      ids.insert(ids.end(), known->second.begin(), known->second.end());
      text.remove_prefix(piece.size());
    }
    return ids;
  }

  size_t num_known() const { return known_.size(); }

 private:
  TokenizerSpec spec_;
  std::map<std::string, std::vector<TokenId>> known_;
};

TEST(TokenizerLongTest, TheEngineGivesWhatPlainMergingGives) {
  const uint32_t seed = NumberFromEnvironment("MD2_SEED", std::random_device()());
  const uint32_t num_texts = NumberFromEnvironment("MD2_TEXTS", 4000);
  std::cout << "MD2_SEED=" << seed << " MD2_TEXTS=" << num_texts << std::endl;

  const std::string json = BareJson();
  MD2_ASSERT_OK_AND_ASSIGN(const auto tokenizer, Tokenizer::FromJson(json, "bare"));
  MD2_ASSERT_OK_AND_ASSIGN(TokenizerSpec spec, ReadTokenizerJson(json, "bare"));
  NaiveTokenizer naive(std::move(spec));
  RandomTexts texts(seed);
  size_t num_bytes = 0;
  for (uint32_t i = 0; i < num_texts; ++i) {
    const std::string text = texts.Next();
    MD2_ASSERT_OK_AND_ASSIGN(const std::vector<TokenId> ids, tokenizer->Encode(text));
    ASSERT_EQ(ids, naive.Encode(text)) << "text " << i << " of MD2_SEED=" << seed << ": " << text;
    ASSERT_EQ(tokenizer->Decode(ids, {.skip_special = false, .clean_up = false}), text);
    num_bytes += text.size();
  }
  std::cout << num_bytes << " bytes, " << naive.num_known() << " different pre-tokens" << std::endl;
}

}  // namespace
}  // namespace md2::text
