// Defines MemFileEnv, a disk in memory that fails and forgets on request.
//
// Durability follows a strict reading of POSIX: bytes survive a power loss once their file was
// synced, names (created, renamed, removed, those of folders too) once their folder was. Folders
// that are made are durable at once, as CreateDirectories promises.

#ifndef MD2_TESTS_TESTING_MEM_FILE_ENV_H_
#define MD2_TESTS_TESTING_MEM_FILE_ENV_H_

#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "absl/types/span.h"
#include "core/base/file_env.h"
#include "core/base/mutex.h"

namespace md2::testing {

// What a power loss takes away.
enum class PowerLoss {
  kDataAndNames,  // nothing reached the disk that was not synced
  kDataOnly,      // names and the emptying of files did, bytes did not: what a missing sync risks
};

// Errors and texts are those of the real disk. Paths are taken from the root; links do not exist; a
// folder is renamed within its own folder alone (else Unimplemented). It must outlive its files and
// locks. Safe for concurrent use.
class MemFileEnv : public base::FileEnv {
 public:
  MemFileEnv();
  ~MemFileEnv() override;

  // --- What a test arranges.

  // A durable file with that content; its folders are made.
  void Put(const std::string& path, absl::string_view content);
  // The content now; none when there is no such file.
  absl::optional<std::string> Get(const std::string& path) const;
  // Every file, sorted.
  std::vector<std::string> Files() const;

  // The operation after `num_before` more ones fails with `status`, which replaces earlier orders.
  // A failing Append leaves the first half of its bytes; any other failing operation changes
  // nothing.
  void FailOnce(int64_t num_before, absl::Status status);
  // As FailOnce, and all later operations fail too: the disk or the process is gone.
  void FailFrom(int64_t num_before, absl::Status status);
  // Opening, creating, renaming, removing, looking up, listing or locking this path always fails.
  void FailPath(const std::string& path, absl::Status status);
  void ClearFaults();
  // Operations so far, failed ones included: each call of a method of FileEnv or of its files.
  int64_t num_operations() const;

  // From now on an Append that would make the files larger than this in all is cut there and fails
  // with STORAGE_FULL; what is left is FreeBytes.
  void SetCapacity(uint64_t capacity_bytes);

  // The power fails and comes back: faults are cleared, locks are free, and whatever was open fails
  // with STORAGE_UNAVAILABLE from now on.
  void DropUnsynced(PowerLoss loss);

  // --- FileEnv.
  absl::StatusOr<std::unique_ptr<base::ReadableFile>> OpenForRead(const std::string& path) override;
  absl::StatusOr<std::unique_ptr<base::WritableFile>> CreateForWrite(
      const std::string& path) override;
  absl::StatusOr<std::unique_ptr<base::WritableFile>> OpenForAppend(
      const std::string& path) override;
  absl::Status Rename(const std::string& from, const std::string& to) override;
  absl::Status RemoveFile(const std::string& path) override;
  absl::Status RemoveDirectory(const std::string& path) override;
  absl::Status CreateDirectories(const std::string& path) override;
  absl::Status SyncDirectory(const std::string& path) override;
  absl::StatusOr<base::FileInfo> Stat(const std::string& path) override;
  absl::Status Touch(const std::string& path) override;
  absl::StatusOr<std::vector<std::string>> ListDirectory(const std::string& path) override;
  absl::StatusOr<std::unique_ptr<base::FileLock>> Lock(const std::string& path) override;
  absl::StatusOr<std::unique_ptr<base::FileLock>> LockShared(const std::string& path) override;
  absl::StatusOr<uint64_t> FreeBytes(const std::string& path) override;

 private:
  struct Inode;
  class ReadHandle;
  class WriteHandle;
  class LockHandle;
  using Names = std::map<std::string, std::shared_ptr<Inode>>;  // by normalised path
  struct FolderRename {
    std::string from;
    std::string to;
  };
  struct HeldLock {
    std::shared_ptr<const Inode> inode;
    int64_t id = 0;
    bool is_shared = false;
  };

  // Counts an operation; the fault ordered for it or for `path`, if any.
  absl::Status Begin(const std::string& path) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // As Begin, for a file that was opened in that power cycle.
  absl::Status BeginOpen(int64_t power_cycle, const std::string& path)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // The file at `path`, made when missing.
  absl::StatusOr<std::shared_ptr<Inode>> FindOrCreate(const std::string& path,
                                                      absl::string_view action)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Why there is no file at `path`: nothing, a folder, or a file among its folders.
  absl::Status Missing(const std::string& path, absl::string_view action) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status AppendTo(Inode& inode, absl::Span<const uint8_t> bytes, const std::string& path)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // A second after the one before, so that order shows and nothing depends on real time.
  absl::Time NextTime() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return absl::FromUnixSeconds(++num_changes_);
  }
  absl::StatusOr<std::unique_ptr<base::FileLock>> LockInode(const std::shared_ptr<Inode>& inode,
                                                            bool is_shared, const std::string& path)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  uint64_t BytesInUse() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool IsEmptyFolder(const std::string& folder) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status RenameFolder(const std::string& from, const std::string& to, absl::string_view both)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // The folder and those above it, durable; what is there stays.
  void AddFolder(const std::string& folder) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Where `path` is on the disk while renamed folders above it are not synced.
  std::string DurablePath(std::string path) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Folders that were renamed or removed within `folder` are so on the disk too.
  void SyncFoldersIn(const std::string& folder) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  mutable base::Mutex mutex_;
  Names names_ ABSL_GUARDED_BY(mutex_);
  Names durable_names_ ABSL_GUARDED_BY(mutex_);
  std::set<std::string> folders_ ABSL_GUARDED_BY(mutex_);
  std::set<std::string> durable_folders_ ABSL_GUARDED_BY(mutex_);
  std::vector<FolderRename> folder_renames_
      ABSL_GUARDED_BY(mutex_);  // not synced, the oldest first
  std::vector<HeldLock> locks_ ABSL_GUARDED_BY(mutex_);
  int64_t num_locks_ ABSL_GUARDED_BY(mutex_) = 0;
  int64_t power_cycle_ ABSL_GUARDED_BY(mutex_) = 0;

  int64_t num_changes_ ABSL_GUARDED_BY(mutex_) = 0;
  int64_t num_operations_ ABSL_GUARDED_BY(mutex_) = 0;
  int64_t fail_at_ ABSL_GUARDED_BY(mutex_) = -1;
  bool fail_later_too_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Status fault_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, absl::Status> path_faults_ ABSL_GUARDED_BY(mutex_);
  uint64_t capacity_bytes_ ABSL_GUARDED_BY(mutex_) = std::numeric_limits<uint64_t>::max();
};

}  // namespace md2::testing

#endif  // MD2_TESTS_TESTING_MEM_FILE_ENV_H_
