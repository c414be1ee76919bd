// Any text as one row and as a data file: problems, or what was read keeps its promises.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/base/json.h"
#include "core/data/row.h"
#include "core/data/row_index.h"

namespace {

using md2::base::Json;
using md2::data::ParsedRow;
using md2::data::RowSpan;

void Require(bool condition) {
  if (!condition) std::abort();
}

void CheckRow(absl::string_view text) {
  const ParsedRow parsed = md2::data::ParseRow(text);
  if (!parsed.problems.empty()) {
    Require(!md2::data::RowError(parsed.problems, "the input").ok());
    return;
  }
  const md2::data::Row& row = parsed.row;
  Require(!row.image.empty() && !row.question.empty() && !row.answer.empty());
  Require(row.image.find('\0') == std::string::npos);
  const Json written = {{"image", row.image}, {"question", row.question}, {"answer", row.answer}};
  const std::string again_text = written.dump();
  if (again_text.size() > md2::data::kMaxRowBytes) return;
  const ParsedRow again = md2::data::ParseRow(again_text);
  Require(again.problems.empty() && again.row.image == row.image &&
          again.row.question == row.question && again.row.answer == row.answer);
}

absl::StatusOr<std::vector<RowSpan>> Index(absl::string_view file, size_t piece_bytes) {
  md2::data::RowIndexer indexer;
  for (size_t at = 0; at < file.size(); at += piece_bytes) {
    absl::Status fed = indexer.Feed(file.substr(at, piece_bytes));
    if (!fed.ok()) return fed;
  }
  return indexer.Finish();
}

void CheckFile(absl::string_view file) {
  const auto rows = Index(file, file.size() + 1);
  const auto in_pieces = Index(file, 3);
  Require(rows.status() == in_pieces.status());
  const auto json = md2::base::ParseJson(file, {}, "the input");
  const bool is_list = json.ok() && json->is_array() && !json->empty();
  Require(!is_list || (rows.ok() && rows->size() == json->size()));
  if (!rows.ok()) return;
  uint64_t end = 0;
  uint32_t line = 1;
  for (size_t i = 0; i < rows->size(); ++i) {
    const RowSpan& row = (*rows)[i];
    Require(row.length > 0 && row.offset >= end && row.line >= line);
    end = row.offset + row.length;
    line = row.line;
    Require(end <= file.size());
    Require(row.offset == (*in_pieces)[i].offset && row.length == (*in_pieces)[i].length);
    const absl::string_view text = file.substr(row.offset, row.length);
    if (is_list) {
      const auto element = md2::base::ParseJson(text, {}, "an element");
      Require(element.ok() && *element == (*json)[i]);
    }
    CheckRow(text);
  }
  Require(rows->size() == in_pieces->size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view text(reinterpret_cast<const char*>(data), size);
  CheckRow(text);
  CheckFile(text);
  return 0;
}
