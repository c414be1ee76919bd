// Defines where FeatureStore has its entries:
//   FeatureHolder   what both have in common
//   FeatureBuffer   entries in memory, until there are enough for a file

#ifndef MD2_CORE_DATA_FEATURE_HOLDER_H_
#define MD2_CORE_DATA_FEATURE_HOLDER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/optional.h"
#include "absl/types/span.h"
#include "core/base/sha256.h"

namespace md2::data {

inline constexpr uint64_t kFeatureAlignment = 64;  // bytes, of every entry

// `bytes` rounded up to a multiple of it.
inline uint64_t FeatureStride(uint64_t bytes) {
  return (bytes + kFeatureAlignment - 1) / kFeatureAlignment * kFeatureAlignment;
}

// Entries in slots 0 .. size() - 1. Safe for concurrent use, but for what a class says.
class FeatureHolder : public std::enable_shared_from_this<FeatureHolder> {
 public:
  virtual ~FeatureHolder() = default;

  // REQUIRES for both: slot < size().
  virtual base::Sha256Digest ImageOf(uint32_t slot) const = 0;
  // Nothing when the bytes are not those that were stored.
  virtual absl::optional<absl::Span<const uint8_t>> Entry(uint32_t slot) const = 0;

  // Notes a use, each with a larger number than the one before. The path of a file whose first use
  // this is, to be told others; else nothing.
  virtual absl::optional<std::string> MarkUsed(int64_t use) const = 0;
};

// A slot may be read while Append fills the next one; Append is for one thread at a time.
class FeatureBuffer : public FeatureHolder {
 public:
  // OUT_OF_MEMORY (ResourceExhausted). REQUIRES: both are positive, capacity below 2^32.
  static absl::StatusOr<std::shared_ptr<FeatureBuffer>> Create(uint64_t entry_bytes,
                                                               uint64_t capacity);

  bool is_full() const { return images_.size() == capacity_; }
  uint32_t size() const { return static_cast<uint32_t>(images_.size()); }

  // The slot. REQUIRES: not full; bytes are entry_bytes.
  uint32_t Append(const base::Sha256Digest& image, absl::Span<const uint8_t> bytes);

  // The entry and zeros behind it, up to its stride.
  absl::Span<const uint8_t> Padded(uint32_t slot) const;

  base::Sha256Digest ImageOf(uint32_t slot) const override { return images_[slot]; }
  absl::optional<absl::Span<const uint8_t>> Entry(uint32_t slot) const override;
  absl::optional<std::string> MarkUsed(int64_t /*use*/) const override { return absl::nullopt; }

 private:
  struct Free {
    void operator()(uint8_t* bytes) const {
      ::operator delete(bytes, std::align_val_t{kFeatureAlignment});
    }
  };
  using Memory = std::unique_ptr<uint8_t, Free>;

  FeatureBuffer(uint64_t entry_bytes, uint64_t capacity, Memory memory);

  const uint64_t entry_bytes_;
  const uint64_t capacity_;  // entries
  const Memory memory_;
  std::vector<base::Sha256Digest> images_;  // never reallocated
};

}  // namespace md2::data

#endif  // MD2_CORE_DATA_FEATURE_HOLDER_H_
