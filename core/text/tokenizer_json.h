// Defines ReadTokenizerJson, the reader of tokenizer.json (the file of HF tokenizers). Supported:
//   model          BPE without dropout, unknown token, prefix, suffix, byte fallback or ignored
//   merges merges         "a b" or ["a", "b"] added_tokens   any number, without single_word,
//   lstrip, rstrip pre_tokenizer  ByteLevel, alone or in a Sequence, after a Split by GPT-2's own
//   expression or without decoder        ByteLevel post_processor null or ByteLevel: neither
//   changes ids normalizer, truncation, padding   null
// What is not supported is refused, never ignored.

#ifndef MD2_CORE_TEXT_TOKENIZER_JSON_H_
#define MD2_CORE_TEXT_TOKENIZER_JSON_H_

#include <cstddef>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/text/tokenizer_spec.h"

namespace md2::text {

inline constexpr size_t kMaxTokenizerFileBytes = size_t{32} << 20;
inline constexpr size_t kMaxTokens = size_t{1} << 20;

// JSON_INVALID when `json` is not JSON within limits. TOKENIZER_INVALID, naming `what` and every
// problem: fields that are missing, unknown, of another type or not supported; ids that are
// missing, given twice, negative or not below kMaxTokens; vocabulary strings outside the byte
// alphabet; merges of strings that are not in the vocabulary. What the merges mean is not checked
// here (core/text/merge_check.h).
absl::StatusOr<TokenizerSpec> ReadTokenizerJson(absl::string_view json, absl::string_view what);

}  // namespace md2::text

#endif  // MD2_CORE_TEXT_TOKENIZER_JSON_H_
