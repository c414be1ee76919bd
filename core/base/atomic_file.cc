#include <unistd.h>

#include <atomic>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/error.h"
#include "core/base/file_env.h"
#include "core/base/folder_of.h"
#include "core/base/status_macros.h"

namespace md2::base {
namespace {

// Two writers of one path never share a temporary file.
std::string TemporaryNameFor(const std::string& path) {
  static std::atomic<uint64_t> num_made{0};
  return absl::StrCat(path, ".tmp.", ::getpid(), ".", num_made.fetch_add(1));
}

class AtomicFileImpl : public AtomicFile {
 public:
  AtomicFileImpl(FileEnv& env, std::string path, std::string temporary,
                 std::unique_ptr<WritableFile> file)
      : env_(env),
        path_(std::move(path)),
        temporary_(std::move(temporary)),
        file_(std::move(file)) {}

  ~AtomicFileImpl() override {
    if (renamed_) return;
    file_.reset();
    // Nobody is left to hear of a failure; a temporary file that stays is never read.
    env_.RemoveFile(temporary_).IgnoreError();
  }

  absl::Status Append(absl::Span<const uint8_t> bytes) override {
    MD2_RETURN_IF_ERROR(CheckOpen());
    return Remember(file_->Append(bytes));
  }

  absl::Status Commit() override {
    MD2_RETURN_IF_ERROR(CheckOpen());
    committing_ = true;
    MD2_RETURN_IF_ERROR(Remember(file_->Sync()));
    MD2_RETURN_IF_ERROR(Remember(file_->Close()));
    MD2_RETURN_IF_ERROR(Remember(env_.Rename(temporary_, path_)));
    renamed_ = true;
    return Remember(env_.SyncDirectory(FolderOf(path_)));
  }

 private:
  // After a failed write or sync nobody knows what the disk holds, so nothing more is tried.
  absl::Status CheckOpen() const {
    if (!failure_.ok()) return failure_;
    if (!committing_) return absl::OkStatus();
    return MakeError(absl::StatusCode::kInternal, Reason::kInternal,
                     absl::StrCat("a file was written to after its Commit: ", path_));
  }

  absl::Status Remember(absl::Status status) {
    if (!status.ok()) failure_ = status;
    return status;
  }

  FileEnv& env_;
  const std::string path_;
  const std::string temporary_;
  std::unique_ptr<WritableFile> file_;
  absl::Status failure_;
  bool committing_ = false;
  bool renamed_ = false;
};

}  // namespace

absl::StatusOr<std::unique_ptr<AtomicFile>> AtomicFile::Create(FileEnv& env,
                                                               const std::string& path) {
  std::string temporary = TemporaryNameFor(path);
  MD2_ASSIGN_OR_RETURN(std::unique_ptr<WritableFile> file, env.CreateForWrite(temporary));
  return std::unique_ptr<AtomicFile>(
      std::make_unique<AtomicFileImpl>(env, path, std::move(temporary), std::move(file)));
}

absl::Status WriteFileAtomically(FileEnv& env, const std::string& path, absl::string_view content) {
  MD2_ASSIGN_OR_RETURN(const std::unique_ptr<AtomicFile> file, AtomicFile::Create(env, path));
  MD2_RETURN_IF_ERROR(file->Append(
      absl::MakeConstSpan(reinterpret_cast<const uint8_t*>(content.data()), content.size())));
  return file->Commit();
}

}  // namespace md2::base
