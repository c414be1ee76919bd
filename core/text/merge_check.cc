#include "core/text/merge_check.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "core/base/error.h"
#include "core/base/quoted.h"
#include "core/text/reserved_markers.h"

namespace md2::text {
namespace {

constexpr int32_t kNoMerge = -1;  // ranks before every merge: bytes, and what no merge gives

class Checker {
 public:
  Checker(const TokenizerSpec& spec, base::ErrorList& problems)
      : spec_(spec), problems_(problems), rank_of_(spec.tokens.size(), kNoMerge) {
    pairs_.reserve(spec.merges.size());
  }

  void CheckBytes() {
    std::array<bool, 256> found{};
    for (const Token& token : spec_.tokens) {
      if (IsByte(token)) found[static_cast<uint8_t>(token.bytes->front())] = true;
    }
    std::string missing;
    for (size_t byte = 0; byte < found.size(); ++byte) {
      if (!found[byte]) absl::StrAppend(&missing, " ", absl::Hex(byte, absl::kZeroPad2));
    }
    if (!missing.empty()) {
      problems_.Add(
          absl::StrCat("expected a token for each of the 256 bytes, missing (hex):", missing));
    }
  }

  // (i) and (ii). Afterwards rank_of_ and pairs_ are filled.
  void CheckOrder() {
    for (size_t i = 0; i < spec_.merges.size(); ++i) {
      const int32_t rank = static_cast<int32_t>(i);
      const Merge& merge = spec_.merges[i];
      for (const TokenId part : {merge.left, merge.right}) {
        if (IsKnownBefore(part)) continue;
        problems_.Add(
            absl::StrCat(Name(rank), " uses ", Written(part),
                         ", which no earlier merge gives and which is not a single byte"));
      }
      int32_t& earlier = rank_of_[static_cast<size_t>(merge.result)];
      if (earlier != kNoMerge) {
        problems_.Add(absl::StrCat(Name(earlier), " and ", Name(rank), " give the same string ",
                                   Written(merge.result)));
        continue;
      }
      earlier = rank;
      pairs_.emplace(Pair(merge.left, merge.right), rank);
    }
  }

  // (iii) REQUIRES: the other checks found nothing.
  void CheckSelfTokenisation() {
    for (size_t id = 0; id < spec_.tokens.size(); ++id) {
      const Token& token = spec_.tokens[id];
      if (IsByte(token)) continue;
      const int32_t rank = rank_of_[id];
      if (rank == kNoMerge) {
        if (token.is_added || token.written == kEndOfText) continue;
        problems_.Add(absl::StrCat("token ", id, " ", base::Quoted(token.written),
                                   " does not tokenise to itself: no merge gives it"));
      } else if (const int32_t crossing = CrossingMerge(rank); crossing != kNoMerge) {
        problems_.Add(absl::StrCat("token ", id, " ", base::Quoted(token.written),
                                   " does not tokenise to itself: ", Name(crossing),
                                   " comes in the way of ", Name(rank)));
      }
    }
  }

 private:
  static bool IsByte(const Token& token) {
    return token.in_vocabulary && token.bytes.has_value() && token.bytes->size() == 1;
  }

  static uint64_t Pair(TokenId left, TokenId right) {
    return (uint64_t{static_cast<uint32_t>(left)} << 32) | static_cast<uint32_t>(right);
  }

  bool IsKnownBefore(TokenId id) const {
    return IsByte(spec_.tokens[static_cast<size_t>(id)]) || Rank(id) != kNoMerge;
  }

  int32_t Rank(TokenId id) const { return rank_of_[static_cast<size_t>(id)]; }
  const Merge& MergeAt(int32_t rank) const { return spec_.merges[static_cast<size_t>(rank)]; }

  std::string Written(TokenId id) const {
    return base::Quoted(spec_.tokens[static_cast<size_t>(id)].written);
  }
  std::string Name(int32_t rank) const {
    return absl::StrCat("merge ", rank, " (", Written(MergeAt(rank).left), " + ",
                        Written(MergeAt(rank).right), ")");
  }

  // The rank of a merge that joins the end of merge `rank`'s left part with the beginning of its
  // right part before both are whole; kNoMerge when there is none, so that both become whole and
  // then one. Walks back in time: (left, right) is the pair of neighbours at the border, each
  // present until the merge that takes it up. Merges of one rank go from left to right, so a
  // crossing merge comes after those of its own rank in the left part and before those in the right
  // part.
  int32_t CrossingMerge(int32_t rank) const {
    TokenId left = MergeAt(rank).left;
    TokenId right = MergeAt(rank).right;
    int32_t left_until = rank;
    int32_t right_until = rank;
    while (true) {
      const auto crossing = pairs_.find(Pair(left, right));
      if (crossing != pairs_.end() && crossing->second < left_until &&
          crossing->second <= right_until) {
        return crossing->second;
      }
      if (Rank(left) > Rank(right)) {
        left_until = Rank(left);
        left = MergeAt(left_until).right;
      } else if (Rank(right) != kNoMerge) {
        right_until = Rank(right);
        right = MergeAt(right_until).left;
      } else {
        return kNoMerge;
      }
    }
  }

  const TokenizerSpec& spec_;
  base::ErrorList& problems_;
  std::vector<int32_t> rank_of_;                  // by token, the merge that gives it
  absl::flat_hash_map<uint64_t, int32_t> pairs_;  // rank by Pair
};

}  // namespace

absl::Status CheckMerges(const TokenizerSpec& spec, absl::string_view what) {
  base::ErrorList problems;
  Checker checker(spec, problems);
  checker.CheckBytes();
  checker.CheckOrder();
  if (problems.empty()) checker.CheckSelfTokenisation();
  return problems.ToStatus(
      absl::StatusCode::kInvalidArgument, base::Reason::kTokenizerInvalid,
      absl::StrCat("expected byte-pair merges that give every token in exactly one way, found "
                   "otherwise in ",
                   what));
}

}  // namespace md2::text
