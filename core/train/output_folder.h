// Defines OutputFolder, what `train` leaves in --output-dir:
//   config.json     hyperparameters under their names; `base`, `tokenizer`, `data` and `val`, each
//                   {"path", "sha256"}; `versions`
//   metrics.jsonl   a line an update
//   evals.jsonl     a line an evaluation
//   checkpoints/    core/train/checkpoint_folder.h
//   model/          the export; adapter/ beside it for LoRA
//   .lock           held by the run

#ifndef MD2_CORE_TRAIN_OUTPUT_FOLDER_H_
#define MD2_CORE_TRAIN_OUTPUT_FOLDER_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/base/file_env.h"
#include "core/train/checkpoint_folder.h"
#include "core/train/line_file.h"
#include "core/train/run_identity.h"

namespace md2::train {

enum class Start {
  kNew,     // the folder must be empty or absent
  kResume,  // it may hold a run, or be empty
};

// The folder is this run's until the object goes. `env` must outlive it. One thread at a time.
class OutputFolder {
 public:
  // Makes the folder, locks it and removes what a run that died left half. OUTPUT_IN_USE
  // (AlreadyExists) while another run holds it; FILE_EXISTS (AlreadyExists) when it is not empty
  // and `start` is kNew, nothing in it is touched then; the disk's errors.
  static absl::StatusOr<std::unique_ptr<OutputFolder>> Open(base::FileEnv& env,
                                                            const std::string& dir, Start start);

  const std::string& dir() const { return dir_; }
  std::string model_dir() const { return dir_ + "/model"; }
  std::string adapter_dir() const { return dir_ + "/adapter"; }
  CheckpointFolder& checkpoints() { return checkpoints_; }

  // Complete or as before. `versions` are of what the results depend on, by name.
  absl::Status WriteConfig(const RunIdentity& run,
                           const std::map<std::string, std::string>& versions);

  // Opens both files of lines for a run that made `update` updates, 0 when it begins: metrics of
  // later updates go, and so do evaluations from that update on, since a checkpoint is written
  // before the evaluation of its update. Call before lines are appended.
  absl::Status OpenLines(int64_t update);

  // As LineFile::Append.
  absl::Status AppendUpdate(absl::string_view line) { return metrics_->Append(line); }
  absl::Status AppendEvaluation(absl::string_view line) { return evals_->Append(line); }
  // To be called before a checkpoint is written, so that its updates have their lines after a
  // crash.
  absl::Status SyncLines();

 private:
  OutputFolder(base::FileEnv& env, std::string dir);

  base::FileEnv& env_;
  const std::string dir_;
  CheckpointFolder checkpoints_;
  std::unique_ptr<base::FileLock> lock_;
  std::unique_ptr<LineFile> metrics_;
  std::unique_ptr<LineFile> evals_;
};

// The run of a folder's config.json. The disk's errors; SETTING_INVALID (InvalidArgument) naming
// everything that is wrong with it.
absl::StatusOr<RunIdentity> ReadRunConfig(base::FileEnv& env, const std::string& dir);

}  // namespace md2::train

#endif  // MD2_CORE_TRAIN_OUTPUT_FOLDER_H_
