// Folders: made, renamed, removed, and when each of that is durable.

#include <cerrno>
#include <iterator>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/base/errno_status.h"
#include "core/base/error.h"
#include "core/base/folder_of.h"
#include "core/base/status_macros.h"
#include "tests/testing/mem_file_env.h"
#include "tests/testing/mem_file_env_internal.h"

namespace md2::testing {
namespace {

using base::ErrnoToStatus;
using base::FolderOf;
using base::MutexLock;

// `path` itself or what lies below it.
bool IsWithin(absl::string_view path, absl::string_view folder) {
  return path == folder || absl::StartsWith(path, absl::StrCat(folder, "/"));
}

// REQUIRES: IsWithin(path, from).
std::string Moved(const std::string& path, const std::string& from, const std::string& to) {
  return absl::StrCat(to, path.substr(from.size()));
}

template <typename Map>
void EraseNamesWithin(Map& names, const std::string& folder) {
  for (auto entry = names.begin(); entry != names.end();) {
    entry = IsWithin(entry->first, folder) ? names.erase(entry) : std::next(entry);
  }
}

void EraseFoldersWithin(std::set<std::string>& folders, const std::string& folder) {
  for (auto entry = folders.begin(); entry != folders.end();) {
    entry = IsWithin(*entry, folder) ? folders.erase(entry) : std::next(entry);
  }
}

template <typename Map>
void MoveNames(Map& names, const std::string& from, const std::string& to) {
  Map moved;
  for (auto& [path, inode] : names) {
    moved[IsWithin(path, from) ? Moved(path, from, to) : path] = inode;
  }
  names = std::move(moved);
}

void MoveFolders(std::set<std::string>& folders, const std::string& from, const std::string& to) {
  std::set<std::string> moved;
  for (const std::string& path : folders) {
    moved.insert(IsWithin(path, from) ? Moved(path, from, to) : path);
  }
  folders = std::move(moved);
}

}  // namespace

absl::Status MemFileEnv::CreateDirectories(const std::string& path) {
  MutexLock lock(mutex_);
  MD2_RETURN_IF_ERROR(Begin(path));
  const std::string name = NormalisedPath(path);
  for (std::string folder = name; folder != "/"; folder = FolderOf(folder)) {
    if (names_.count(folder) == 0) continue;
    return base::MakeError(absl::StatusCode::kFailedPrecondition, base::Reason::kFileNotRegular,
                           absl::StrCat("expected a folder, found a file: ", folder));
  }
  AddFolder(name);
  return absl::OkStatus();
}

absl::Status MemFileEnv::RemoveDirectory(const std::string& path) {
  MutexLock lock(mutex_);
  MD2_RETURN_IF_ERROR(Begin(path));
  const std::string folder = NormalisedPath(path);
  if (names_.count(folder) > 0) return ErrnoToStatus(ENOTDIR, "remove the folder", path);
  if (folders_.count(folder) == 0) return Missing(path, "remove the folder");
  if (!IsEmptyFolder(folder)) return ErrnoToStatus(ENOTEMPTY, "remove the folder", path);
  folders_.erase(folder);
  return absl::OkStatus();
}

absl::Status MemFileEnv::SyncDirectory(const std::string& path) {
  MutexLock lock(mutex_);
  MD2_RETURN_IF_ERROR(Begin(path));
  const std::string folder = NormalisedPath(path);
  if (names_.count(folder) > 0) return ErrnoToStatus(ENOTDIR, "open the folder", path);
  if (folders_.count(folder) == 0) return ErrnoToStatus(ENOENT, "open the folder", path);
  SyncFoldersIn(folder);
  const std::string durable = DurablePath(folder);
  for (auto entry = durable_names_.begin(); entry != durable_names_.end();) {
    const bool is_here = FolderOf(entry->first) == durable;
    const bool is_removed = is_here && names_.count(Moved(entry->first, durable, folder)) == 0;
    entry = is_removed ? durable_names_.erase(entry) : std::next(entry);
  }
  for (const auto& [name, inode] : names_) {
    if (FolderOf(name) == folder) durable_names_[Moved(name, folder, durable)] = inode;
  }
  return absl::OkStatus();
}

absl::Status MemFileEnv::RenameFolder(const std::string& from, const std::string& to,
                                      absl::string_view both) {
  if (FolderOf(from) != FolderOf(to)) {
    return absl::UnimplementedError(
        absl::StrCat("MemFileEnv renames a folder within its own folder alone: ", both));
  }
  if (from == to) return absl::OkStatus();
  if (names_.count(to) > 0) return ErrnoToStatus(ENOTDIR, "rename", both);
  if (folders_.count(to) > 0 && !IsEmptyFolder(to)) return ErrnoToStatus(ENOTEMPTY, "rename", both);
  folders_.erase(to);
  MoveNames(names_, from, to);
  MoveFolders(folders_, from, to);
  folder_renames_.push_back({from, to});
  return absl::OkStatus();
}

bool MemFileEnv::IsEmptyFolder(const std::string& folder) const {
  for (const auto& [name, inode] : names_) {
    if (FolderOf(name) == folder) return false;
  }
  for (const std::string& name : folders_) {
    if (name != "/" && FolderOf(name) == folder) return false;
  }
  return true;
}

void MemFileEnv::AddFolder(const std::string& folder) {
  if (folders_.count(folder) > 0) return;
  AddFolder(FolderOf(folder));
  SyncFoldersIn(FolderOf(folder));
  folders_.insert(folder);
  durable_folders_.insert(DurablePath(folder));
}

std::string MemFileEnv::DurablePath(std::string path) const {
  for (auto rename = folder_renames_.rbegin(); rename != folder_renames_.rend(); ++rename) {
    if (IsWithin(path, rename->to)) path = Moved(path, rename->to, rename->from);
  }
  return path;
}

void MemFileEnv::SyncFoldersIn(const std::string& folder) {
  for (auto rename = folder_renames_.begin(); rename != folder_renames_.end();) {
    if (FolderOf(rename->to) != folder) {
      ++rename;
      continue;
    }
    EraseNamesWithin(durable_names_, rename->to);
    EraseFoldersWithin(durable_folders_, rename->to);
    MoveNames(durable_names_, rename->from, rename->to);
    MoveFolders(durable_folders_, rename->from, rename->to);
    rename = folder_renames_.erase(rename);
  }
  const std::string durable = DurablePath(folder);
  const std::set<std::string> before = durable_folders_;
  for (const std::string& name : before) {
    if (name == "/" || FolderOf(name) != durable) continue;
    if (folders_.count(Moved(name, durable, folder)) > 0) continue;
    EraseNamesWithin(durable_names_, name);
    EraseFoldersWithin(durable_folders_, name);
  }
}

}  // namespace md2::testing
