// What a test arranges: content, faults, power losses.

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "core/base/folder_of.h"
#include "tests/testing/mem_file_env.h"
#include "tests/testing/mem_file_env_internal.h"

namespace md2::testing {

using base::MutexLock;

std::string NormalisedPath(const std::string& path) {
  std::vector<absl::string_view> parts = absl::StrSplit(path, '/', absl::SkipEmpty());
  parts.erase(std::remove(parts.begin(), parts.end(), "."), parts.end());
  return absl::StrCat("/", absl::StrJoin(parts, "/"));
}

void MemFileEnv::Put(const std::string& path, absl::string_view content) {
  MutexLock lock(mutex_);
  const std::string name = NormalisedPath(path);
  AddFolder(base::FolderOf(name));
  auto inode = std::make_shared<Inode>();
  inode->content = std::string(content);
  inode->durable_content = inode->content;
  inode->modified = NextTime();
  names_[name] = inode;
  durable_names_[name] = inode;
}

absl::optional<std::string> MemFileEnv::Get(const std::string& path) const {
  MutexLock lock(mutex_);
  const auto found = names_.find(NormalisedPath(path));
  if (found == names_.end()) return absl::nullopt;
  return found->second->content;
}

std::vector<std::string> MemFileEnv::Files() const {
  MutexLock lock(mutex_);
  std::vector<std::string> paths;
  for (const auto& [path, inode] : names_) paths.push_back(path);
  return paths;
}

void MemFileEnv::FailOnce(int64_t num_before, absl::Status status) {
  MutexLock lock(mutex_);
  fail_at_ = num_operations_ + num_before;
  fail_later_too_ = false;
  fault_ = std::move(status);
}

void MemFileEnv::FailFrom(int64_t num_before, absl::Status status) {
  MutexLock lock(mutex_);
  fail_at_ = num_operations_ + num_before;
  fail_later_too_ = true;
  fault_ = std::move(status);
}

void MemFileEnv::FailPath(const std::string& path, absl::Status status) {
  MutexLock lock(mutex_);
  path_faults_[NormalisedPath(path)] = std::move(status);
}

void MemFileEnv::ClearFaults() {
  MutexLock lock(mutex_);
  fail_at_ = -1;
  path_faults_.clear();
}

int64_t MemFileEnv::num_operations() const {
  MutexLock lock(mutex_);
  return num_operations_;
}

void MemFileEnv::SetCapacity(uint64_t capacity_bytes) {
  MutexLock lock(mutex_);
  capacity_bytes_ = capacity_bytes;
}

void MemFileEnv::DropUnsynced(PowerLoss loss) {
  MutexLock lock(mutex_);
  if (loss == PowerLoss::kDataAndNames) {
    names_ = durable_names_;
    folders_ = durable_folders_;
  } else {
    durable_names_ = names_;
    durable_folders_ = folders_;
  }
  for (auto& [path, inode] : names_) {
    if (loss == PowerLoss::kDataOnly && inode->is_emptied) inode->durable_content.clear();
    inode->content = inode->durable_content;
    inode->is_emptied = false;
  }
  folder_renames_.clear();
  locks_.clear();
  path_faults_.clear();
  fail_at_ = -1;
  ++power_cycle_;
}

}  // namespace md2::testing
