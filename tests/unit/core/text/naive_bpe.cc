#include "tests/unit/core/text/naive_bpe.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "core/base/json.h"
#include "core/text/byte_alphabet.h"

namespace md2::text {
namespace {

Token TokenOf(const std::string& bytes) {
  Token token{.written = "", .bytes = bytes, .in_vocabulary = true, .is_added = false};
  AppendAsCharacters(bytes, &token.written);
  return token;
}

TokenId Find(const TokenizerSpec& spec, absl::string_view bytes) {
  const auto found = std::find_if(spec.tokens.begin(), spec.tokens.end(),
                                  [&](const Token& token) { return token.bytes == bytes; });
  return static_cast<TokenId>(found - spec.tokens.begin());
}

}  // namespace

std::vector<TokenId> NaiveBpe(const TokenizerSpec& spec, absl::string_view bytes) {
  std::vector<TokenId> ids;
  for (const char byte : bytes) ids.push_back(Find(spec, std::string(1, byte)));
  for (size_t rank = 0; rank < spec.merges.size(); ++rank) {
    const Merge& merge = spec.merges[rank];
    for (size_t i = 0; i + 1 < ids.size(); ++i) {
      if (ids[i] != merge.left || ids[i + 1] != merge.right) continue;
      ids[i] = merge.result;
      ids.erase(ids.begin() + static_cast<std::ptrdiff_t>(i) + 1);
      rank = SIZE_MAX;  // begin again with the lowest rank
      break;
    }
  }
  return ids;
}

TokenizerSpec BytesOnly() {
  TokenizerSpec spec;
  spec.use_regex = false;
  for (int byte = 0; byte < 256; ++byte) {
    spec.tokens.push_back(TokenOf(std::string(1, static_cast<char>(byte))));
  }
  return spec;
}

void AddMerge(TokenizerSpec& spec, TokenId left, TokenId right) {
  const std::string bytes = *spec.tokens[static_cast<size_t>(left)].bytes +
                            *spec.tokens[static_cast<size_t>(right)].bytes;
  const TokenId result = Find(spec, bytes);
  if (static_cast<size_t>(result) == spec.tokens.size()) spec.tokens.push_back(TokenOf(bytes));
  spec.merges.push_back({left, right, result});
}

void AddMerge(TokenizerSpec& spec, absl::string_view left, absl::string_view right) {
  AddMerge(spec, Find(spec, left), Find(spec, right));
}

TokenizerSpec RandomSpec(std::mt19937& random, int num_merges) {
  TokenizerSpec spec = BytesOnly();
  std::vector<TokenId> known = {'a', 'b', 'c'};
  for (int i = 0; i < num_merges; ++i) {
    AddMerge(spec, known[random() % known.size()], known[random() % known.size()]);
    known.push_back(spec.merges.back().result);
  }
  return spec;
}

std::string AsJson(const TokenizerSpec& spec) {
  base::Json file = {
      {"version", "1.0"},
      {"added_tokens", base::Json::array()},
      {"pre_tokenizer", {{"type", "ByteLevel"}, {"add_prefix_space", false}, {"use_regex", false}}},
      {"decoder", {{"type", "ByteLevel"}}},
      {"model", {{"type", "BPE"}}}};
  base::Json& model = file["model"];
  model["vocab"] = base::Json::object();
  model["merges"] = base::Json::array();
  for (size_t id = 0; id < spec.tokens.size(); ++id) model["vocab"][spec.tokens[id].written] = id;
  for (const Merge& merge : spec.merges) {
    model["merges"].push_back({spec.tokens[static_cast<size_t>(merge.left)].written,
                               spec.tokens[static_cast<size_t>(merge.right)].written});
  }
  return file.dump();
}

}  // namespace md2::text
