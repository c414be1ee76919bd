#include "core/text/added_token_matcher.h"

namespace md2::text {
namespace {

uint64_t Edge(size_t node, char byte) { return uint64_t{node} * 256 + static_cast<uint8_t>(byte); }

}  // namespace

void AddedTokenMatcher::Add(absl::string_view content, TokenId id) {
  first_bytes_.set(static_cast<uint8_t>(content[0]));
  size_t node = 0;
  for (const char byte : content) {
    const auto [child, is_new] = children_.try_emplace(Edge(node, byte), ends_.size());
    if (is_new) ends_.emplace_back();
    node = child->second;
  }
  ends_[node] = id;
}

std::optional<AddedTokenMatcher::Match> AddedTokenMatcher::Find(absl::string_view text,
                                                                size_t from) const {
  for (size_t begin = from; begin < text.size(); ++begin) {
    if (!first_bytes_[static_cast<uint8_t>(text[begin])]) continue;
    std::optional<Match> longest;
    size_t node = 0;
    for (size_t at = begin; at < text.size(); ++at) {
      const auto child = children_.find(Edge(node, text[at]));
      if (child == children_.end()) break;
      node = child->second;
      if (ends_[node].has_value()) longest = Match{begin, at + 1 - begin, *ends_[node]};
    }
    if (longest.has_value()) return longest;
  }
  return std::nullopt;
}

}  // namespace md2::text
