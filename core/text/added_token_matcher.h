// Defines AddedTokenMatcher, which finds the strings that are cut out of a text before anything
// else.

#ifndef MD2_CORE_TEXT_ADDED_TOKEN_MATCHER_H_
#define MD2_CORE_TEXT_ADDED_TOKEN_MATCHER_H_

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "core/text/token_id.h"

namespace md2::text {

// Immutable once filled, then share freely.
class AddedTokenMatcher {
 public:
  struct Match {
    size_t begin = 0;
    size_t num_bytes = 0;
    TokenId id = 0;
  };

  AddedTokenMatcher() : ends_(1) {}

  // REQUIRES: content is not empty. A content given twice keeps the later id.
  void Add(absl::string_view content, TokenId id);

  // The leftmost occurrence at or after `from`, and of those that begin there the longest.
  std::optional<Match> Find(absl::string_view text, size_t from) const;

 private:
  // A trie: node 0 is the root, ends_ says which token ends at a node.
  absl::flat_hash_map<uint64_t, size_t> children_;  // by node * 256 + byte
  std::vector<std::optional<TokenId>> ends_;
  std::bitset<256> first_bytes_;
};

}  // namespace md2::text

#endif  // MD2_CORE_TEXT_ADDED_TOKEN_MATCHER_H_
