// Defines LineReader, the lines of an untrusted stream.

#ifndef MD2_SERVER_WORKER_LINE_READER_H_
#define MD2_SERVER_WORKER_LINE_READER_H_

#include <cstddef>
#include <cstdint>
#include <istream>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/optional.h"

namespace md2::worker {

// The stream must outlive it. One thread at a time.
class LineReader {
 public:
  LineReader(std::istream& in, size_t max_line_bytes);

  // The next line without its "\n", nothing at the end. A last line without "\n" is a line; "\r"
  // belongs to the text. USAGE_INVALID for a line that is too long, STORAGE_UNAVAILABLE when the
  // stream cannot be read; after either there are no more lines.
  absl::StatusOr<absl::optional<std::string>> Next();

  // Of the line that came last, from 1.
  int64_t line_number() const { return line_number_; }

  // Whether Next may have to wait for more.
  bool MayBlock() { return in_.rdbuf()->in_avail() <= 0; }

 private:
  std::istream& in_;
  const size_t max_line_bytes_;
  std::vector<char> piece_;
  int64_t line_number_ = 0;
};

}  // namespace md2::worker

#endif  // MD2_SERVER_WORKER_LINE_READER_H_
