// Defines how the report of `md2-worker check` is written:
//   CheckOutcome                            what was found and predicted
//   CheckReportJson, CheckReportText

#ifndef MD2_SERVER_WORKER_CHECK_REPORT_TEXT_H_
#define MD2_SERVER_WORKER_CHECK_REPORT_TEXT_H_

#include <cstdint>
#include <optional>
#include <string>

#include "core/base/json.h"
#include "core/data/check_report.h"
#include "core/train/disk_room.h"
#include "core/train/job_plan.h"
#include "core/train/memory_plan.h"

namespace md2::worker {

// Of a job of one method.
struct MethodNeeds {
  uint64_t peak_bytes = 0;
  bool fits = true;
};

struct Prediction {
  train::JobPlan plan;
  train::DiskPlan disk;
  train::DiskRoom room;
  MethodNeeds full;
  MethodNeeds lora;
  double seconds = 0;              // 0: not known
  double products_per_second = 0;  // that this machine was measured to make; 0: not known
  uint64_t available_bytes = 0;    // of memory; 0: not known
};

struct CheckOutcome {
  data::CheckReport report;
  std::optional<Prediction> predicted;  // none where no row can be trained on
};

// {"rows","val_rows","bad_rows","errors":[{"data","row","field","message"}],"num_errors",
// "warnings":[..],"num_warnings","updates","images","tokens":{..},"config":{..},
// "predicted":{"seconds","peak_bytes","disk_bytes",..}}. What is not known is null.
base::Json CheckReportJson(const CheckOutcome& outcome);

// Fields as FieldsText writes them, then a line a finding: on a terminal in words, in a pipe
// "error" or "warning", "train" or "val", row, field and message, with tabs between.
std::string CheckReportText(const CheckOutcome& outcome, bool is_terminal);

}  // namespace md2::worker

#endif  // MD2_SERVER_WORKER_CHECK_REPORT_TEXT_H_
