// Defines features for tests, each told from the others by a number:
//   ImageOf, FeaturesOf, OptionsFor

#ifndef MD2_TESTS_UNIT_CORE_DATA_TEST_FEATURES_H_
#define MD2_TESTS_UNIT_CORE_DATA_TEST_FEATURES_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/types/optional.h"
#include "core/base/sha256.h"
#include "core/data/feature_store.h"

namespace md2::data {

inline constexpr uint64_t kTestEntryBytes = 100;

inline base::Sha256Digest ImageOf(int number) {
  const std::vector<uint8_t> bytes = {static_cast<uint8_t>(number),
                                      static_cast<uint8_t>(number >> 8)};
  return base::Sha256Of(bytes);
}

inline std::vector<uint8_t> FeaturesOf(int number) {
  std::vector<uint8_t> bytes(kTestEntryBytes);
  for (size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] = static_cast<uint8_t>(static_cast<size_t>(number) * 31 + i);
  }
  return bytes;
}

// Two entries a segment in a folder that holds eight segments.
inline FeatureStoreOptions OptionsFor(const std::string& dir) {
  FeatureStoreOptions options;
  options.dir = dir;
  options.space.fill(7);
  options.entry_bytes = kTestEntryBytes;
  options.max_bytes = 8 * FeatureSegmentBytes(kTestEntryBytes, 2);
  options.segment_bytes = 2 * FeatureStride(kTestEntryBytes);
  return options;
}

// Nothing when it is not there.
inline absl::optional<std::vector<uint8_t>> Found(FeatureStore& store, int number) {
  const absl::optional<FeatureView> view = store.Find(ImageOf(number));
  if (!view.has_value()) return absl::nullopt;
  return std::vector<uint8_t>(view->bytes.begin(), view->bytes.end());
}

}  // namespace md2::data

#endif  // MD2_TESTS_UNIT_CORE_DATA_TEST_FEATURES_H_
