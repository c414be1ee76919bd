// Defines the folder of FeatureStore's files:
//   FeatureSegmentName   what a file is called
//   FeatureFolder        which files there are, and which go when room is needed

#ifndef MD2_CORE_DATA_FEATURE_FOLDER_H_
#define MD2_CORE_DATA_FEATURE_FOLDER_H_

#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/base/file_env.h"
#include "core/base/sha256.h"

namespace md2::data {

// 32 hexadecimal digits of each, "-" between them, ".features" behind.
std::string FeatureSegmentName(const base::Sha256Digest& space, const base::Sha256Digest& content);

// Files whose names hold ".features" count, those of other spaces and what a killed writer left
// included; others are let alone. Other processes may add and remove files at any time. `env` must
// outlive it. Immutable, share freely.
class FeatureFolder {
 public:
  FeatureFolder(base::FileEnv& env, std::string dir, uint64_t max_bytes)
      : env_(env), dir_(std::move(dir)), max_bytes_(max_bytes) {}

  // Of complete files of that space, sorted. The errors of FileEnv::ListDirectory.
  absl::StatusOr<std::vector<std::string>> PathsOf(const base::Sha256Digest& space) const;

  // Removes files that are not in `kept`, the least recently used first, until `more_bytes` fit
  // below max_bytes and one more file below 10,000; returns the paths of the removed. STORAGE_FULL
  // (ResourceExhausted), with nothing removed, when all that may go is not enough; the errors of
  // FileEnv::ListDirectory and RemoveFile.
  absl::StatusOr<std::vector<std::string>> MakeRoom(uint64_t more_bytes,
                                                    const std::set<std::string>& kept) const;

  const std::string& dir() const { return dir_; }

 private:
  base::FileEnv& env_;
  const std::string dir_;
  const uint64_t max_bytes_;
};

}  // namespace md2::data

#endif  // MD2_CORE_DATA_FEATURE_FOLDER_H_
