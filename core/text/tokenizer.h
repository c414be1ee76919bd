// Defines
//   Tokenizer       text to token ids and back, exactly as HF tokenizers does it from the same file
//   DecodeOptions   what is left out and tidied up on the way back

#ifndef MD2_CORE_TEXT_TOKENIZER_H_
#define MD2_CORE_TEXT_TOKENIZER_H_

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "core/base/file_env.h"
#include "core/text/added_token_matcher.h"
#include "core/text/bpe_engine.h"
#include "core/text/token_id.h"
#include "core/text/tokenizer_spec.h"

namespace md2::text {

struct DecodeOptions {
  bool skip_special = true;  // leave out control tokens such as <|endoftext|>
  bool clean_up = true;      // CleanUp of core/text/clean_up.h
};

// Text of one call of Encode.
inline constexpr size_t kMaxTextBytes = size_t{16} << 20;

// Immutable, share freely.
class Tokenizer {
 public:
  // Reads a tokenizer.json. The reasons of base::FileEnv, FILE_TOO_LARGE, or those of FromJson.
  static absl::StatusOr<std::unique_ptr<const Tokenizer>> Load(base::FileEnv& env,
                                                               const std::string& path);

  // `what` names the source in errors. JSON_INVALID or TOKENIZER_INVALID, naming every problem of
  // the first step that finds any: the file's form (core/text/tokenizer_json.h), then what its
  // merges mean (core/text/merge_check.h).
  static absl::StatusOr<std::unique_ptr<const Tokenizer>> FromJson(absl::string_view json,
                                                                   absl::string_view what);

  // QUESTION_INVALID when `text` is not UTF-8 or longer than kMaxTextBytes.
  absl::Status CheckText(absl::string_view text) const;

  // Ids of `text`, added tokens that it holds included; nothing is put before or after. Empty text
  // has none. The reasons of CheckText.
  absl::StatusOr<std::vector<TokenId>> Encode(absl::string_view text) const;

  // The text of `ids`, always UTF-8: each maximal invalid sequence of bytes is one U+FFFD. Ids that
  // are no token's give nothing. Decode(Encode(x), {skip_special, clean_up false}) is x, unless the
  // file adds a space before the text.
  std::string Decode(absl::Span<const TokenId> ids, const DecodeOptions& options = {}) const;

  // One more than the largest id; the model may have more rows.
  size_t num_ids() const { return bytes_.size(); }

  // Of "<|endoftext|>", in the vocabulary or among the added tokens.
  std::optional<TokenId> end_of_text_id() const { return end_of_text_id_; }

  // What the special added tokens look like in a text.
  const std::vector<std::string>& special_contents() const { return special_contents_; }

  // The bytes that one id stands for, a part of a character perhaps; empty when it is no token's or
  // is left out.
  absl::string_view BytesOfToken(TokenId id, bool skip_special) const;

 private:
  Tokenizer() = default;

  absl::Status FillEngine(const TokenizerSpec& spec, absl::string_view what);
  void FillAddedTokens(const TokenizerSpec& spec);
  absl::Status EncodeBetween(absl::string_view text, const AddedTokenMatcher* matcher,
                             const AddedTokenMatcher* next_matcher,
                             std::vector<TokenId>& ids) const;
  absl::Status EncodeStretch(absl::string_view text, std::vector<TokenId>& ids) const;
  absl::Status EncodePreToken(absl::string_view pre_token, std::vector<TokenId>& ids) const;

  std::vector<std::string> bytes_;  // by id
  std::vector<bool> is_special_;    // by id
  std::vector<std::string> special_contents_;
  std::optional<TokenId> end_of_text_id_;
  AddedTokenMatcher first_matcher_;   // added tokens that are not normalised
  AddedTokenMatcher second_matcher_;  // the others, searched between the first
  // Pre-tokens that are one token: a tokenizer that passed its checks gives exactly that token.
  absl::flat_hash_map<absl::string_view, TokenId> whole_tokens_;  // keys point into bytes_
  std::unique_ptr<BpeEngine> engine_;
  bool add_prefix_space_ = false;
  bool use_regex_ = true;
};

}  // namespace md2::text

#endif  // MD2_CORE_TEXT_TOKENIZER_H_
