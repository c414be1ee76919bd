// Defines RunTrainJob, a whole job without a daemon.

#ifndef MD2_CORE_TRAIN_TRAIN_JOB_H_
#define MD2_CORE_TRAIN_TRAIN_JOB_H_

#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "core/base/cancel.h"
#include "core/base/clock.h"
#include "core/base/file_env.h"
#include "core/model/device.h"
#include "core/train/job_data.h"
#include "core/train/job_plan.h"
#include "core/train/observer.h"
#include "core/train/train_config.h"

namespace md2::train {

struct TrainJobOptions {
  // Change the result.
  std::string model_dir;
  DataPaths data;
  std::string output_dir;
  TrainConfig config;  // checked; what is auto is chosen
  bool resume = false;
  model::DeviceChoice device = model::DeviceChoice::kAuto;
  int num_threads = 1;  // of LibTorch and of loading; on the CPU the last bits depend on it

  // Do not.
  std::string working_folder;  // where relative paths begin in what is recorded; empty: as they are
  std::string feature_dir;     // empty: "features" in output_dir
  uint64_t feature_store_bytes = uint64_t{20} << 30;
  uint64_t available_bytes = 0;                 // of memory for the job; 0: not known
  std::map<std::string, std::string> versions;  // of what the result depends on, by name
};

// What a job touches outside itself; must outlive the call.
struct TrainJobSurroundings {
  base::FileEnv& files;
  const base::Clock& clock;
  TrainObserver& observer;
  base::CancelToken cancel;
  std::function<int64_t()> peak_bytes;          // largest memory so far
  std::function<uint64_t()> available_bytes;    // of memory for more; 0: not known
  std::function<void(const JobPlan&)> on_plan;  // once, before anything is paid for
};

// Checks, trains, evaluates, saves, exports; what it leaves in output_dir says
// core/train/output_folder.h. With `resume` it goes on where the folder stands, at update 1 where
// there is no checkpoint; a job that is complete there is exported again. OK only when the gate
// (core/train/gate.h) let the exported model through. The observer hears of all that happens, and
// last of the result that is returned:
//   DATA_INVALID after findings that say why, SETTING_INVALID when no update would be made or a
//   checkpoint's run differs (RUN_CHANGED), CANCELLED when it was asked to stop, STORAGE_FULL, in
//   both of which the last checkpoint stands; else the errors of its parts.
// Sets LibTorch's threads for the whole process. Blocks.
absl::Status RunTrainJob(const TrainJobOptions& options, const TrainJobSurroundings& surroundings);

}  // namespace md2::train

#endif  // MD2_CORE_TRAIN_TRAIN_JOB_H_
