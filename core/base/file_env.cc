#include "core/base/file_env.h"

#include "absl/strings/str_cat.h"
#include "core/base/error.h"
#include "core/base/folder_of.h"
#include "core/base/status_macros.h"

namespace md2::base {

absl::StatusOr<std::string> ReadWholeFile(FileEnv& env, const std::string& path,
                                          uint64_t max_bytes) {
  MD2_ASSIGN_OR_RETURN(const std::unique_ptr<ReadableFile> file, env.OpenForRead(path));
  const uint64_t size_bytes = file->size_bytes();
  if (size_bytes > max_bytes) {
    return MakeError(absl::StatusCode::kInvalidArgument, Reason::kFileTooLarge,
                     absl::StrCat("expected a file of at most ", max_bytes, " bytes, found ",
                                  size_bytes, ": ", path));
  }
  std::string content(size_bytes, '\0');
  MD2_RETURN_IF_ERROR(
      file->ReadAt(0, absl::MakeSpan(reinterpret_cast<uint8_t*>(content.data()), content.size())));
  return content;
}

absl::StatusOr<std::string> NearestExisting(FileEnv& env, std::string path) {
  for (;;) {
    while (path.size() > 1 && path.back() == '/') path.pop_back();
    absl::Status found = env.Stat(path).status();
    if (found.ok()) return path;
    const bool is_last = path == "/" || path == ".";
    if (is_last || ReasonOf(found) != Reason::kFileNotFound) return found;
    path = FolderOf(path);
  }
}

absl::Status RemoveTree(FileEnv& env, const std::string& path) {
  absl::Status removed = env.RemoveFile(path);
  if (ReasonOf(removed) == Reason::kFileNotFound) return absl::OkStatus();
  if (removed.ok() || ReasonOf(removed) != Reason::kFileNotRegular) return removed;
  MD2_ASSIGN_OR_RETURN(const std::vector<std::string> names, env.ListDirectory(path));
  for (const std::string& name : names) {
    MD2_RETURN_IF_ERROR(RemoveTree(env, absl::StrCat(path, "/", name)));
  }
  return env.RemoveDirectory(path);
}

}  // namespace md2::base
