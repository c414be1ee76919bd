// Defines byte-pair encoding in its slowest and plainest form, to compare with.

#ifndef MD2_TESTS_UNIT_CORE_TEXT_NAIVE_BPE_H_
#define MD2_TESTS_UNIT_CORE_TEXT_NAIVE_BPE_H_

#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "core/text/tokenizer_spec.h"

namespace md2::text {

// Applies the merge of the lowest rank at its leftmost place until none is left.
std::vector<TokenId> NaiveBpe(const TokenizerSpec& spec, absl::string_view bytes);

// All 256 bytes as tokens 0 to 255, and nothing else.
TokenizerSpec BytesOnly();

// Adds a merge, and the token that it gives unless there is one of that string.
void AddMerge(TokenizerSpec& spec, TokenId left, TokenId right);

// As AddMerge, of tokens that are given by their bytes.
void AddMerge(TokenizerSpec& spec, absl::string_view left, absl::string_view right);

// BytesOnly and `num_merges` random merges of what can be made of a, b, c; often wrong in one of
// the conditions of core/text/merge_check.h.
TokenizerSpec RandomSpec(std::mt19937& random, int num_merges);

// The same as a tokenizer.json without a pre-tokeniser's rule.
std::string AsJson(const TokenizerSpec& spec);

}  // namespace md2::text

#endif  // MD2_TESTS_UNIT_CORE_TEXT_NAIVE_BPE_H_
