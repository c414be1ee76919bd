#include "core/data/feature_holder.h"

#include <algorithm>
#include <utility>

#include "absl/memory/memory.h"
#include "absl/strings/str_cat.h"
#include "core/base/error.h"

namespace md2::data {

FeatureBuffer::FeatureBuffer(uint64_t entry_bytes, uint64_t capacity, Memory memory)
    : entry_bytes_(entry_bytes), capacity_(capacity), memory_(std::move(memory)) {
  images_.reserve(capacity);
}

absl::StatusOr<std::shared_ptr<FeatureBuffer>> FeatureBuffer::Create(uint64_t entry_bytes,
                                                                     uint64_t capacity) {
  const uint64_t size_bytes = capacity * FeatureStride(entry_bytes);
  Memory memory(static_cast<uint8_t*>(
      ::operator new(size_bytes, std::align_val_t{kFeatureAlignment}, std::nothrow)));
  if (memory == nullptr) {
    return base::MakeError(
        absl::StatusCode::kResourceExhausted, base::Reason::kOutOfMemory,
        absl::StrCat("expected ", size_bytes, " bytes of memory for features, found less"));
  }
  return std::shared_ptr<FeatureBuffer>(
      new FeatureBuffer(entry_bytes, capacity, std::move(memory)));
}

uint32_t FeatureBuffer::Append(const base::Sha256Digest& image, absl::Span<const uint8_t> bytes) {
  const uint64_t stride = FeatureStride(entry_bytes_);
  uint8_t* const begin = memory_.get() + images_.size() * stride;
  std::fill(std::copy(bytes.begin(), bytes.end(), begin), begin + stride, uint8_t{0});
  images_.push_back(image);
  return size() - 1;
}

absl::Span<const uint8_t> FeatureBuffer::Padded(uint32_t slot) const {
  const uint64_t stride = FeatureStride(entry_bytes_);
  return {memory_.get() + slot * stride, stride};
}

absl::optional<absl::Span<const uint8_t>> FeatureBuffer::Entry(uint32_t slot) const {
  return Padded(slot).first(entry_bytes_);
}

}  // namespace md2::data
