// Defines AnswerRows, which answers the rows of a JSONL.

#ifndef MD2_SERVER_WORKER_ANSWER_ROWS_H_
#define MD2_SERVER_WORKER_ANSWER_ROWS_H_

#include <vector>

#include "absl/status/status.h"
#include "server/worker/answerer.h"
#include "server/worker/question_rows.h"
#include "server/worker/surroundings.h"

namespace md2::worker {

// Writes an object a row to `out` as soon as there is one: that of AnswerToJson and the row's line
// as "row", or {"error":{"reason","message"},"row"}. USAGE_INVALID in the end when there were
// errors. An error that other rows would meet too ends it: CANCELLED, OUT_OF_MEMORY, INTERNAL.
absl::Status AnswerRows(const std::vector<QuestionRow>& rows, double load_seconds,
                        Answerer& answerer, Surroundings& surroundings);

}  // namespace md2::worker

#endif  // MD2_SERVER_WORKER_ANSWER_ROWS_H_
