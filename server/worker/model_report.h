// Defines WriteModelReport: what is written about a model folder.

#ifndef MD2_SERVER_WORKER_MODEL_REPORT_H_
#define MD2_SERVER_WORKER_MODEL_REPORT_H_

#include <string>

#include "absl/status/status.h"
#include "server/worker/surroundings.h"

namespace md2::worker {

// Opens the folder and writes its core/model ModelDescription to `out`. The errors of
// OpenModelFolder, after which nothing was written.
absl::Status WriteModelReport(const std::string& model_dir, bool as_json,
                              Surroundings& surroundings);

}  // namespace md2::worker

#endif  // MD2_SERVER_WORKER_MODEL_REPORT_H_
