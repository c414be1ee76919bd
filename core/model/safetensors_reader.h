// Defines SafetensorsReader, the tensors of one file or of a model folder's shards, memory-mapped.

#ifndef MD2_CORE_MODEL_SAFETENSORS_READER_H_
#define MD2_CORE_MODEL_SAFETENSORS_READER_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "core/base/file_env.h"
#include "core/model/safetensors_header.h"

namespace md2::model {

inline constexpr char kWeightsFile[] = "model.safetensors";
inline constexpr char kWeightsIndexFile[] = "model.safetensors.index.json";

// Owns the maps; bytes that it hands out live as long as it does. Immutable, share freely. A file
// that is cut short by someone else while it is mapped kills the process that reads it (SIGBUS).
class SafetensorsReader {
 public:
  // One file. The disk's errors; MODEL_WEIGHTS_INVALID as ParseSafetensorsHeader.
  static absl::StatusOr<std::unique_ptr<SafetensorsReader>> OpenFile(base::FileEnv& env,
                                                                     const std::string& path);

  // `dir`/model.safetensors when it exists, else the shards that `dir`/model.safetensors.index.json
  // names. FILE_NOT_FOUND when neither is there; MODEL_WEIGHTS_INVALID names everything that is
  // wrong in all shards: missing shards, shard names that are no plain file names, tensors that the
  // index places elsewhere or does not name, names in two shards.
  static absl::StatusOr<std::unique_ptr<SafetensorsReader>> OpenFolder(base::FileEnv& env,
                                                                       const std::string& dir);

  SafetensorsReader(const SafetensorsReader&) = delete;
  SafetensorsReader& operator=(const SafetensorsReader&) = delete;

  // In the order of files and of bytes within each; names are unique.
  const std::vector<TensorEntry>& entries() const { return entries_; }
  // Null when there is none of that name.
  const TensorEntry* Find(absl::string_view name) const;
  // REQUIRES: `entry` is of this reader. Unaligned memory in the page cache.
  absl::Span<const uint8_t> Bytes(const TensorEntry& entry) const;
  // Fills `out` with the bytes of `entry` from `first` on. Faster than Bytes for what is copied
  // anyway, and a file that was cut short is FILE_TRUNCATED; else the disk's errors. REQUIRES: as
  // Bytes, and the range lies within the tensor.
  absl::Status Read(const TensorEntry& entry, uint64_t first, absl::Span<uint8_t> out) const;

  // By file_index.
  const std::vector<std::string>& paths() const { return paths_; }
  // `__metadata__` of the first file.
  const std::map<std::string, std::string>& metadata() const { return metadata_; }

 private:
  SafetensorsReader() = default;

  // Maps a further file and takes its tensors; one of a name that is there already is an error.
  absl::Status AddFile(base::FileEnv& env, const std::string& path);

  std::vector<std::string> paths_;
  std::vector<std::unique_ptr<base::ReadableFile>> files_;
  std::vector<std::unique_ptr<base::MappedRegion>> regions_;
  std::vector<TensorEntry> entries_;
  std::map<std::string, size_t, std::less<>> index_by_name_;
  std::map<std::string, std::string> metadata_;
};

}  // namespace md2::model

#endif  // MD2_CORE_MODEL_SAFETENSORS_READER_H_
