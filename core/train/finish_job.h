// Defines FinishJob, the gate and the export at a job's end.

#ifndef MD2_CORE_TRAIN_FINISH_JOB_H_
#define MD2_CORE_TRAIN_FINISH_JOB_H_

#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "core/base/file_env.h"
#include "core/train/checkpoint_saver.h"
#include "core/train/evaluator.h"
#include "core/train/job_inputs.h"
#include "core/train/observer.h"
#include "core/train/output_folder.h"
#include "core/train/row_loader.h"
#include "core/train/train_state.h"
#include "core/train/trainable_model.h"

namespace md2::train {

// Must outlive the call.
struct FinishParts {
  base::FileEnv& files;
  TrainObserver& observer;
  const JobInputs& inputs;
  OutputFolder& output;
  CheckpointSaver& saver;
  TrainableModel& model;
  const RowLoader& loader;  // of the rows that are asked
  const std::map<std::string, std::string>& versions;
};

// Takes the best checkpoint, or the last where none was better; lets it through the gate
// (core/train/gate.h), answering `ask.rows`; exports it, loads the export and compares its answers
// to those of the trained model. Returns the path of the model folder. Errors of the gate, of the
// export, of the disk; the model's weights are those of the checkpoint afterwards.
absl::StatusOr<std::string> FinishJob(const FinishParts& parts, const TrainState& state,
                                      const EvaluatorOptions& ask);

}  // namespace md2::train

#endif  // MD2_CORE_TRAIN_FINISH_JOB_H_
