// Defines how the front of a safetensors file is read: 8 bytes little-endian length N, N bytes of
// JSON, then the tensors' bytes without holes.
//   TensorEntry                one tensor: name, type, shape, place
//   SafetensorsHeader          all of one file
//   ParseSafetensorsHeader     strict parse of untrusted bytes

#ifndef MD2_CORE_MODEL_SAFETENSORS_HEADER_H_
#define MD2_CORE_MODEL_SAFETENSORS_HEADER_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "core/model/dtype.h"

namespace md2::model {

inline constexpr uint64_t kHeaderLengthBytes = 8;
inline constexpr char kMetadataKey[] = "__metadata__";  // no tensor is called so
inline constexpr uint64_t kMaxHeaderBytes = 100'000'000;
inline constexpr size_t kMaxTensors = 65'536;  // in one file
inline constexpr size_t kMaxRank = 8;

struct TensorEntry {
  std::string name;
  Dtype dtype = Dtype::kF32;
  std::vector<int64_t> shape;  // none negative; empty for a scalar
  size_t file_index = 0;       // which file of a reader holds it
  uint64_t offset = 0;         // of its first byte, from the start of that file; any alignment
  uint64_t num_bytes = 0;      // TensorBytes(dtype, shape)

  int64_t num_elements() const { return static_cast<int64_t>(num_bytes / DtypeBytes(dtype)); }
};

// "[3456, 1152]"
std::string ShapeText(absl::Span<const int64_t> shape);

struct SafetensorsHeader {
  std::vector<TensorEntry> entries;             // in the order of their bytes
  std::map<std::string, std::string> metadata;  // of kMetadataKey, empty when absent
  uint64_t data_begin = 0;                      // 8 + N
};

// `file` is the whole file; only its header is read. `what` names it in errors.
// MODEL_WEIGHTS_INVALID names everything that is wrong: a length beyond the file or
// kMaxHeaderBytes, malformed JSON or a key twice, an unknown dtype, a shape that is no list of at
// most kMaxRank non-negative integers or overflows, a range that is not the size of its shape, lies
// outside the file (which is then truncated), overlaps another or leaves a hole before it, and
// bytes after the last tensor. Every byte of data belongs to exactly one tensor after success.
absl::StatusOr<SafetensorsHeader> ParseSafetensorsHeader(absl::Span<const uint8_t> file,
                                                         absl::string_view what);

}  // namespace md2::model

#endif  // MD2_CORE_MODEL_SAFETENSORS_HEADER_H_
