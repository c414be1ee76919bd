// Defines one row of a data file:
//   Row           image, question, answer
//   RowProblem    what is wrong with one field
//   ParsedRow     a row, or all that is wrong with it
//   ParseRow      a JSON object -> that
//   RowError      problems -> an error

#ifndef MD2_CORE_DATA_ROW_H_
#define MD2_CORE_DATA_ROW_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace md2::data {

inline constexpr size_t kMaxRowBytes = size_t{1} << 20;
inline constexpr size_t kMaxRowDepth = 16;  // nested objects and lists

struct Row {
  std::string image;     // a path
  std::string question;  // UTF-8
  std::string answer;    // UTF-8
};

struct RowProblem {
  std::string field;    // as the row spells it; empty when it is the row as a whole
  std::string message;  // what was expected, what was found, what to do
};

struct ParsedRow {
  Row row;                           // whole when there are no problems, else undefined
  std::vector<RowProblem> problems;  // in the order image, question, answer
};

// Reads one JSON object of at most kMaxRowBytes. Each field has one of its names:
//   image      "image", "image_path" or "file_name"; text, not empty, without a zero byte
//   question   "question" or "prompt"; text, not only white space
//   answer     "answer" or "response"; text, not only white space, or a number, which stands for
//   the
//              text that Python's json.dumps(json.loads(number)) gives
// Other keys are left alone. Text that is no JSON object is one problem of the row as a whole, and
// so is a key that comes twice.
ParsedRow ParseRow(absl::string_view text);

// DATA_INVALID (InvalidArgument): `where` and one line a problem. REQUIRES: problems is not empty.
absl::Status RowError(absl::Span<const RowProblem> problems, absl::string_view where);

}  // namespace md2::data

#endif  // MD2_CORE_DATA_ROW_H_
