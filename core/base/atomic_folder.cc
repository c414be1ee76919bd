#include "core/base/atomic_folder.h"

#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "core/base/error.h"
#include "core/base/folder_of.h"
#include "core/base/sha256.h"
#include "core/base/status_macros.h"

namespace md2::base {
namespace {

constexpr char kUnfinishedPrefix[] = ".tmp.";

std::string WithoutTrailingSlashes(std::string path) {
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  return path;
}

// Beside `path`, which is NAME: ".tmp.NAME" and `ending`.
std::string Beside(const std::string& path, absl::string_view ending) {
  const std::string name = path.substr(path.rfind('/') + 1);
  return absl::StrCat(FolderOf(path), "/", kUnfinishedPrefix, name, ending);
}

std::string LockOf(const std::string& folder) { return absl::StrCat(folder, "/", kFolderLockFile); }

absl::StatusOr<bool> IsEmptyOrAbsent(FileEnv& env, const std::string& path) {
  const absl::StatusOr<std::vector<std::string>> names = env.ListDirectory(path);
  if (ReasonOf(names.status()) == Reason::kFileNotFound) return true;
  MD2_RETURN_IF_ERROR(names.status());
  return names->empty();
}

}  // namespace

// Counts and digests what is appended.
class AtomicFolder::File : public AtomicFile {
 public:
  File(AtomicFolder& folder, std::string name, std::unique_ptr<WritableFile> file)
      : folder_(folder), name_(std::move(name)), file_(std::move(file)) {}

  absl::Status Append(absl::Span<const uint8_t> bytes) override {
    MD2_RETURN_IF_ERROR(file_->Append(bytes));
    sha256_.Update(bytes);
    size_bytes_ += bytes.size();
    return absl::OkStatus();
  }

  absl::Status Commit() override {
    MD2_RETURN_IF_ERROR(file_->Sync());
    MD2_RETURN_IF_ERROR(file_->Close());
    folder_.manifest_.files[name_] = {size_bytes_, HexOf(sha256_.Finish())};
    return absl::OkStatus();
  }

