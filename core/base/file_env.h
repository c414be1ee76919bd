// Defines the one door to the disk:
//   FileEnv        open, create, rename, remove, list, sync, lock, free space
//   ReadableFile   positioned reads, or a read-only memory map
//   WritableFile   appends, then Sync and Close
//   AtomicFile     a file that is complete or absent
//
// Errors carry the reasons of core/base/errno_status.h. Each text names what was attempted and the
// path.

#ifndef MD2_CORE_BASE_FILE_ENV_H_
#define MD2_CORE_BASE_FILE_ENV_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"

namespace md2::base {

struct FileInfo {
  uint64_t size_bytes = 0;
  bool is_directory = false;
  bool is_regular = false;
  uint64_t disk = 0;    // a number of the file system that holds it
  absl::Time modified;  // when the content last changed, or Touch was called
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

  // Fills all of `out` from `offset`. FILE_TRUNCATED (OutOfRange) when the file ends before. After
  // any failure `out` is undefined.
  virtual absl::Status ReadAt(uint64_t offset, absl::Span<uint8_t> out) const = 0;

  // Maps the whole file; the region outlives this object. An empty file gives an empty region.
  // Pages are read when they are touched; nobody may shorten the file meanwhile.
  virtual absl::StatusOr<std::unique_ptr<MappedRegion>> Map() const = 0;
};

// One thread at a time. Destroying it without Close leaves a file of unknown content, and so does
// any failure; after one, writing and syncing fail again with the same error.
class WritableFile {
 public:
  virtual ~WritableFile() = default;
  // May hold small pieces back until Sync or Close.
  virtual absl::Status Append(absl::Span<const uint8_t> bytes) = 0;
  // After success all appended bytes survive a crash of the machine, once the directory is synced
  // too.
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
  // Creates when missing, mode 0640; else writes go behind what is there. Nothing is held back:
  // readers see each Append once it returned.
  virtual absl::StatusOr<std::unique_ptr<WritableFile>> OpenForAppend(const std::string& path) = 0;

  // A file replaces `to` when that is a file, a folder when that is an empty folder; a folder that
  // is not empty is FILE_EXISTS. Durable only after SyncDirectory of its folder.
  virtual absl::Status Rename(const std::string& from, const std::string& to) = 0;
  virtual absl::Status RemoveFile(const std::string& path) = 0;
  // FILE_EXISTS when it is not empty. Durable only after SyncDirectory of its folder.
  virtual absl::Status RemoveDirectory(const std::string& path) = 0;
  // Creates missing parents too, mode 0750; an existing folder is fine. After success what it made
  // survives a crash of the machine; after failure some of the parents may be there.
  virtual absl::Status CreateDirectories(const std::string& path) = 0;
  virtual absl::Status SyncDirectory(const std::string& path) = 0;
  virtual absl::StatusOr<FileInfo> Stat(const std::string& path) = 0;
  // FileInfo::modified becomes now, after that of every file touched before. A crash may undo it.
  virtual absl::Status Touch(const std::string& path) = 0;
  // Names without their folder, sorted, without "." and "..".
  virtual absl::StatusOr<std::vector<std::string>> ListDirectory(const std::string& path) = 0;
  // Creates the file when missing. FILE_EXISTS when another process or object holds the lock, alone
  // or shared.
  virtual absl::StatusOr<std::unique_ptr<FileLock>> Lock(const std::string& path) = 0;
  // As Lock, but others may share it, the file must be there, and reading it is permission enough.
  virtual absl::StatusOr<std::unique_ptr<FileLock>> LockShared(const std::string& path) = 0;
  // What an ordinary user may still write to the disk that holds `path`, which must be there.
  virtual absl::StatusOr<uint64_t> FreeBytes(const std::string& path) = 0;
};

// The real disk; lives for ever.
FileEnv* RealFileEnv();

// Whole content; FILE_TOO_LARGE (InvalidArgument) when longer than `max_bytes`, before anything is
// read.
absl::StatusOr<std::string> ReadWholeFile(FileEnv& env, const std::string& path,
                                          uint64_t max_bytes);

// `path` or the nearest folder above it that is there, whose disk will hold what is made at `path`.
// The errors of FileEnv::Stat.
absl::StatusOr<std::string> NearestExisting(FileEnv& env, std::string path);

// A file that is complete or absent: written to a temporary name beside `path`, synced, renamed,
// its folder synced. At every moment, a crash included, `path` holds what it held before or all
// that was appended. One thread at a time; `env` must outlive it.
class AtomicFile {
 public:
  // The errors of FileEnv::CreateForWrite; `path` is not touched.
  static absl::StatusOr<std::unique_ptr<AtomicFile>> Create(FileEnv& env, const std::string& path);

  // Without Commit, or when it failed before the rename, `path` is as it was and the temporary file
  // is removed here.
  virtual ~AtomicFile() = default;

  // After a failure every later call returns that failure.
  virtual absl::Status Append(absl::Span<const uint8_t> bytes) = 0;

  // After success `path` holds exactly what was appended and survives a crash. After failure it
  // holds the old or, when only the folder's sync failed, the new content. Call once.
  virtual absl::Status Commit() = 0;
};

absl::Status WriteFileAtomically(FileEnv& env, const std::string& path, absl::string_view content);

// Removes a file, or a folder with all that is in it; links are removed, not followed. OK when
// nothing is there. After a failure some of it may be gone. A crash may bring all of it back.
absl::Status RemoveTree(FileEnv& env, const std::string& path);

}  // namespace md2::base

#endif  // MD2_CORE_BASE_FILE_ENV_H_
