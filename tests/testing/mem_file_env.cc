#include "tests/testing/mem_file_env.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/errno_status.h"
#include "core/base/error.h"
#include "core/base/folder_of.h"
#include "core/base/status_macros.h"
#include "tests/testing/mem_file_env_internal.h"

namespace md2::testing {
namespace {

using base::ErrnoToStatus;
using base::FolderOf;
using base::MutexLock;

class MemRegion : public base::MappedRegion {
 public:
  explicit MemRegion(std::string content) : content_(std::move(content)) {}
  absl::Span<const uint8_t> bytes() const override {
    return {reinterpret_cast<const uint8_t*>(content_.data()), content_.size()};
  }

 private:
  const std::string content_;
};

}  // namespace

class MemFileEnv::ReadHandle : public base::ReadableFile {
 public:
  ReadHandle(MemFileEnv& env, std::string path, std::shared_ptr<const Inode> inode,
             int64_t power_cycle)
      : env_(env),
        path_(std::move(path)),
        inode_(std::move(inode)),
        power_cycle_(power_cycle),
        size_bytes_(inode_->content.size()) {}

  uint64_t size_bytes() const override { return size_bytes_; }

  absl::Status ReadAt(uint64_t offset, absl::Span<uint8_t> out) const override {
    MutexLock lock(env_.mutex_);
    MD2_RETURN_IF_ERROR(env_.BeginOpen(power_cycle_, path_));
    const std::string& content = inode_->content;
    const uint64_t available = offset < content.size() ? content.size() - offset : 0;
    if (available < out.size()) {
      return base::MakeError(
          absl::StatusCode::kOutOfRange, base::Reason::kFileTruncated,
          absl::StrCat("expected ", out.size(), " bytes at byte ", offset, ", found ", available,
                       " before the end of the file: ", path_));
    }
    std::copy_n(content.begin() + static_cast<int64_t>(offset), out.size(), out.begin());
    return absl::OkStatus();
  }

  absl::StatusOr<std::unique_ptr<base::MappedRegion>> Map() const override {
    MutexLock lock(env_.mutex_);
    MD2_RETURN_IF_ERROR(env_.BeginOpen(power_cycle_, path_));
    return std::unique_ptr<base::MappedRegion>(std::make_unique<MemRegion>(inode_->content));
  }

 private:
  MemFileEnv& env_;
  const std::string path_;
  const std::shared_ptr<const Inode> inode_;
  const int64_t power_cycle_;
  const uint64_t size_bytes_;
};

class MemFileEnv::WriteHandle : public base::WritableFile {
 public:
  WriteHandle(MemFileEnv& env, std::string path, std::shared_ptr<Inode> inode, int64_t power_cycle)
      : env_(env), path_(std::move(path)), inode_(std::move(inode)), power_cycle_(power_cycle) {}

  absl::Status Append(absl::Span<const uint8_t> bytes) override {
    MutexLock lock(env_.mutex_);
    absl::Status begun = Begin();
    if (begun.ok()) return Remember(env_.AppendTo(*inode_, bytes, path_));
    // The first failure cuts the bytes; a disk that lost its power takes nothing.
    if (failure_.ok() && power_cycle_ == env_.power_cycle_) {
      env_.AppendTo(*inode_, bytes.first(bytes.size() / 2), path_).IgnoreError();
    }
    return Remember(begun);
  }

  absl::Status Sync() override {
    MutexLock lock(env_.mutex_);
    MD2_RETURN_IF_ERROR(Remember(Begin()));
    inode_->durable_content = inode_->content;
    inode_->is_emptied = false;
    return absl::OkStatus();
  }

  absl::Status Close() override {
    MutexLock lock(env_.mutex_);
    return Remember(Begin());
  }

 private:
  absl::Status Begin() ABSL_EXCLUSIVE_LOCKS_REQUIRED(env_.mutex_) {
    const absl::Status fault = env_.BeginOpen(power_cycle_, path_);
    return failure_.ok() ? fault : failure_;
  }

  absl::Status Remember(const absl::Status& status) {
    if (failure_.ok()) failure_ = status;
    return status;
  }

  MemFileEnv& env_;
  const std::string path_;
  const std::shared_ptr<Inode> inode_;
  const int64_t power_cycle_;
  absl::Status failure_;
};

class MemFileEnv::LockHandle : public base::FileLock {
 public:
  LockHandle(MemFileEnv& env, int64_t id) : env_(env), id_(id) {}

  ~LockHandle() override {
    MutexLock lock(env_.mutex_);
    // After a power loss it is not there any more.
    const auto is_mine = [this](const HeldLock& held) { return held.id == id_; };
    env_.locks_.erase(std::remove_if(env_.locks_.begin(), env_.locks_.end(), is_mine),
                      env_.locks_.end());
  }