 private:
  AtomicFolder& folder_;
  const std::string name_;
  const std::unique_ptr<WritableFile> file_;
  Sha256 sha256_;
  uint64_t size_bytes_ = 0;
};

AtomicFolder::AtomicFolder(FileEnv& env, std::string path, AtomicFolderOptions options)
    : env_(env),
      path_(std::move(path)),
      options_(std::move(options)),
      temporary_(Beside(path_, "")),
      replaced_(Beside(path_, ".old")) {
  manifest_.kind = options_.kind;
}

AtomicFolder::~AtomicFolder() {
  // Nobody is left to hear of a failure; what stays is removed by the next writer.
  if (lock_ != nullptr && !is_renamed_) RemoveTree(env_, temporary_).IgnoreError();
}

absl::StatusOr<std::unique_ptr<AtomicFolder>> AtomicFolder::Create(FileEnv& env,
                                                                   const std::string& path,
                                                                   AtomicFolderOptions options) {
  auto folder = std::unique_ptr<AtomicFolder>(
      new AtomicFolder(env, WithoutTrailingSlashes(path), std::move(options)));
  MD2_RETURN_IF_ERROR(folder->Begin());
  return folder;
}

absl::Status AtomicFolder::Begin() {
  if (!options_.may_replace) {
    MD2_ASSIGN_OR_RETURN(const bool is_free, IsEmptyOrAbsent(env_, path_));
    if (!is_free) {
      return MakeError(
          absl::StatusCode::kAlreadyExists, Reason::kFileExists,
          absl::StrCat("expected a folder that is empty or absent, name another: ", path_));
    }
  }
  MD2_RETURN_IF_ERROR(env_.CreateDirectories(temporary_));
  absl::StatusOr<std::unique_ptr<FileLock>> lock = env_.Lock(LockOf(temporary_));
  if (ReasonOf(lock.status()) == Reason::kFileExists) {
    return MakeError(absl::StatusCode::kAlreadyExists, Reason::kFileExists,
                     absl::StrCat("another process is writing this folder: ", path_));
  }
  MD2_RETURN_IF_ERROR(lock.status());
  lock_ = *std::move(lock);
  MD2_ASSIGN_OR_RETURN(const std::vector<std::string> left, env_.ListDirectory(temporary_));
  for (const std::string& name : left) {
    if (name == kFolderLockFile) continue;
    MD2_RETURN_IF_ERROR(RemoveTree(env_, absl::StrCat(temporary_, "/", name)));
  }
  return RemoveTree(env_, replaced_);
}

absl::StatusOr<std::unique_ptr<AtomicFile>> AtomicFolder::CreateFile(const std::string& name) {
  const std::string path = absl::StrCat(temporary_, "/", name);
  if (absl::StrContains(name, '/')) {
    MD2_RETURN_IF_ERROR(env_.CreateDirectories(FolderOf(path)));
    folders_.insert(FolderOf(path));
  }
  MD2_ASSIGN_OR_RETURN(std::unique_ptr<WritableFile> file, env_.CreateForWrite(path));
  ++num_created_;
  return std::unique_ptr<AtomicFile>(std::make_unique<File>(*this, name, std::move(file)));
}

absl::Status AtomicFolder::WriteFile(const std::string& name, absl::string_view content) {
  MD2_ASSIGN_OR_RETURN(const std::unique_ptr<AtomicFile> file, CreateFile(name));
  MD2_RETURN_IF_ERROR(
      file->Append({reinterpret_cast<const uint8_t*>(content.data()), content.size()}));
  return file->Commit();
}

absl::Status AtomicFolder::CopyFile(const std::string& from, const std::string& name) {
  MD2_ASSIGN_OR_RETURN(const std::unique_ptr<AtomicFile> file, CreateFile(name));
  MD2_RETURN_IF_ERROR(ForEachPiece(
      env_, from, [&file](absl::Span<const uint8_t> piece) { return file->Append(piece); }));
  return file->Commit();
}

uint64_t AtomicFolder::size_bytes() const {
  uint64_t total = 0;
  for (const auto& [name, digest] : manifest_.files) total += digest.size_bytes;
  return total;
}

absl::Status AtomicFolder::Commit(Json about) {
  if (num_created_ != static_cast<int64_t>(manifest_.files.size())) {
    return MakeError(absl::StatusCode::kInternal, Reason::kInternal,
                     absl::StrCat("a folder with an unfinished file was committed: ", path_));
  }
  manifest_.about = std::move(about);
  const std::string text = ManifestText(manifest_);
  MD2_RETURN_IF_ERROR(WriteFile(kManifestFile, text));
  for (const std::string& folder : folders_) MD2_RETURN_IF_ERROR(env_.SyncDirectory(folder));
  MD2_RETURN_IF_ERROR(env_.SyncDirectory(temporary_));
  return Publish();
}

absl::Status AtomicFolder::Publish() {
  MD2_ASSIGN_OR_RETURN(const bool is_free, IsEmptyOrAbsent(env_, path_));
  if (!is_free) MD2_RETURN_IF_ERROR(env_.Rename(path_, replaced_));
  absl::Status renamed = env_.Rename(temporary_, path_);
  if (!renamed.ok()) {
    if (!is_free) env_.Rename(replaced_, path_).IgnoreError();
    return renamed;
  }
  is_renamed_ = true;
  MD2_RETURN_IF_ERROR(env_.SyncDirectory(FolderOf(path_)));
  if (!options_.keeps_lock) MD2_RETURN_IF_ERROR(env_.RemoveFile(LockOf(path_)));
  return is_free ? absl::OkStatus() : RemoveTree(env_, replaced_);
}

absl::Status RemoveFolderAtomically(FileEnv& env, const std::string& path) {
  absl::StatusOr<std::unique_ptr<FileLock>> lock = env.Lock(LockOf(path));
  if (ReasonOf(lock.status()) == Reason::kFileNotFound) return absl::OkStatus();
  MD2_RETURN_IF_ERROR(lock.status());
  const std::string leaving = Beside(path, ".old");
  MD2_RETURN_IF_ERROR(RemoveTree(env, leaving));
  MD2_RETURN_IF_ERROR(env.Rename(path, leaving));
  MD2_RETURN_IF_ERROR(env.SyncDirectory(FolderOf(path)));
  return RemoveTree(env, leaving);
}

bool IsUnfinishedName(absl::string_view name) {
  if (absl::StartsWith(name, kUnfinishedPrefix)) return true;
  // NAME.tmp.PROCESS.NUMBER
  const std::vector<absl::string_view> parts = absl::StrSplit(name, '.');
  const size_t size = parts.size();
  int64_t number = 0;
  return size >= 4 && parts[size - 3] == "tmp" && absl::SimpleAtoi(parts[size - 2], &number) &&
         absl::SimpleAtoi(parts[size - 1], &number);
}

absl::Status RemoveUnfinished(FileEnv& env, const std::string& dir) {
  const absl::StatusOr<std::vector<std::string>> names = env.ListDirectory(dir);
  if (ReasonOf(names.status()) == Reason::kFileNotFound) return absl::OkStatus();
  MD2_RETURN_IF_ERROR(names.status());
  for (const std::string& name : *names) {
    if (!IsUnfinishedName(name)) continue;
    MD2_RETURN_IF_ERROR(RemoveTree(env, absl::StrCat(dir, "/", name)));
  }
  return absl::OkStatus();
}

}  // namespace md2::base
