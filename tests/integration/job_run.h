// Defines JobRun, which runs whole training jobs of a tiny model on a disk in memory.

#ifndef MD2_TESTS_INTEGRATION_JOB_RUN_H_
#define MD2_TESTS_INTEGRATION_JOB_RUN_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "core/base/cancel.h"
#include "core/base/json.h"
#include "core/model/dtype.h"
#include "core/train/observer.h"
#include "core/train/train_job.h"
#include "tests/testing/fake_clock.h"
#include "tests/testing/mem_file_env.h"

namespace md2::train {

// Hears of everything, and may ask the job to stop.
class Listener : public TrainObserver {
 public:
  void OnUpdate(const UpdateReport& report) override;
  void OnWarning(const Warning& warning) override { warnings.push_back(warning); }
  void OnFinding(const Finding& finding) override { findings.push_back(finding); }
  void OnFinished(const FinishReport& report) override { finished = report; }

  bool HasWarning(const std::string& code) const;

  int64_t stop_after = -1;  // updates; negative: never
  std::function<void(const UpdateReport&)> on_update;
  base::CancelSource cancel;
  std::vector<UpdateReport> updates;
  std::vector<Warning> warnings;
  std::vector<Finding> findings;
  FinishReport finished;
};

// Nine rows in train.jsonl, three in val.jsonl, a model in m. One thread at a time.
class JobRun {
 public:
  JobRun();

  // The same model in another folder and dtype.
  void PutBase(const std::string& dir, model::Dtype dtype);

  // A short job on one thread.
  TrainJobOptions Options(const std::string& output_dir) const;
  absl::Status Run(const TrainJobOptions& options, Listener& listener);
  absl::Status Run(const TrainJobOptions& options);

  std::string Model(const std::string& output_dir) const;
  // The lines without what is measured.
  std::vector<base::Json> Metrics(const std::string& output_dir) const;
  std::vector<base::Json> Evaluations(const std::string& output_dir) const;

  testing::MemFileEnv files;
  testing::FakeClock clock;
};

}  // namespace md2::train

#endif  // MD2_TESTS_INTEGRATION_JOB_RUN_H_
