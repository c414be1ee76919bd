// Defines JobData, the rows of a job, opened and checked, and what a plan needs to know of them.

#ifndef MD2_CORE_TRAIN_JOB_DATA_H_
#define MD2_CORE_TRAIN_JOB_DATA_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/base/cancel.h"
#include "core/base/file_env.h"
#include "core/data/check_report.h"
#include "core/data/dataset.h"
#include "core/model/model_folder.h"
#include "core/text/tokenizer.h"
#include "core/train/train_config.h"

namespace md2::train {

// `config` with what the base was trained with where it says nothing else: one crop an image, and
// its attention.
TrainConfig AsBaseAsks(const TrainConfig& config, const model::ModelConfig& base);

struct DataPaths {
  std::string train;
  std::string val;  // empty: none
};

struct JobDataOptions {
  int num_threads = 1;
  base::CancelToken cancel;
  std::function<void(int64_t done, int64_t total)> on_progress;  // in rows; may be null
};

// Immutable, share freely.
struct JobData {
  std::unique_ptr<const data::Dataset> train;
  std::unique_ptr<const data::Dataset> val;  // null without one
  data::CheckReport report;

  // Where validation rows come from: `val`, or `train` where val_split holds some out.
  const data::Dataset& val_set() const { return val == nullptr ? *train : *val; }
  const std::vector<data::CheckedRow>& val_checked() const {
    return val == nullptr ? report.train : report.val;
  }
};

// The errors of data::Dataset::Open and data::CheckData. What is wrong with rows is in the report.
absl::StatusOr<JobData> OpenJobData(base::FileEnv& env, const DataPaths& paths,
                                    const model::ModelFolder& folder,
                                    const text::Tokenizer& tokenizer, const TrainConfig& config,
                                    const JobDataOptions& options);

// OK, or DATA_INVALID (InvalidArgument) when the report has errors; its findings name them.
absl::Status CheckUsable(const JobData& data);

}  // namespace md2::train

#endif  // MD2_CORE_TRAIN_JOB_DATA_H_
