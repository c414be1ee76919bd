// Defines PendingFiles, which makes many small files durable at a fraction of the price of one at a
// time.

#ifndef MD2_CORE_DATA_DATAGEN_PENDING_FILES_H_
#define MD2_CORE_DATA_DATAGEN_PENDING_FILES_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "core/base/file_env.h"

namespace md2::datagen {

// Files that were written and not yet synced: several are synced at once, since a disk takes about
// as long for one. `env` must outlive it. One thread at a time.
class PendingFiles {
 public:
  explicit PendingFiles(base::FileEnv& env) : env_(env) {}

  // Creates or truncates the file; blocks now and then to sync some. The errors of FileEnv; after
  // one the content of the files since the last Settle is unknown.
  absl::Status Write(const std::string& path, absl::Span<const uint8_t> bytes);

  // After success all that was written survives a crash once the folders are synced.
  absl::Status Settle();

 private:
  base::FileEnv& env_;
  std::vector<std::unique_ptr<base::WritableFile>> files_;
};

}  // namespace md2::datagen

#endif  // MD2_CORE_DATA_DATAGEN_PENDING_FILES_H_
