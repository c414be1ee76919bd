// Defines AtomicFolder, a folder that is complete or absent.

#ifndef MD2_CORE_BASE_ATOMIC_FOLDER_H_
#define MD2_CORE_BASE_ATOMIC_FOLDER_H_

#include <memory>
#include <set>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/base/file_env.h"
#include "core/base/json_fwd.h"
#include "core/base/manifest.h"

namespace md2::base {

// Held shared by who reads a published folder and alone by who writes or removes it. Not in the
// manifest.
inline constexpr char kFolderLockFile[] = ".lock";

struct AtomicFolderOptions {
  std::string kind = "";     // of the manifest
  bool may_replace = false;  // a folder that is there and not empty; else it is refused
  bool keeps_lock = false;   // kFolderLockFile stays in it, for readers
};

// Files are written to a folder of a temporary name beside `path` and synced there, its manifest
// last; then it is renamed and the folder above synced. At every moment, a crash included, `path`
// holds what it held before, all of the new files, or (while an old folder is replaced) nothing.
// One thread at a time; `env` must outlive it. One writer of a path at a time, also among
// processes.
class AtomicFolder {
 public:
  // Makes the folders above, and removes what a writer that died left. FILE_EXISTS (AlreadyExists)
  // when another writer is at work, or `path` is there, is not empty and may not be replaced; the
  // disk's errors. `path` itself is not touched.
  static absl::StatusOr<std::unique_ptr<AtomicFolder>> Create(FileEnv& env, const std::string& path,
                                                              AtomicFolderOptions options);

  // Without Commit, or when it failed before the rename, what was written is removed here.
  ~AtomicFolder();
  AtomicFolder(const AtomicFolder&) = delete;
  AtomicFolder& operator=(const AtomicFolder&) = delete;

  // `name` is a path within the folder, whose folders are made. The file counts once it is
  // committed; it must not outlive this object.
  absl::StatusOr<std::unique_ptr<AtomicFile>> CreateFile(const std::string& name);
  absl::Status WriteFile(const std::string& name, absl::string_view content);
  absl::Status CopyFile(const std::string& from, const std::string& name);

  // After success `path` holds the files that were committed and their manifest, and survives a
  // crash. After failure it is as before, or absent where it was to be replaced, or, when only the
  // last sync failed, new. Call once. INTERNAL when a file was created and not committed.
  absl::Status Commit(Json about);

  // Of the files committed so far.
  uint64_t size_bytes() const;
  const std::string& path() const { return path_; }

 private:
  class File;

  AtomicFolder(FileEnv& env, std::string path, AtomicFolderOptions options);
  absl::Status Begin();
  absl::Status Publish();

  FileEnv& env_;
  const std::string path_;
  const AtomicFolderOptions options_;
  const std::string temporary_;
  const std::string replaced_;  // where a folder that is replaced goes first
  std::unique_ptr<FileLock> lock_;
  std::set<std::string> folders_;  // within, to be synced
  Manifest manifest_;
  int64_t num_created_ = 0;
  bool is_renamed_ = false;
};

// Removes a folder that AtomicFolder published, so that it is complete or absent at every moment.
// FILE_EXISTS (AlreadyExists) while someone holds its lock; OK when it is not there.
absl::Status RemoveFolderAtomically(FileEnv& env, const std::string& path);

// Whether AtomicFolder or AtomicFile calls so what it is still writing or removing.
bool IsUnfinishedName(absl::string_view name);

// Removes what writers of files and folders in `dir` left when they died. OK when there is no such
// folder. REQUIRES: none is at work there.
absl::Status RemoveUnfinished(FileEnv& env, const std::string& dir);

}  // namespace md2::base

#endif  // MD2_CORE_BASE_ATOMIC_FOLDER_H_