 private:
  MemFileEnv& env_;
  const int64_t id_;
};

MemFileEnv::MemFileEnv() : folders_({"/"}), durable_folders_({"/"}) {}
MemFileEnv::~MemFileEnv() = default;

absl::StatusOr<std::unique_ptr<base::ReadableFile>> MemFileEnv::OpenForRead(
    const std::string& path) {
  MutexLock lock(mutex_);
  MD2_RETURN_IF_ERROR(Begin(path));
  const std::string name = NormalisedPath(path);
  if (folders_.count(name) > 0) {
    return base::MakeError(absl::StatusCode::kFailedPrecondition, base::Reason::kFileNotRegular,
                           absl::StrCat("expected a file, found a folder: ", path));
  }
  const auto found = names_.find(name);
  if (found == names_.end()) return Missing(path, "open for reading");
  return std::unique_ptr<base::ReadableFile>(
      std::make_unique<ReadHandle>(*this, path, found->second, power_cycle_));
}

absl::StatusOr<std::unique_ptr<base::WritableFile>> MemFileEnv::CreateForWrite(
    const std::string& path) {
  MutexLock lock(mutex_);
  MD2_RETURN_IF_ERROR(Begin(path));
  MD2_ASSIGN_OR_RETURN(std::shared_ptr<Inode> inode, FindOrCreate(path, "open for writing"));
  inode->content.clear();
  inode->modified = NextTime();
  inode->is_emptied = true;
  return std::unique_ptr<base::WritableFile>(
      std::make_unique<WriteHandle>(*this, path, std::move(inode), power_cycle_));
}

absl::StatusOr<std::unique_ptr<base::WritableFile>> MemFileEnv::OpenForAppend(
    const std::string& path) {
  MutexLock lock(mutex_);
  MD2_RETURN_IF_ERROR(Begin(path));
  MD2_ASSIGN_OR_RETURN(std::shared_ptr<Inode> inode, FindOrCreate(path, "open for writing"));
  return std::unique_ptr<base::WritableFile>(
      std::make_unique<WriteHandle>(*this, path, std::move(inode), power_cycle_));
}

absl::Status MemFileEnv::Rename(const std::string& from, const std::string& to) {
  MutexLock lock(mutex_);
  if (absl::Status fault = Begin(from); !fault.ok()) return fault;
  const auto to_fault = path_faults_.find(NormalisedPath(to));
  if (to_fault != path_faults_.end()) return to_fault->second;
  const std::string both = absl::StrCat(from, " to ", to);
  if (folders_.count(NormalisedPath(from)) > 0) {
    return RenameFolder(NormalisedPath(from), NormalisedPath(to), both);
  }
  const auto found = names_.find(NormalisedPath(from));
  if (found == names_.end()) return ErrnoToStatus(ENOENT, "rename", both);
  const std::string target = NormalisedPath(to);
  if (folders_.count(target) > 0) return ErrnoToStatus(EISDIR, "rename", both);
  if (folders_.count(FolderOf(target)) == 0) return ErrnoToStatus(ENOENT, "rename", both);
  if (target == found->first) return absl::OkStatus();
  names_[target] = found->second;
  names_.erase(found);
  return absl::OkStatus();
}

absl::Status MemFileEnv::RemoveFile(const std::string& path) {
  MutexLock lock(mutex_);
  MD2_RETURN_IF_ERROR(Begin(path));
  if (names_.erase(NormalisedPath(path)) > 0) return absl::OkStatus();
  return Missing(path, "remove");
}

absl::StatusOr<base::FileInfo> MemFileEnv::Stat(const std::string& path) {
  MutexLock lock(mutex_);
  MD2_RETURN_IF_ERROR(Begin(path));
  base::FileInfo info;
  info.is_directory = folders_.count(NormalisedPath(path)) > 0;
  if (info.is_directory) return info;
  const auto found = names_.find(NormalisedPath(path));
  if (found == names_.end()) return Missing(path, "look up");
  info.is_regular = true;
  info.size_bytes = found->second->content.size();
  info.modified = found->second->modified;
  return info;
}

absl::Status MemFileEnv::Touch(const std::string& path) {
  MutexLock lock(mutex_);
  MD2_RETURN_IF_ERROR(Begin(path));
  const auto found = names_.find(NormalisedPath(path));
  if (found == names_.end()) return Missing(path, "set the time of");
  found->second->modified = NextTime();
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::string>> MemFileEnv::ListDirectory(const std::string& path) {
  MutexLock lock(mutex_);
  MD2_RETURN_IF_ERROR(Begin(path));
  const std::string folder = NormalisedPath(path);
  if (names_.count(folder) > 0) return ErrnoToStatus(ENOTDIR, "list the folder", path);
  if (folders_.count(folder) == 0) return ErrnoToStatus(ENOENT, "list the folder", path);
  std::set<std::string> children;
  for (const auto& [name, inode] : names_) {
    if (FolderOf(name) == folder) children.insert(name.substr(name.rfind('/') + 1));
  }
  for (const std::string& name : folders_) {
    if (name != "/" && FolderOf(name) == folder) children.insert(name.substr(name.rfind('/') + 1));
  }
  return std::vector<std::string>(children.begin(), children.end());
}

absl::StatusOr<std::unique_ptr<base::FileLock>> MemFileEnv::Lock(const std::string& path) {
  MutexLock lock(mutex_);
  MD2_RETURN_IF_ERROR(Begin(path));
  MD2_ASSIGN_OR_RETURN(const std::shared_ptr<Inode> inode, FindOrCreate(path, "open for locking"));
  return LockInode(inode, /*is_shared=*/false, path);
}

absl::StatusOr<std::unique_ptr<base::FileLock>> MemFileEnv::LockShared(const std::string& path) {
  MutexLock lock(mutex_);
  MD2_RETURN_IF_ERROR(Begin(path));
  const auto found = names_.find(NormalisedPath(path));
  if (found == names_.end()) return Missing(path, "open for locking");
  return LockInode(found->second, /*is_shared=*/true, path);
}

absl::StatusOr<std::unique_ptr<base::FileLock>> MemFileEnv::LockInode(
    const std::shared_ptr<Inode>& inode, bool is_shared, const std::string& path) {
  for (const HeldLock& held : locks_) {
    if (held.inode != inode || (held.is_shared && is_shared)) continue;
    return base::MakeError(absl::StatusCode::kAlreadyExists, base::Reason::kFileExists,
                           absl::StrCat("cannot lock, someone else holds the lock: ", path));
  }
  locks_.push_back({inode, ++num_locks_, is_shared});
  return std::unique_ptr<base::FileLock>(std::make_unique<LockHandle>(*this, num_locks_));
}

absl::StatusOr<uint64_t> MemFileEnv::FreeBytes(const std::string& path) {
  MutexLock lock(mutex_);
  MD2_RETURN_IF_ERROR(Begin(path));
  const std::string name = NormalisedPath(path);
  if (folders_.count(name) == 0 && names_.count(name) == 0) {
    return Missing(path, "ask for the free space of");
  }
  return capacity_bytes_ - std::min(capacity_bytes_, BytesInUse());
}

absl::Status MemFileEnv::Begin(const std::string& path) {
  const int64_t index = num_operations_++;
  const bool is_due = fail_at_ >= 0 && (fail_later_too_ ? index >= fail_at_ : index == fail_at_);
  if (is_due) return fault_;
  const auto path_fault = path_faults_.find(NormalisedPath(path));
  return path_fault == path_faults_.end() ? absl::OkStatus() : path_fault->second;
}

absl::Status MemFileEnv::BeginOpen(int64_t power_cycle, const std::string& path) {
  if (power_cycle != power_cycle_) {
    ++num_operations_;
    return ErrnoToStatus(EIO, "use a file opened before the power failed", path);
  }
  return Begin(path);
}

absl::StatusOr<std::shared_ptr<MemFileEnv::Inode>> MemFileEnv::FindOrCreate(
    const std::string& path, absl::string_view action) {
  const std::string name = NormalisedPath(path);
  if (folders_.count(name) > 0) return ErrnoToStatus(EISDIR, action, path);
  if (folders_.count(FolderOf(name)) == 0) return Missing(path, action);
  std::shared_ptr<Inode>& inode = names_[name];
  if (inode == nullptr) inode = std::make_shared<Inode>();
  return inode;
}

absl::Status MemFileEnv::Missing(const std::string& path, absl::string_view action) const {
  const std::string name = NormalisedPath(path);
  if (folders_.count(name) > 0) return ErrnoToStatus(EISDIR, action, path);
  for (std::string folder = FolderOf(name); folder != "/"; folder = FolderOf(folder)) {
    if (names_.count(folder) > 0) return ErrnoToStatus(ENOTDIR, action, path);
  }
  return ErrnoToStatus(ENOENT, action, path);
}

absl::Status MemFileEnv::AppendTo(Inode& inode, absl::Span<const uint8_t> bytes,
                                  const std::string& path) {
  inode.modified = NextTime();
  const uint64_t in_use = BytesInUse();
  const uint64_t room = capacity_bytes_ > in_use ? capacity_bytes_ - in_use : 0;
  const uint64_t num_written = std::min<uint64_t>(bytes.size(), room);
  inode.content.append(reinterpret_cast<const char*>(bytes.data()), num_written);
  if (num_written < bytes.size()) return ErrnoToStatus(ENOSPC, "write", path);
  return absl::OkStatus();
}

uint64_t MemFileEnv::BytesInUse() const {
  uint64_t total = 0;
  for (const auto& [path, inode] : names_) total += inode->content.size();
  return total;
}

}  // namespace md2::testing
