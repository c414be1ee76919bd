// Defines
//   ImageFacts   what is known of an image file that is whole
//   ImageCheck   finds them out, once for questions about one image that stand near each other

#ifndef MD2_CORE_DATA_IMAGE_CHECK_H_
#define MD2_CORE_DATA_IMAGE_CHECK_H_

#include <cstdint>
#include <deque>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "core/base/file_env.h"
#include "core/base/mutex.h"
#include "core/base/sha256.h"

namespace md2::data {

struct ImageFacts {
  base::Sha256Digest digest{};  // of the file's bytes
  int width = 0;                // pixels
  int height = 0;
};

// Remembers the last 1024 paths. `env` must outlive it. Safe for concurrent use.
class ImageCheck {
 public:
  explicit ImageCheck(base::FileEnv& env) : env_(env) {}

  // Reads and decodes the whole file. The errors of image::ReadImageFile and DecodeImageFile.
  absl::StatusOr<ImageFacts> Check(const std::string& path) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  base::FileEnv& env_;
  base::Mutex mutex_;
  absl::flat_hash_map<std::string, absl::StatusOr<ImageFacts>> known_ ABSL_GUARDED_BY(mutex_);
  std::deque<std::string> order_ ABSL_GUARDED_BY(mutex_);  // of known_, the oldest first
};

}  // namespace md2::data

#endif  // MD2_CORE_DATA_IMAGE_CHECK_H_
