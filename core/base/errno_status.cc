#include "core/base/errno_status.h"

#include <cerrno>
#include <string>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "core/base/error.h"

namespace md2::base {
namespace {

struct ErrnoMeaning {
  int error_number;
  absl::StatusCode code;
  Reason reason;
  const char* why;
};

constexpr ErrnoMeaning kMeanings[] = {
    {ENOENT, absl::StatusCode::kNotFound, Reason::kFileNotFound, "no such file or folder"},
    {ENAMETOOLONG, absl::StatusCode::kNotFound, Reason::kFileNotFound, "the name is too long"},
    {EACCES, absl::StatusCode::kPermissionDenied, Reason::kFilePermission,
     "permission denied (check the modes of the file and of its folders)"},
    {EPERM, absl::StatusCode::kPermissionDenied, Reason::kFilePermission,
     "the system does not permit it"},
    {EROFS, absl::StatusCode::kPermissionDenied, Reason::kFilePermission,
     "the file system is read-only"},
    {EISDIR, absl::StatusCode::kFailedPrecondition, Reason::kFileNotRegular,
     "expected a file, found a folder"},
    {ENOTDIR, absl::StatusCode::kFailedPrecondition, Reason::kFileNotRegular,
     "expected a folder, found a file in the path"},
    {ELOOP, absl::StatusCode::kFailedPrecondition, Reason::kFileNotRegular,
     "too many symbolic links"},
    {EEXIST, absl::StatusCode::kAlreadyExists, Reason::kFileExists, "it exists already"},
    {ENOTEMPTY, absl::StatusCode::kAlreadyExists, Reason::kFileExists, "the folder is not empty"},
    {EFBIG, absl::StatusCode::kInvalidArgument, Reason::kFileTooLarge,
     "the file is larger than the system allows"},
    {ENOSPC, absl::StatusCode::kResourceExhausted, Reason::kStorageFull,
     "no space left on the disk (free some and try again)"},
    {EDQUOT, absl::StatusCode::kResourceExhausted, Reason::kStorageFull,
     "the disk quota is used up (free some and try again)"},
    {EIO, absl::StatusCode::kUnavailable, Reason::kStorageUnavailable,
     "the disk failed (check it before trying again)"},
    {ENXIO, absl::StatusCode::kUnavailable, Reason::kStorageUnavailable, "the device is not there"},
    {ENODEV, absl::StatusCode::kUnavailable, Reason::kStorageUnavailable,
     "the device cannot do this"},
    {ESTALE, absl::StatusCode::kUnavailable, Reason::kStorageUnavailable,
     "the network file system lost the file"},
    {ETIMEDOUT, absl::StatusCode::kUnavailable, Reason::kStorageUnavailable,
     "the network file system did not answer"},
    {EMFILE, absl::StatusCode::kUnavailable, Reason::kStorageUnavailable,
     "this process has too many open files (raise its limit, ulimit -n)"},
    {ENFILE, absl::StatusCode::kUnavailable, Reason::kStorageUnavailable,
     "the system has too many open files"},
    {ENOMEM, absl::StatusCode::kResourceExhausted, Reason::kOutOfMemory, "out of memory"},
};

}  // namespace

absl::Status ErrnoToStatus(int error_number, absl::string_view action, absl::string_view subject) {
  for (const ErrnoMeaning& meaning : kMeanings) {
    if (meaning.error_number != error_number) continue;
    return MakeError(meaning.code, meaning.reason,
                     absl::StrCat("cannot ", action, ", ", meaning.why, ": ", subject));
  }
  const std::string why = std::generic_category().message(error_number);
  return MakeError(absl::StatusCode::kUnknown, Reason::kUnknown,
                   absl::StrCat("cannot ", action, ", ", why, ": ", subject));
}

}  // namespace md2::base
