#include "core/data/split.h"

#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "core/base/error.h"

namespace md2::data {
namespace {

absl::Status InvalidSplit(absl::string_view text) {
  return base::MakeError(absl::StatusCode::kInvalidArgument, base::Reason::kSettingInvalid, text);
}

}  // namespace

uint64_t SplitKey(const base::Sha256Digest& image) {
  uint64_t key = 0;
  for (size_t i = 0; i < sizeof(key); ++i) key = key << 8 | image[i];
  return key;
}

bool IsHeldOut(uint64_t key, double share) {
  // 53 bits, which a double holds exactly.
  return std::ldexp(static_cast<double>(key >> 11), -53) < share;
}

absl::StatusOr<RowSplit> SplitRows(absl::Span<const uint64_t> keys, double val_split) {
  if (!(val_split > 0 && val_split < 1)) {
    return InvalidSplit(
        absl::StrCat("val_split: expected more than 0 and less than 1, found ", val_split));
  }
  RowSplit split;
  for (size_t i = 0; i < keys.size(); ++i) {
    auto& side = IsHeldOut(keys[i], val_split) ? split.val : split.train;
    side.push_back(static_cast<uint32_t>(i));
  }
  if (split.val.empty()) {
    return InvalidSplit(absl::StrCat("val_split: expected rows on both sides, found none of ",
                                     keys.size(), " held out by ", val_split,
                                     ": raise it, or name a validation file"));
  }
  if (split.train.empty()) {
    return InvalidSplit(absl::StrCat("val_split: expected rows on both sides, found all ",
                                     keys.size(), " held out by ", val_split,
                                     ": lower it, or name a validation file"));
  }
  return split;
}

}  // namespace md2::data
