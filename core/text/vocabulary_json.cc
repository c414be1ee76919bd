#include "core/text/vocabulary_json.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "core/base/json_fields.h"
#include "core/base/quoted.h"
#include "core/text/byte_alphabet.h"
#include "core/text/tokenizer_json.h"

namespace md2::text {
namespace {

using base::FieldReader;
using base::Found;

class VocabularyReader {
 public:
  VocabularyReader(TokenizerSpec& spec, base::ErrorList& problems)
      : spec_(spec), problems_(problems) {}

  void ReadVocab(const base::Json& vocab) {
    if (!vocab.is_object()) {
      problems_.Add(absl::StrCat("model.vocab: expected an object, found ", Found(vocab)));
      return;
    }
    for (const auto& [written, value] : vocab.items()) {
      const std::optional<TokenId> id = ReadId(value, "model.vocab", written);
      if (!id.has_value()) continue;
      if (Token* const token = Claim(*id, written); token != nullptr) {
        token->in_vocabulary = true;
        ids_.emplace(written, *id);
      }
    }
  }

  void ReadAddedTokens(const base::Json& list) {
    if (!list.is_array()) {
      problems_.Add(absl::StrCat("added_tokens: expected a list, found ", Found(list)));
      return;
    }
    for (size_t i = 0; i < list.size(); ++i) {
      ReadAddedToken(list[i], absl::StrCat("added_tokens[", i, "]"));
    }
  }

  void CheckTokens() {
    for (size_t id = 0; id < spec_.tokens.size(); ++id) {
      Token& token = spec_.tokens[id];
      if (!IsKnown(token)) {
        const size_t first = id;
        while (id + 1 < spec_.tokens.size() && !IsKnown(spec_.tokens[id + 1])) ++id;
        problems_.Add(absl::StrCat("expected ids without gaps, found no token with the ids from ",
                                   first, " to ", id));
        continue;
      }
      token.bytes = BytesOf(token.written);
      if (!token.bytes.has_value() && !token.is_added) {
        problems_.Add(
            absl::StrCat("model.vocab: expected characters of the byte alphabet only, found ",
                         base::Quoted(token.written), " with the id ", id));
      }
    }
  }

  void ReadMerges(const base::Json& merges) {
    if (!merges.is_array()) {
      problems_.Add(absl::StrCat("model.merges: expected a list, found ", Found(merges)));
      return;
    }
    spec_.merges.reserve(merges.size());
    for (size_t rank = 0; rank < merges.size(); ++rank) ReadMerge(merges[rank], rank);
  }

 private:
  static bool IsKnown(const Token& token) { return token.in_vocabulary || token.is_added; }

  std::optional<TokenId> ReadId(const base::Json& value, absl::string_view where,
                                absl::string_view written) {
    if (value.is_number_unsigned() && value.get<uint64_t>() < kMaxTokens) {
      return static_cast<TokenId>(value.get<uint64_t>());
    }
    problems_.Add(absl::StrCat(where, ": expected an id from 0 to ", kMaxTokens - 1, ", found ",
                               Found(value), " for ", base::Quoted(written)));
    return std::nullopt;
  }

  // The token of that id, which is `written` or was not known yet; else null, and a problem.
  Token* Claim(TokenId id, const std::string& written) {
    if (written.empty()) {
      problems_.Add(absl::StrCat("expected no empty token, found one with the id ", id));
      return nullptr;
    }
    const size_t index = static_cast<size_t>(id);
    if (index >= spec_.tokens.size()) spec_.tokens.resize(index + 1);
    Token& token = spec_.tokens[index];
    if (IsKnown(token) && token.written != written) {
      problems_.Add(absl::StrCat("expected one token an id, found ", base::Quoted(token.written),
                                 " and ", base::Quoted(written), " with the id ", id));
      return nullptr;
    }
    token.written = written;
    return &token;
  }

  void ReadAddedToken(const base::Json& value, const std::string& path) {
    FieldReader fields(value, path, problems_);
    AddedToken added;
    added.content = fields.RequiredString("content");
    added.is_special = fields.Boolean("special", false);
    added.is_normalized = fields.Boolean("normalized", !added.is_special);
    fields.OnlySupported("single_word", {false});
    fields.OnlySupported("lstrip", {false});
    fields.OnlySupported("rstrip", {false});
    const base::Json* const id_field = fields.Required("id");
    fields.RefuseOthers();
    if (id_field == nullptr) return;
    const std::optional<TokenId> id = ReadId(*id_field, path, added.content);
    if (!id.has_value()) return;
    const auto [known, is_new] = ids_.emplace(added.content, *id);
    if (!is_new && known->second != *id) {
      problems_.Add(absl::StrCat(path, ": expected the id ", known->second, " that ",
                                 base::Quoted(added.content), " has elsewhere, found ", *id));
      return;
    }
    Token* const token = Claim(*id, added.content);
    if (token == nullptr) return;
    if (token->is_added) {
      problems_.Add(absl::StrCat(path, ": expected each added token once, found ",
                                 base::Quoted(added.content), " again"));
    }
    token->is_added = true;
    added.id = *id;
    spec_.added_tokens.push_back(std::move(added));
  }

  void ReadMerge(const base::Json& value, size_t rank) {
    std::string left;
    std::string right;
    if (!SplitMerge(value, &left, &right)) {
      problems_.Add(absl::StrCat("merge ", rank,
                                 ": expected two strings with a space between, or a "
                                 "list of two strings, found ",
                                 Found(value)));
      return;
    }
    const std::optional<TokenId> left_id = FindInVocabulary(left, rank);
    const std::optional<TokenId> right_id = FindInVocabulary(right, rank);
    if (!left_id.has_value() || !right_id.has_value()) return;
    const std::optional<TokenId> result_id = FindInVocabulary(absl::StrCat(left, right), rank);
    if (result_id.has_value()) spec_.merges.push_back({*left_id, *right_id, *result_id});
  }

  static bool SplitMerge(const base::Json& value, std::string* left, std::string* right) {
    if (value.is_string()) {
      const std::string& both = value.get_ref<const std::string&>();
      const size_t space = both.find(' ');
      if (space == std::string::npos || both.find(' ', space + 1) != std::string::npos)
        return false;
      *left = both.substr(0, space);
      *right = both.substr(space + 1);
      return true;
    }
    if (!value.is_array() || value.size() != 2) return false;
    if (!value[0].is_string() || !value[1].is_string()) return false;
    *left = value[0].get<std::string>();
    *right = value[1].get<std::string>();
    return true;
  }

  std::optional<TokenId> FindInVocabulary(const std::string& written, size_t rank) {
    const auto found = ids_.find(written);
    if (found != ids_.end() && spec_.tokens[static_cast<size_t>(found->second)].in_vocabulary) {
      return found->second;
    }
    problems_.Add(absl::StrCat("merge ", rank, ": expected strings of the vocabulary, found ",
                               base::Quoted(written)));
    return std::nullopt;
  }

  TokenizerSpec& spec_;
  base::ErrorList& problems_;
  absl::flat_hash_map<std::string, TokenId> ids_;  // by what is written
};

}  // namespace

void ReadVocabulary(const base::Json* vocab, const base::Json* merges,
                    const base::Json* added_tokens, TokenizerSpec& spec,
                    base::ErrorList& problems) {
  VocabularyReader reader(spec, problems);
  if (vocab != nullptr) reader.ReadVocab(*vocab);
  if (added_tokens != nullptr) reader.ReadAddedTokens(*added_tokens);
  reader.CheckTokens();
  if (merges != nullptr) reader.ReadMerges(*merges);
}

}  // namespace md2::text
