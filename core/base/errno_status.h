// Defines the one table from an errno value to an error with a reason.

#ifndef MD2_CORE_BASE_ERRNO_STATUS_H_
#define MD2_CORE_BASE_ERRNO_STATUS_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace md2::base {

// "cannot ACTION, WHY: SUBJECT"; `subject` is what was acted upon, usually a path.
//   ENOENT ENAMETOOLONG               FILE_NOT_FOUND (NotFound)
//   EACCES EPERM EROFS                FILE_PERMISSION (PermissionDenied)
//   EISDIR ENOTDIR ELOOP              FILE_NOT_REGULAR (FailedPrecondition)
//   EEXIST ENOTEMPTY                  FILE_EXISTS (AlreadyExists)
//   EFBIG                             FILE_TOO_LARGE (InvalidArgument)
//   ENOSPC EDQUOT                     STORAGE_FULL (ResourceExhausted)
//   EIO ENXIO ENODEV ESTALE ETIMEDOUT
//   EMFILE ENFILE                     STORAGE_UNAVAILABLE (Unavailable)
//   ENOMEM                            OUT_OF_MEMORY (ResourceExhausted)
//   anything else                     UNKNOWN (Unknown)
// REQUIRES: error_number is not 0.
absl::Status ErrnoToStatus(int error_number, absl::string_view action, absl::string_view subject);

}  // namespace md2::base

#endif  // MD2_CORE_BASE_ERRNO_STATUS_H_
