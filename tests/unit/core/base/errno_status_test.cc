#include "core/base/errno_status.h"

#include <cerrno>
#include <string>

#include "core/base/error.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace md2::base {
namespace {

using absl::StatusCode;
using testing::HasReason;
using testing::StatusIs;

struct Row {
  int error_number;
  StatusCode code;
  Reason reason;
  const char* text;
};

class ErrnoToStatusTest : public ::testing::TestWithParam<Row> {};

TEST_P(ErrnoToStatusTest, SaysCodeReasonAndText) {
  const absl::Status status = ErrnoToStatus(GetParam().error_number, "read", "/d/f");
  EXPECT_THAT(status, StatusIs(GetParam().code, std::string(GetParam().text)));
  EXPECT_THAT(status, HasReason(GetParam().reason));
}

INSTANTIATE_TEST_SUITE_P(
    Table, ErrnoToStatusTest,
    ::testing::Values(
        Row{ENOENT, StatusCode::kNotFound, Reason::kFileNotFound,
            "cannot read, no such file or folder: /d/f"},
        Row{ENAMETOOLONG, StatusCode::kNotFound, Reason::kFileNotFound,
            "cannot read, the name is too long: /d/f"},
        Row{EACCES, StatusCode::kPermissionDenied, Reason::kFilePermission,
            "cannot read, permission denied (check the modes of the file and of its folders): "
            "/d/f"},
        Row{EPERM, StatusCode::kPermissionDenied, Reason::kFilePermission,
            "cannot read, the system does not permit it: /d/f"},
        Row{EROFS, StatusCode::kPermissionDenied, Reason::kFilePermission,
            "cannot read, the file system is read-only: /d/f"},
        Row{EISDIR, StatusCode::kFailedPrecondition, Reason::kFileNotRegular,
            "cannot read, expected a file, found a folder: /d/f"},
        Row{ENOTDIR, StatusCode::kFailedPrecondition, Reason::kFileNotRegular,
            "cannot read, expected a folder, found a file in the path: /d/f"},
        Row{ELOOP, StatusCode::kFailedPrecondition, Reason::kFileNotRegular,
            "cannot read, too many symbolic links: /d/f"},
        Row{EEXIST, StatusCode::kAlreadyExists, Reason::kFileExists,
            "cannot read, it exists already: /d/f"},
        Row{ENOTEMPTY, StatusCode::kAlreadyExists, Reason::kFileExists,
            "cannot read, the folder is not empty: /d/f"},
        Row{EFBIG, StatusCode::kInvalidArgument, Reason::kFileTooLarge,
            "cannot read, the file is larger than the system allows: /d/f"},
        Row{ENOSPC, StatusCode::kResourceExhausted, Reason::kStorageFull,
            "cannot read, no space left on the disk (free some and try again): /d/f"},
        Row{EDQUOT, StatusCode::kResourceExhausted, Reason::kStorageFull,
            "cannot read, the disk quota is used up (free some and try again): /d/f"},
        Row{EIO, StatusCode::kUnavailable, Reason::kStorageUnavailable,
            "cannot read, the disk failed (check it before trying again): /d/f"},
        Row{ENXIO, StatusCode::kUnavailable, Reason::kStorageUnavailable,
            "cannot read, the device is not there: /d/f"},
        Row{ENODEV, StatusCode::kUnavailable, Reason::kStorageUnavailable,
            "cannot read, the device cannot do this: /d/f"},
        Row{ESTALE, StatusCode::kUnavailable, Reason::kStorageUnavailable,
            "cannot read, the network file system lost the file: /d/f"},
        Row{ETIMEDOUT, StatusCode::kUnavailable, Reason::kStorageUnavailable,
            "cannot read, the network file system did not answer: /d/f"},
        Row{EMFILE, StatusCode::kUnavailable, Reason::kStorageUnavailable,
            "cannot read, this process has too many open files (raise its limit, ulimit -n): "
            "/d/f"},
        Row{ENFILE, StatusCode::kUnavailable, Reason::kStorageUnavailable,
            "cannot read, the system has too many open files: /d/f"},
        Row{ENOMEM, StatusCode::kResourceExhausted, Reason::kOutOfMemory,
            "cannot read, out of memory: /d/f"},
        Row{EXDEV, StatusCode::kUnknown, Reason::kUnknown,
            "cannot read, Invalid cross-device link: /d/f"}));

}  // namespace
}  // namespace md2::base
