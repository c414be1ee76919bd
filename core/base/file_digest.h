// Defines FileDigest, the size and SHA-256 of a file on the disk.

#ifndef MD2_CORE_BASE_FILE_DIGEST_H_
#define MD2_CORE_BASE_FILE_DIGEST_H_

#include <cstdint>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "core/base/file_env.h"

namespace md2::base {

struct FileDigest {
  uint64_t size_bytes = 0;
  std::string sha256;  // 64 lower-case digits

  bool operator==(const FileDigest&) const = default;
};

// Reads all of it, about a gigabyte a second. The disk's errors.
absl::StatusOr<FileDigest> DigestOfFile(FileEnv& env, const std::string& path);

// Hands the bytes of a file on in order, a piece at a time; the first error of the disk or of
// `take` ends it.
absl::Status ForEachPiece(FileEnv& env, const std::string& path,
                          absl::FunctionRef<absl::Status(absl::Span<const uint8_t>)> take);

}  // namespace md2::base

#endif  // MD2_CORE_BASE_FILE_DIGEST_H_
