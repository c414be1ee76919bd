// Defines the jobs of tests/golden/train.
//   GoldenJobNames   what there is
//   GoldenRun        what one comes to with one attention
//   GoldenJob        one of them
//   JobRun           one that ran here

#ifndef MD2_TESTS_PARITY_GOLDEN_JOB_H_
#define MD2_TESTS_PARITY_GOLDEN_JOB_H_

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "core/image/tiles.h"
#include "core/model/moondream.h"
#include "core/model/sizes.h"
#include "core/train/example.h"
#include "core/train/observer.h"
#include "core/train/train_config.h"
#include "core/train/train_job.h"
#include "tests/parity/golden_folder.h"
#include "tests/testing/mem_file_env.h"

namespace md2::parity {

using TensorMap = std::map<std::string, at::Tensor, std::less<>>;

// Sorted.
std::vector<std::string> GoldenJobNames();

// A value an update.
struct GoldenRun {
  std::vector<double> loss, token_accuracy, learning_rate, grad_norm, answer_tokens;
  double first_loss = 0;                      // of the first window, before any update
  double adapter_loss = 0;                    // of the same, with adapters
  std::vector<std::vector<int64_t>> answers;  // of the trained model, a row
};

// Adapters beside every layer that gets one: values of RandomTensor.
struct GoldenAdapter {
  int64_t rank = 0;
  double scale = 0;
  uint64_t seed = 0;
  double deviation = 0;
};

// Files that cannot be read throw std::runtime_error. One thread at a time.
class GoldenJob {
 public:
  // Opened once in the test program.
  static const GoldenJob& Named(const std::string& name);

  explicit GoldenJob(const std::string& dir);

  const model::Sizes& sizes() const { return sizes_; }
  const GoldenRun& run(const std::string& attention) const { return runs_.at(attention); }
  const GoldenAdapter& adapter() const { return adapter_; }
  int64_t limit() const { return limit_; }                 // ids of an answer
  const std::string& weights() const { return weights_; }  // SHA-256, in the order of names
  at::Tensor Tensor(const std::string& name) const { return folder_.Tensor(name); }
  // Those values of `x` that golden.safetensors keeps, as [values].
  at::Tensor Kept(const at::Tensor& x) const;

  // The base in "m", the rows in "rows.jsonl", their pictures.
  void PutInto(testing::MemFileEnv& files) const;
  // One thread, rows in their order, no evaluations, all into "o".
  train::TrainJobOptions Options(train::Attention attention,
                                 train::ComputePrecision precision) const;

  int64_t num_rows() const { return static_cast<int64_t>(examples_.size()); }
  int64_t num_window_rows() const { return config_.batch_size * *config_.grad_accum; }
  // Ids of a row, with neither features nor crops.
  const train::Example& example(int64_t row) const { return examples_[row]; }
  image::Crops Crops(int64_t row) const;

 private:
  std::string PictureOf(int64_t row) const;

  GoldenFolder folder_;
  model::Sizes sizes_;
  train::TrainConfig config_;
  uint64_t seed_ = 0;
  int64_t whole_ = 0;
  int64_t every_ = 1;
  int64_t limit_ = 0;
  std::string weights_;
  GoldenAdapter adapter_;
  std::map<std::string, GoldenRun> runs_;
  std::vector<train::Example> examples_;
};

// A job on a disk in memory, and what it told.
struct JobRun {
  testing::MemFileEnv files;
  absl::Status status;
  std::vector<train::UpdateReport> updates;

  // Asks the job to stop after `stop_after` updates; negative: never.
  void Run(const GoldenJob& job, const train::TrainJobOptions& options, int64_t stop_after = -1);
};

}  // namespace md2::parity

#endif  // MD2_TESTS_PARITY_GOLDEN_JOB_H_
