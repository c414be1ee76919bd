// Defines the one door to the disk:
//   FileEnv        open, create, rename, list, sync, lock
//   ReadableFile   positioned reads, or a read-only memory map
//   WritableFile   appends, then Sync and Close
//   AtomicFile     a file that is complete or absent
//
// Errors carry a reason: FILE_NOT_FOUND (NotFound), FILE_PERMISSION (PermissionDenied), FILE_NOT_REGULAR
// (FailedPrecondition), FILE_EXISTS (AlreadyExists), STORAGE_FULL (ResourceExhausted), STORAGE_UNAVAILABLE
// (Unavailable). Each text names the path and what was attempted.

#ifndef MD2_CORE_BASE_FILE_ENV_H_
#define MD2_CORE_BASE_FILE_ENV_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace md2::base {

struct FileInfo {
  uint64_t size_bytes = 0;
  bool is_directory = false;
  bool is_regular = false;
};

// Bytes that stay valid and constant while the region lives. Immutable, share freely.
class MappedRegion {
 public:
  virtual ~MappedRegion() = default;
  virtual absl::Span<const uint8_t> bytes() const = 0;
};

// Safe for concurrent use.
class ReadableFile {
 public:
  virtual ~ReadableFile() = default;
  virtual uint64_t size_bytes() const = 0;

  // Fills all of `out` from `offset`; a file that ends before is an error and leaves `out` undefined.
  virtual absl::Status ReadAt(uint64_t offset, absl::Span<uint8_t> out) const = 0;

  // Maps the whole file; the region outlives this object. An empty file gives an empty region.
  virtual absl::StatusOr<std::unique_ptr<MappedRegion>> Map() const = 0;
};

// One thread at a time. Destroying it without Close leaves a file of unknown content.
class WritableFile {
 public:
  virtual ~WritableFile() = default;
  virtual absl::Status Append(absl::Span<const uint8_t> bytes) = 0;
  // After success all appended bytes survive a crash of the machine, once the directory is synced too.
  virtual absl::Status Sync() = 0;
  virtual absl::Status Close() = 0;
};

// Held until destroyed; also released by the death of the process.
class FileLock {
 public:
  virtual ~FileLock() = default;
};

// Safe for concurrent use. Paths are absolute, or relative to the working folder.
class FileEnv {
 public:
  virtual ~FileEnv() = default;

  // Follows links. A folder is FILE_NOT_REGULAR.
  virtual absl::StatusOr<std::unique_ptr<ReadableFile>> OpenForRead(const std::string& path) = 0;

  // Creates or truncates, mode 0640.
  virtual absl::StatusOr<std::unique_ptr<WritableFile>> CreateForWrite(const std::string& path) = 0;

  // Replaces `to` when it exists; durable only after SyncDirectory of its folder.
  virtual absl::Status Rename(const std::string& from, const std::string& to) = 0;
  virtual absl::Status RemoveFile(const std::string& path) = 0;
  // Creates missing parents too, mode 0750; an existing folder is fine.
  virtual absl::Status CreateDirectories(const std::string& path) = 0;
  virtual absl::Status SyncDirectory(const std::string& path) = 0;
  virtual absl::StatusOr<FileInfo> Stat(const std::string& path) = 0;
  // Names without their folder, sorted, without "." and "..".
  virtual absl::StatusOr<std::vector<std::string>> ListDirectory(const std::string& path) = 0;
  // Creates the file when missing. FILE_EXISTS when another process or object holds the lock.
  virtual absl::StatusOr<std::unique_ptr<FileLock>> Lock(const std::string& path) = 0;
};

// The real disk; lives for ever.
FileEnv* RealFileEnv();

// Whole content; FILE_TOO_LARGE when longer than `max_bytes`, before anything is read.
absl::StatusOr<std::string> ReadWholeFile(FileEnv& env, const std::string& path, uint64_t max_bytes);

// A file that is complete or absent: written to a temporary name beside `path`, synced, renamed, its
// folder synced. One thread at a time. Without a successful Commit, `path` is as it was, and the
// destructor removes the temporary file.
class AtomicFile {
 public:
  static absl::StatusOr<std::unique_ptr<AtomicFile>> Create(FileEnv& env, const std::string& path);
  virtual ~AtomicFile() = default;
  virtual absl::Status Append(absl::Span<const uint8_t> bytes) = 0;
  // After success `path` holds exactly what was appended and survives a crash. Call once.
  virtual absl::Status Commit() = 0;
};

absl::Status WriteFileAtomically(FileEnv& env, const std::string& path, absl::string_view content);

}  // namespace md2::base

#endif  // MD2_CORE_BASE_FILE_ENV_H_
