// Defines a file of stored features:
//   FeatureSegment        one that was written, mapped into memory
//   WriteFeatureSegment   entries of a buffer -> a file
//
// The file, numbers little-endian:
//   bytes 0-7     "md2feat1"
//   8-15          E, bytes of an entry
//   16-23         n, number of entries
//   24-31         zero
//   32-63         the space
//   64-95         SHA-256 of bytes 0-63 and of the index
//   96-127        zero
//   then the index: n times the digest of an image and the SHA-256 of its entry
//   then n entries, each filled up with zeros to a multiple of 64 bytes
// It has exactly that length.

#ifndef MD2_CORE_DATA_FEATURE_SEGMENT_H_
#define MD2_CORE_DATA_FEATURE_SEGMENT_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/optional.h"
#include "absl/types/span.h"
#include "core/base/file_env.h"
#include "core/base/sha256.h"
#include "core/data/feature_holder.h"

namespace md2::data {

struct FeatureKind {
  base::Sha256Digest space{};  // of what the features were computed with
  uint64_t entry_bytes = 0;    // of each of them
};

// Of a file of `num_entries`.
uint64_t FeatureSegmentBytes(uint64_t entry_bytes, uint64_t num_entries);

// A mapped file, which may be removed but not changed meanwhile; `env` is not needed after Open.
// Each entry is compared with its checksum when it is first asked for. Safe for concurrent use.
class FeatureSegment : public FeatureHolder {
 public:
  // DATA_INVALID (FailedPrecondition) when it is no such file, is of another kind, has another
  // length, or its index is not what was written; the errors of FileEnv. Entries are not read.
  static absl::StatusOr<std::shared_ptr<const FeatureSegment>> Open(base::FileEnv& env,
                                                                    const std::string& path,
                                                                    const FeatureKind& kind);

  const std::string& path() const { return path_; }
  uint32_t size() const { return static_cast<uint32_t>(states_.size()); }
  int64_t last_use() const { return last_use_.load(std::memory_order_relaxed); }  // 0: none

  base::Sha256Digest ImageOf(uint32_t slot) const override;
  absl::optional<absl::Span<const uint8_t>> Entry(uint32_t slot) const override;
  absl::optional<std::string> MarkUsed(int64_t use) const override;

 private:
  enum class State : uint8_t { kUnknown, kGood, kBad };

  FeatureSegment(std::string path, std::unique_ptr<base::MappedRegion> region, uint64_t entry_bytes,
                 uint64_t num_entries);

  // Of the index: 64 bytes.
  absl::Span<const uint8_t> IndexEntry(uint32_t slot) const;

  const std::string path_;
  const std::unique_ptr<base::MappedRegion> region_;
  const uint64_t entry_bytes_;
  mutable std::vector<std::atomic<State>> states_;  // by slot; two threads may both find out
  mutable std::atomic<int64_t> last_use_{0};
};

// Writes these slots of `buffer` as one file beside the others in `dir`, complete or absent, and
// returns its path. Its name is that of FeatureSegmentName, so that two writers take one name for
// the same content only. The errors of base::AtomicFile. REQUIRES: slots is not empty.
absl::StatusOr<std::string> WriteFeatureSegment(base::FileEnv& env, const std::string& dir,
                                                const FeatureKind& kind,
                                                const FeatureBuffer& buffer,
                                                absl::Span<const uint32_t> slots);

}  // namespace md2::data

#endif  // MD2_CORE_DATA_FEATURE_SEGMENT_H_
