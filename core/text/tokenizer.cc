#include "core/text/tokenizer.h"

#include <cstdint>
#include <utility>

#include "absl/memory/memory.h"
#include "absl/strings/str_cat.h"
#include "core/base/error.h"
#include "core/base/status_macros.h"
#include "core/text/byte_alphabet.h"
#include "core/text/clean_up.h"
#include "core/text/merge_check.h"
#include "core/text/pretokenize.h"
#include "core/text/reserved_markers.h"
#include "core/text/tokenizer_json.h"
#include "core/text/utf8.h"

namespace md2::text {
namespace {

absl::Status InvalidText(absl::string_view text) {
  return base::MakeError(absl::StatusCode::kInvalidArgument, base::Reason::kQuestionInvalid, text);
}

}  // namespace

absl::StatusOr<std::unique_ptr<const Tokenizer>> Tokenizer::Load(base::FileEnv& env,
                                                                 const std::string& path) {
  MD2_ASSIGN_OR_RETURN(const std::string json,
                       base::ReadWholeFile(env, path, kMaxTokenizerFileBytes));
  return FromJson(json, path);
}

absl::StatusOr<std::unique_ptr<const Tokenizer>> Tokenizer::FromJson(absl::string_view json,
                                                                     absl::string_view what) {
  MD2_ASSIGN_OR_RETURN(const TokenizerSpec spec, ReadTokenizerJson(json, what));
  MD2_RETURN_IF_ERROR(CheckMerges(spec, what));
  auto tokenizer = absl::WrapUnique(new Tokenizer);
  tokenizer->add_prefix_space_ = spec.add_prefix_space;
  tokenizer->use_regex_ = spec.use_regex;
  for (size_t id = 0; id < spec.tokens.size(); ++id) {
    const Token& token = spec.tokens[id];
    tokenizer->bytes_.push_back(token.bytes.value_or(token.written));
    if (token.written == kEndOfText) tokenizer->end_of_text_id_ = static_cast<TokenId>(id);
  }
  tokenizer->FillAddedTokens(spec);
  MD2_RETURN_IF_ERROR(tokenizer->FillEngine(spec, what));
  return tokenizer;
}

void Tokenizer::FillAddedTokens(const TokenizerSpec& spec) {
  is_special_.resize(bytes_.size());
  for (const AddedToken& added : spec.added_tokens) {
    (added.is_normalized ? second_matcher_ : first_matcher_).Add(added.content, added.id);
    if (!added.is_special) continue;
    is_special_[static_cast<size_t>(added.id)] = true;
    special_contents_.push_back(added.content);
  }
}

absl::Status Tokenizer::FillEngine(const TokenizerSpec& spec, absl::string_view what) {
  std::vector<BpeEngine::Piece> pieces;
  const auto add = [&](TokenId id, int32_t rank) {
    const size_t index = static_cast<size_t>(id);
    pieces.push_back({spec.tokens[index].written, id, rank});
    whole_tokens_.emplace(bytes_[index], id);
  };
  for (size_t id = 0; id < spec.tokens.size(); ++id) {
    if (spec.tokens[id].in_vocabulary && bytes_[id].size() == 1) add(static_cast<TokenId>(id), 0);
  }
  for (size_t rank = 0; rank < spec.merges.size(); ++rank) {
    add(spec.merges[rank].result, static_cast<int32_t>(rank));
  }
  std::string problem;
  engine_ = BpeEngine::Create(pieces, &problem);
  if (engine_ != nullptr) return absl::OkStatus();
  return base::MakeError(absl::StatusCode::kInvalidArgument, base::Reason::kTokenizerInvalid,
                         absl::StrCat("SentencePiece refuses the tokenizer ", what, ": ", problem));
}

absl::Status Tokenizer::CheckText(absl::string_view text) const {
  if (text.size() > kMaxTextBytes) {
    return InvalidText(
        absl::StrCat("expected a text of at most ", kMaxTextBytes, " bytes, found ", text.size()));
  }
  if (const std::optional<size_t> at = FindInvalidUtf8(text); at.has_value()) {
    return InvalidText(absl::StrCat("expected a text in UTF-8, found the byte 0x",
                                    absl::Hex(static_cast<uint8_t>(text[*at]), absl::kZeroPad2),
                                    " at offset ", *at));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<TokenId>> Tokenizer::Encode(absl::string_view text) const {
  MD2_RETURN_IF_ERROR(CheckText(text));
  std::vector<TokenId> ids;
  MD2_RETURN_IF_ERROR(EncodeBetween(text, &first_matcher_, &second_matcher_, ids));
  return ids;
}

// Cuts out the tokens of `matcher`; what lies between goes to `next_matcher`, and after that is
// encoded.
absl::Status Tokenizer::EncodeBetween(absl::string_view text, const AddedTokenMatcher* matcher,
                                      const AddedTokenMatcher* next_matcher,
                                      std::vector<TokenId>& ids) const {
  if (matcher == nullptr) return EncodeStretch(text, ids);
  size_t begin = 0;
  while (const std::optional<AddedTokenMatcher::Match> match = matcher->Find(text, begin)) {
    MD2_RETURN_IF_ERROR(
        EncodeBetween(text.substr(begin, match->begin - begin), next_matcher, nullptr, ids));
    ids.push_back(match->id);
    begin = match->begin + match->num_bytes;
  }
  return EncodeBetween(text.substr(begin), next_matcher, nullptr, ids);
}

absl::Status Tokenizer::EncodeStretch(absl::string_view text, std::vector<TokenId>& ids) const {
  if (text.empty()) return absl::OkStatus();
  std::string with_space;
  if (add_prefix_space_ && text[0] != ' ') {
    with_space = absl::StrCat(" ", text);
    text = with_space;
  }
  while (!text.empty()) {
    const size_t num_bytes = use_regex_ ? NextPreToken(text) : text.size();
    MD2_RETURN_IF_ERROR(EncodePreToken(text.substr(0, num_bytes), ids));
    text.remove_prefix(num_bytes);
  }
  return absl::OkStatus();
}

absl::Status Tokenizer::EncodePreToken(absl::string_view pre_token,
                                       std::vector<TokenId>& ids) const {
  const auto whole = whole_tokens_.find(pre_token);
  if (whole != whole_tokens_.end()) {
    ids.push_back(whole->second);
    return absl::OkStatus();
  }
  std::string characters;
  characters.reserve(2 * pre_token.size());
  AppendAsCharacters(pre_token, &characters);
  if (engine_->Encode(characters, &ids)) return absl::OkStatus();
  return base::MakeError(absl::StatusCode::kInternal, base::Reason::kInternal,
                         absl::StrCat("SentencePiece failed on a pre-token of ", pre_token.size(),
                                      " bytes; please report this"));
}

std::string Tokenizer::Decode(absl::Span<const TokenId> ids, const DecodeOptions& options) const {
  std::string bytes;
  for (const TokenId id : ids) absl::StrAppend(&bytes, BytesOfToken(id, options.skip_special));
  Utf8Repairer repairer;
  std::string text = repairer.Feed(bytes);
  text += repairer.Finish();
  return options.clean_up ? CleanUp(text) : text;
}

absl::string_view Tokenizer::BytesOfToken(TokenId id, bool skip_special) const {
  if (id < 0 || static_cast<size_t>(id) >= bytes_.size()) return "";
  const size_t index = static_cast<size_t>(id);
  return skip_special && is_special_[index] ? absl::string_view() : bytes_[index];
}

}  // namespace md2::text
