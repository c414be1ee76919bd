// Defines the rows of a JSONL that asks questions.
//   QuestionRow, ReadQuestionRows

#ifndef MD2_SERVER_WORKER_QUESTION_ROWS_H_
#define MD2_SERVER_WORKER_QUESTION_ROWS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/base/file_env.h"

namespace md2::worker {

struct QuestionRow {
  int64_t line = 0;    // from 1
  absl::Status error;  // why the row cannot be asked; the rest is empty then
  std::string image_path;
  std::string question;
};

// An object a line: `image` (or `image_path`), relative to the file, and `question` (or `prompt`);
// other keys, such as the answer of a training row, are left alone. Blank lines are skipped. The
// disk's errors; FILE_TOO_LARGE beyond 256 MiB. A row's own error is JSON_INVALID for what is no
// JSON or longer than 1 MiB, else USAGE_INVALID.
absl::StatusOr<std::vector<QuestionRow>> ReadQuestionRows(base::FileEnv& files,
                                                          const std::string& path);

}  // namespace md2::worker

#endif  // MD2_SERVER_WORKER_QUESTION_ROWS_H_
