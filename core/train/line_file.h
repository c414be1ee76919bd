// Defines LineFile, a file of JSON lines that grows with the updates of a run, such as
// metrics.jsonl.

#ifndef MD2_CORE_TRAIN_LINE_FILE_H_
#define MD2_CORE_TRAIN_LINE_FILE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/base/file_env.h"

namespace md2::train {

// Every line is an object with the integer `update`. Readers see a line once Append returned; a
// crash of the machine may take lines since the last Sync. `env` must outlive it. One thread at a
// time.
class LineFile {
 public:
  // Opens or creates `path`. Of what is there it keeps whole lines of updates below
  // `first_dropped`, so that a run that goes on from there writes each once; lines that a crash
  // left half, or that are no such objects, are dropped too. At every moment the file holds what it
  // held before or what is kept. The disk's errors.
  static absl::StatusOr<std::unique_ptr<LineFile>> Open(base::FileEnv& env, const std::string& path,
                                                        int64_t first_dropped);

  // `line` ends with its only line break. After an error of the disk the last line may be half;
  // every later call fails with that error.
  absl::Status Append(absl::string_view line);

  // After success all lines survive a crash of the machine.
  absl::Status Sync();

 private:
  explicit LineFile(std::unique_ptr<base::WritableFile> file) : file_(std::move(file)) {}

  std::unique_ptr<base::WritableFile> file_;
};

}  // namespace md2::train

#endif  // MD2_CORE_TRAIN_LINE_FILE_H_
