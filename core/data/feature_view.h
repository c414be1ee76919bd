// Defines FeatureView, stored features that stay where they are.

#ifndef MD2_CORE_DATA_FEATURE_VIEW_H_
#define MD2_CORE_DATA_FEATURE_VIEW_H_

#include <cstdint>
#include <memory>

#include "absl/types/span.h"

namespace md2::data {

// Valid and constant as long as `owner` or a copy of it lives, whatever becomes of the store.
// Begins at a multiple of 64 bytes in memory. Immutable, share freely.
struct FeatureView {
  absl::Span<const uint8_t> bytes;
  std::shared_ptr<const void> owner;
};

}  // namespace md2::data

#endif  // MD2_CORE_DATA_FEATURE_VIEW_H_
