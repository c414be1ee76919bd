// Defines where the rows of a data file lie.
//   RowSpan      bytes and line of one row
//   RowIndexer   a file that comes in pieces -> its rows

#ifndef MD2_CORE_DATA_ROW_INDEX_H_
#define MD2_CORE_DATA_ROW_INDEX_H_

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace md2::data {

// Rows of one file; an index takes 16 bytes a row.
inline constexpr int64_t kMaxRows = 50'000'000;

struct RowSpan {
  uint64_t offset = 0;  // of the first byte
  uint32_t length = 0;  // bytes; of longer rows the largest value
  uint32_t line = 0;    // on which it begins, from 1
};

// Finds rows without reading them: what a row holds is not looked at. The first character that is
// no white space tells the format: "[" begins one JSON list of rows, anything else a row on each
// line that is not blank. A byte order mark is skipped. One thread at a time.
class RowIndexer {
 public:
  // The next bytes of the file. FILE_TOO_LARGE (InvalidArgument) beyond kMaxRows or 2^32 - 1 lines;
  // DATA_INVALID (InvalidArgument), naming the line, for a list with an empty place or with
  // something after its end. After a failure the indexer is of no use.
  absl::Status Feed(absl::string_view bytes);

  // Call once, last. DATA_INVALID (InvalidArgument) when there is no row, or the list has no end.
  absl::StatusOr<std::vector<RowSpan>> Finish();

 private:
  enum class Format { kUnknown, kLines, kList, kAfterList };

  absl::Status FeedByte(char byte);
  absl::Status FeedLines(absl::string_view bytes);
  absl::Status FeedList(char byte);
  absl::Status EndOfElement(bool is_last);
  absl::Status EndOfLine();
  absl::Status AddRow(uint64_t end);

  Format format_ = Format::kUnknown;
  uint64_t offset_ = 0;  // of the next byte
  uint64_t line_ = 1;    // on which it lies
  std::vector<RowSpan> rows_;

  // The row that is read now: of a line from its beginning, of a list from its first character.
  bool has_begun_ = false;  // it holds more than white space
  uint64_t begin_ = 0;
  uint64_t begin_line_ = 1;
  uint64_t last_ = 0;  // offset of its last character so far that is no white space

  // Within a list.
  uint64_t depth_ = 0;  // of what is open inside the row
  bool in_string_ = false;
  bool is_escaped_ = false;
};

}  // namespace md2::data

#endif  // MD2_CORE_DATA_ROW_INDEX_H_
