// Defines which rows are held out for validation, by the bytes of their images:
//   SplitKey      a digest -> the number that decides
//   IsHeldOut     whether an image is
//   SplitRows     both sides of a data set

#ifndef MD2_CORE_DATA_SPLIT_H_
#define MD2_CORE_DATA_SPLIT_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "core/base/sha256.h"

namespace md2::data {

// The first 8 bytes of the digest of an image file's bytes, big-endian. Equal images have equal
// keys.
uint64_t SplitKey(const base::Sha256Digest& image);

// Whether key / 2^64, its lowest 11 bits dropped, is below `share`. The same everywhere and
// whichever rows surround it; what a share holds out, a larger share does too.
// REQUIRES: 0 <= share <= 1.
bool IsHeldOut(uint64_t key, double share);

struct RowSplit {
  std::vector<uint32_t> train;  // rows from 0, rising
  std::vector<uint32_t> val;
};

// Rows by the keys of their images; all questions of an image are on one side. SETTING_INVALID
// (InvalidArgument), naming val_split, when 0 < val_split < 1 does not hold or a side would be
// empty.
absl::StatusOr<RowSplit> SplitRows(absl::Span<const uint64_t> keys, double val_split);

}  // namespace md2::data

#endif  // MD2_CORE_DATA_SPLIT_H_
