// Defines
//   Reason         the published list of why something failed; its words are part of the API
//   MakeError      an absl::Status that carries a reason
//   ReasonOf       the reason that a status carries
//   ErrorList      collects several problems into one error
//
// The text of an error is for the person who must act: what was expected, what was found, where,
// what to do. Fixed words first, values last.

#ifndef MD2_CORE_BASE_ERROR_H_
#define MD2_CORE_BASE_ERROR_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace md2::base {

// Append only: a word once published stays.
enum class Reason {
  kUnknown,         // a status that carries none
  kUsageInvalid,    // a command line that cannot be meant
  kSettingInvalid,  // a flag, variable or configuration value outside its range
  kFileNotFound,
  kFilePermission,
  kFileNotRegular,  // a folder or device where a file was expected, or a file for a folder
  kFileExists,
  kFileTooLarge,
  kFileTruncated,  // shorter than what its reader was told
  kFileDamaged,    // not what the manifest beside it says
  kStorageFull,
  kStorageUnavailable,  // the disk failed
  kJsonInvalid,         // not JSON, or beyond its limits
  kImageInvalid,        // not decodable: truncated, corrupt, empty
  kImageUnsupported,    // neither JPEG nor PNG
  kImageTooLarge,       // beyond the limits of bytes, pixels or sides
  kModelConfigInvalid,
  kModelWeightsInvalid,
  kModelUnsupported,  // a revision or dtype that this build does not know
  kAdapterInvalid,    // a low-rank adapter that is none, or of another model
  kTokenizerInvalid,
  kQuestionInvalid,    // empty, or holds a reserved marker
  kDataInvalid,        // a row, or a whole data file, that cannot be trained on
  kContextOverflow,    // more tokens than the model has positions
  kCheckpointInvalid,  // does not hold what the run needs to go on
  kRunChanged,         // not the model, data or settings that the run began with
  kOutputInUse,        // another run writes to the folder
  kDeviceUnavailable,
  kOutOfMemory,
  kCancelled,
  kInternal,  // our bug
};

// The published word: Reason::kFileNotFound -> "FILE_NOT_FOUND".
absl::string_view ReasonName(Reason reason);

// REQUIRES: code is not OK.
absl::Status MakeError(absl::StatusCode code, Reason reason, absl::string_view text);

// kUnknown when the status is OK or carries no reason.
Reason ReasonOf(const absl::Status& status);

// Same code and reason, `context` and ": " before the text.
absl::Status WithContext(const absl::Status& status, absl::string_view context);

// Collects problems so that one error names them all. One thread at a time.
class ErrorList {
 public:
  // At most `max_shown` problems are written out; the rest are counted.
  explicit ErrorList(size_t max_shown = 50) : max_shown_(max_shown) {}

  void Add(std::string problem);
  // The text of `error` as one problem, its own lines set in below it. REQUIRES: it is not OK.
  void Add(const absl::Status& error);
  bool empty() const { return num_problems_ == 0; }
  size_t size() const { return num_problems_; }

  // OK when empty; else an error of `heading` and one line a problem.
  absl::Status ToStatus(absl::StatusCode code, Reason reason, absl::string_view heading) const;

 private:
  size_t max_shown_;
  size_t num_problems_ = 0;
  std::vector<std::string> shown_;
};

// Process exit code of a command that ended with `status`; the one table that all programs use:
// 0 ok, 1 other, 2 interrupted, 3 usage or bad input, 4 permission, 5 not found, 6 conflict or
// precondition, 7 unavailable, 8 out of storage, memory or quota, 9 deadline.
int ExitCodeOf(const absl::Status& status);

}  // namespace md2::base

#endif  // MD2_CORE_BASE_ERROR_H_
