// Defines TrainObserver, through which a trainer tells what happens, and what it tells:
//   PhaseReport, UpdateReport, EvaluationReport, CheckpointReport, Finding, Warning, FinishReport
// core/train/report_json.h writes them down.

#ifndef MD2_CORE_TRAIN_OBSERVER_H_
#define MD2_CORE_TRAIN_OBSERVER_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "core/train/estimate.h"

namespace md2::train {

enum class Phase { kLoad, kCheck, kVision, kTrain, kEvaluate, kSave, kExport, kGate };

// How far a phase has come.
struct PhaseReport {
  Phase phase = Phase::kLoad;
  int64_t done = 0;   // of rows, images or updates, as the phase counts
  int64_t total = 0;  // 0: not known
};

struct SecondsByPhase {
  double data = 0;              // waiting for rows
  double vision = 0;            // features that were not stored yet
  double forward_backward = 0;  // of all micro-batches
  double update = 0;            // norm, clip, optimizer
};

// A line of metrics.jsonl.
struct UpdateReport {
  int64_t update = 0;         // from 1
  double epoch = 0;           // epochs done after this update, with a fraction
  double loss = 0;            // mean cross-entropy of the answer tokens, in nats
  double token_accuracy = 0;  // share of them that were the most likely token
  double learning_rate = 0;   // that this update used
  double grad_norm = 0;       // before the clip
  int64_t answer_tokens = 0;
  int64_t images = 0;
  double moved_share = 0;  // of the trained weights, those whose value in the model changed
  SecondsByPhase seconds;
  int64_t peak_bytes = 0;  // largest memory of the process or device so far
};

struct AnswerSample {
  int64_t row = 0;  // of the validation rows, from 1
  std::string question;
  std::string reference;
  std::string answer;
};

// A line of evals.jsonl. What needs generated answers is absent where none were.
struct EvaluationReport {
  int64_t update = 0;  // updates made before; 0: the base's own score
  double loss = 0;
  double token_accuracy = 0;
  std::optional<Estimate> exact_match;
  std::optional<Estimate> anls;
  std::optional<Estimate> char_accuracy;
  std::vector<AnswerSample> samples;  // the first rows
};

struct CheckpointReport {
  int64_t update = 0;
  std::string path;
  int64_t bytes = 0;
  double seconds = 0;  // that writing took
  bool is_best = false;
};

// Something about the data that the check found.
struct Finding {
  bool is_error = false;   // else a warning
  bool is_val = false;     // of the validation file, else of the training data
  int64_t row = 0;         // from 1; 0: the data as a whole
  std::string field = "";  // empty: the row as a whole
  std::string message = "";
};

// Something that did not stop the job.
struct Warning {
  int64_t update = 0;  // the one during which it happened
  std::string code;    // a word for programs: "micro_batch_halved", "update_skipped"
  std::string message;
};

struct FinishReport {
  absl::Status result;
  int64_t updates = 0;  // made, those before a resume included
  double seconds = 0;   // of this attempt
  std::optional<int64_t> best_update;
  std::string model_path;  // empty: nothing was exported
};

// Whoever listens to a trainer; given to it, owned by its caller, which outlives it. The trainer's
// thread calls one method at a time and waits for it, so that none may block. Failures to listen
// are the listener's own: a method does not throw. The default of each does nothing.
class TrainObserver {
 public:
  virtual ~TrainObserver() = default;

  virtual void OnPhase(const PhaseReport& /*report*/) {}
  virtual void OnUpdate(const UpdateReport& /*report*/) {}
  virtual void OnEvaluation(const EvaluationReport& /*report*/) {}
  // Called when the checkpoint is complete on the disk, which may be updates later than its own.
  virtual void OnCheckpoint(const CheckpointReport& /*report*/) {}
  virtual void OnFinding(const Finding& /*finding*/) {}
  virtual void OnWarning(const Warning& /*warning*/) {}
  // The last call, whatever the result is.
  virtual void OnFinished(const FinishReport& /*report*/) {}
};

}  // namespace md2::train

#endif  // MD2_CORE_TRAIN_OBSERVER_H_
