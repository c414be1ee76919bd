#include "core/train/line_file.h"

#include "absl/functional/function_ref.h"
#include "absl/types/span.h"
#include "core/base/error.h"
#include "core/base/file_digest.h"
#include "core/base/folder_of.h"
#include "core/base/json.h"
#include "core/base/status_macros.h"

namespace md2::train {
namespace {

absl::Span<const uint8_t> Bytes(absl::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

// `line` is without its line break.
bool IsKept(absl::string_view line, int64_t first_dropped) {
  constexpr size_t kMaxLineBytes = size_t{64} << 20;
  const auto json = base::ParseJson(line, {.max_bytes = kMaxLineBytes}, "a line");
  if (!json.ok() || !json->is_object()) return false;
  const auto update = json->find("update");
  return update != json->end() && update->is_number_integer() &&
         update->get<int64_t>() < first_dropped;
}

// Hands on every line to be kept, with its line break. OK when there is no file.
absl::Status ForEachKept(base::FileEnv& env, const std::string& path, int64_t first_dropped,
                         absl::FunctionRef<absl::Status(absl::string_view)> take) {
  std::string rest;  // of a line whose end was not seen yet
  const absl::Status read = base::ForEachPiece(env, path, [&](absl::Span<const uint8_t> piece) {
    rest.append(reinterpret_cast<const char*>(piece.data()), piece.size());
    size_t begin = 0;
    for (size_t end = rest.find('\n'); end != std::string::npos; end = rest.find('\n', begin)) {
      const absl::string_view line(rest.data() + begin, end - begin);
      if (IsKept(line, first_dropped)) {
        if (absl::Status taken = take({line.data(), line.size() + 1}); !taken.ok()) return taken;
      }
      begin = end + 1;
    }
    rest.erase(0, begin);
    return absl::OkStatus();
  });
  return base::ReasonOf(read) == base::Reason::kFileNotFound ? absl::OkStatus() : read;
}

absl::Status DropFrom(base::FileEnv& env, const std::string& path, int64_t first_dropped) {
  const absl::StatusOr<base::FileInfo> info = env.Stat(path);
  if (base::ReasonOf(info.status()) == base::Reason::kFileNotFound) return absl::OkStatus();
  MD2_RETURN_IF_ERROR(info.status());
  uint64_t kept_bytes = 0;
  MD2_RETURN_IF_ERROR(ForEachKept(env, path, first_dropped, [&](absl::string_view line) {
    kept_bytes += line.size();
    return absl::OkStatus();
  }));
  if (kept_bytes == info->size_bytes) return absl::OkStatus();
  MD2_ASSIGN_OR_RETURN(const auto file, base::AtomicFile::Create(env, path));
  MD2_RETURN_IF_ERROR(ForEachKept(env, path, first_dropped, [&file](absl::string_view line) {
    return file->Append(Bytes(line));
  }));
  return file->Commit();
}

}  // namespace

absl::StatusOr<std::unique_ptr<LineFile>> LineFile::Open(base::FileEnv& env,
                                                         const std::string& path,
                                                         int64_t first_dropped) {
  MD2_RETURN_IF_ERROR(DropFrom(env, path, first_dropped));
  MD2_ASSIGN_OR_RETURN(std::unique_ptr<base::WritableFile> file, env.OpenForAppend(path));
  MD2_RETURN_IF_ERROR(file->Sync());
  MD2_RETURN_IF_ERROR(env.SyncDirectory(base::FolderOf(path)));
  return std::unique_ptr<LineFile>(new LineFile(std::move(file)));
}

absl::Status LineFile::Append(absl::string_view line) { return file_->Append(Bytes(line)); }

absl::Status LineFile::Sync() { return file_->Sync(); }

}  // namespace md2::train
