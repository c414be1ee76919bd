#include "core/data/dataset.h"

#include <algorithm>
#include <utility>

#include "absl/memory/memory.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "core/base/error.h"
#include "core/base/status_macros.h"

namespace md2::data {
namespace {

constexpr size_t kPieceBytes = size_t{1} << 20;
constexpr absl::string_view kMetadataName = "metadata.jsonl";

// The file that `path` means.
absl::StatusOr<std::string> DataFileOf(base::FileEnv& env, const std::string& path) {
  MD2_ASSIGN_OR_RETURN(const base::FileInfo info, env.Stat(path));
  if (!info.is_directory) return path;
  std::string file = absl::StrCat(path, absl::EndsWith(path, "/") ? "" : "/", kMetadataName);
  const absl::Status found = env.Stat(file).status();
  if (base::ReasonOf(found) != base::Reason::kFileNotFound) {
    MD2_RETURN_IF_ERROR(found);
    return file;
  }
  return base::MakeError(found.code(), base::Reason::kFileNotFound,
                         absl::StrCat("expected ", kMetadataName,
                                      " in the folder of images, found none: name a folder that "
                                      "holds it, or a file of JSON lines: ",
                                      path));
}

std::string FolderOf(const std::string& path) {
  const size_t slash = path.rfind('/');
  return slash == std::string::npos ? "" : path.substr(0, slash + 1);
}

struct Scan {
  std::vector<RowSpan> rows;
  base::Sha256Digest digest{};
};

absl::StatusOr<Scan> ScanFile(const base::ReadableFile& file) {
  RowIndexer indexer;
  base::Sha256 sha256;
  const uint64_t size_bytes = file.size_bytes();
  std::vector<uint8_t> piece(std::min<uint64_t>(size_bytes, kPieceBytes));
  for (uint64_t offset = 0; offset < size_bytes; offset += piece.size()) {
    piece.resize(std::min<uint64_t>(size_bytes - offset, kPieceBytes));
    MD2_RETURN_IF_ERROR(file.ReadAt(offset, absl::MakeSpan(piece)));
    sha256.Update(piece);
    MD2_RETURN_IF_ERROR(indexer.Feed({reinterpret_cast<const char*>(piece.data()), piece.size()}));
  }
  Scan scan;
  MD2_ASSIGN_OR_RETURN(scan.rows, indexer.Finish());
  scan.digest = sha256.Finish();
  return scan;
}

}  // namespace

absl::StatusOr<std::unique_ptr<const Dataset>> Dataset::Open(base::FileEnv& env,
                                                             const std::string& path) {
  auto dataset = absl::WrapUnique(new Dataset);
  MD2_ASSIGN_OR_RETURN(dataset->path_, DataFileOf(env, path));
  MD2_ASSIGN_OR_RETURN(dataset->file_, env.OpenForRead(dataset->path_));
  absl::StatusOr<Scan> scan = ScanFile(*dataset->file_);
  if (!scan.ok()) return base::WithContext(scan.status(), dataset->path_);
  dataset->folder_ = FolderOf(dataset->path_);
  dataset->rows_ = std::move(scan->rows);
  dataset->digest_ = scan->digest;
  return std::unique_ptr<const Dataset>(std::move(dataset));
}

std::string Dataset::NameOf(int64_t row) const {
  return absl::StrCat("row ", row + 1, " (line ", LineOf(row), ") of ", path_);
}

absl::StatusOr<ParsedRow> Dataset::Parse(int64_t row) const {
  const RowSpan& span = rows_[static_cast<size_t>(row)];
  // One byte more than a row may have is enough to be refused.
  std::string text(std::min<size_t>(span.length, kMaxRowBytes + 1), '\0');
  MD2_RETURN_IF_ERROR(file_->ReadAt(
      span.offset, absl::MakeSpan(reinterpret_cast<uint8_t*>(text.data()), text.size())));
  ParsedRow parsed = ParseRow(text);
  if (parsed.problems.empty() && !absl::StartsWith(parsed.row.image, "/")) {
    parsed.row.image.insert(0, folder_);
  }
  return parsed;
}

absl::StatusOr<Row> Dataset::Read(int64_t row) const {
  MD2_ASSIGN_OR_RETURN(ParsedRow parsed, Parse(row));
  if (!parsed.problems.empty()) return RowError(parsed.problems, NameOf(row));
  return std::move(parsed.row);
}

}  // namespace md2::data
