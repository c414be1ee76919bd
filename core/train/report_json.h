// Defines the JSON of what a trainer tells:
//   UpdateLine       a line of metrics.jsonl
//   EvaluationLine   a line of evals.jsonl
//   ReportToJson     the other reports, for a stream of JSON lines
//   PhaseName

#ifndef MD2_CORE_TRAIN_REPORT_JSON_H_
#define MD2_CORE_TRAIN_REPORT_JSON_H_

#include <string>

#include "absl/strings/string_view.h"
#include "core/base/json_fwd.h"
#include "core/train/observer.h"

namespace md2::train {

// "load", "check", "vision", "train", "evaluate", "save", "export" or "gate".
absl::string_view PhaseName(Phase phase);

// The members are named as the struct's. A number that is not finite is null, an Estimate
// {"value","n","low","high"} (value null when n is 0), a metric that was not measured left out; a
// status is {"ok","reason","message"}, reason and message left out when it is OK.
base::Json ReportToJson(const Estimate& estimate);
base::Json ReportToJson(const PhaseReport& report);
base::Json ReportToJson(const UpdateReport& report);
base::Json ReportToJson(const EvaluationReport& report);
base::Json ReportToJson(const CheckpointReport& report);
base::Json ReportToJson(const Finding& finding);
base::Json ReportToJson(const Warning& warning);
base::Json ReportToJson(const FinishReport& report);

// One line, its line break included. Bytes that are not UTF-8 become U+FFFD; never throws.
std::string JsonLine(const base::Json& json);
std::string UpdateLine(const UpdateReport& report);
std::string EvaluationLine(const EvaluationReport& report);

}  // namespace md2::train

#endif  // MD2_CORE_TRAIN_REPORT_JSON_H_
