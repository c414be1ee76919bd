#include "server/worker/answer_rows.h"

#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/status_macros.h"
#include "server/worker/json_line.h"

namespace md2::worker {
namespace {

using base::Json;
using base::Reason;

// Whether other rows can be answered after this error.
bool IsErrorOfRow(const absl::Status& status) {
  switch (base::ReasonOf(status)) {
    case Reason::kUnknown:
    case Reason::kInternal:
    case Reason::kCancelled:
    case Reason::kOutOfMemory:
      return false;
    default:
      return true;
  }
}

Json ErrorOfRow(const absl::Status& status) {
  return {{"error",
           {{"reason", std::string(base::ReasonName(base::ReasonOf(status)))},
            {"message", std::string(status.message())}}}};
}

absl::StatusOr<Json> AnswerRow(const QuestionRow& row, double load_seconds, Answerer& answerer) {
  if (!row.error.ok()) return row.error;
  MD2_ASSIGN_OR_RETURN(AnswerResult result, answerer.Answer(row.image_path, row.question, nullptr));
  result.seconds.load = load_seconds;
  return AnswerToJson(result);
}

}  // namespace

absl::Status AnswerRows(const std::vector<QuestionRow>& rows, double load_seconds,
                        Answerer& answerer, Surroundings& surroundings) {
  int64_t num_bad = 0;
  for (const QuestionRow& row : rows) {
    absl::StatusOr<Json> json = AnswerRow(row, load_seconds, answerer);
    if (!json.ok()) {
      if (!IsErrorOfRow(json.status())) return json.status();
      json = ErrorOfRow(json.status());
      ++num_bad;
    }
    (*json)["row"] = row.line;
    surroundings.out << JsonLine(*json) << std::flush;
    if (!surroundings.out.good()) break;
  }
  if (num_bad == 0) return absl::OkStatus();
  return base::MakeError(absl::StatusCode::kInvalidArgument, Reason::kUsageInvalid,
                         absl::StrCat(num_bad, " of ", rows.size(),
                                      " rows have an error instead of an answer; see the output"));
}

}  // namespace md2::worker
