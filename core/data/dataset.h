// Defines Dataset, the rows of a data file on the disk.

#ifndef MD2_CORE_DATA_DATASET_H_
#define MD2_CORE_DATA_DATASET_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "core/base/file_env.h"
#include "core/base/sha256.h"
#include "core/data/row.h"
#include "core/data/row_index.h"

namespace md2::data {

// Holds 16 bytes a row in memory and reads a row when it is asked for; images are not opened. The
// file stays open: it may be replaced meanwhile, but nobody may write into it. `env` must outlive
// it. Immutable, share freely.
class Dataset {
 public:
  // `path` is a file as RowIndexer takes it, a JSON object a line or one JSON list, or a folder
  // that holds such a file as "metadata.jsonl" (Hugging Face's imagefolder). Reads the file once
  // and no row in particular, so that a bad row is found by Parse or Read only.
  //
  // The errors of FileEnv and of RowIndexer, with the file's path; FILE_NOT_FOUND (NotFound) for a
  // folder without metadata.jsonl.
  static absl::StatusOr<std::unique_ptr<const Dataset>> Open(base::FileEnv& env,
                                                             const std::string& path);

  int64_t num_rows() const { return static_cast<int64_t>(rows_.size()); }
  // Of the file, metadata.jsonl within a folder.
  const std::string& path() const { return path_; }
  // Of the bytes of the file, as they were when it was opened.
  const base::Sha256Digest& digest() const { return digest_; }

  // Rows count from 0 here, and from 1 in texts. REQUIRES for all: 0 <= row < num_rows().

  // On which the row begins, from 1.
  int64_t LineOf(int64_t row) const { return rows_[static_cast<size_t>(row)].line; }
  // "row 3 (line 5) of data/train.jsonl"
  std::string NameOf(int64_t row) const;

  // The row with its image resolved, relative to the file's folder unless it is absolute; or all
  // its problems. The errors of ReadableFile::ReadAt. Blocks on the disk.
  absl::StatusOr<ParsedRow> Parse(int64_t row) const;

  // As Parse, with problems as a RowError that names the row.
  absl::StatusOr<Row> Read(int64_t row) const;

 private:
  Dataset() = default;

  std::string path_;
  std::string folder_;  // with its slash; empty for the working folder
  std::unique_ptr<base::ReadableFile> file_;
  std::vector<RowSpan> rows_;
  base::Sha256Digest digest_{};
};

}  // namespace md2::data

#endif  // MD2_CORE_DATA_DATASET_H_
