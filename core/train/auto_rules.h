// Defines the rules behind `auto`, one function a hyperparameter. Each is pure and gives its reason
// in one line, which is printed with the value. Whether activations are computed again is decided
// with the memory that a job needs, not here.

#ifndef MD2_CORE_TRAIN_AUTO_RULES_H_
#define MD2_CORE_TRAIN_AUTO_RULES_H_

#include <cstdint>
#include <string>

#include "core/train/train_config.h"

namespace md2::train {

template <typename T>
struct AutoChoice {
  T value;
  std::string reason;  // "highest rate of ...", no line break
};

// Parameters of the whole model from which on it counts as large.
inline constexpr int64_t kLargeModelParameters = 50'000'000;

// What learning_rate and grad_accum depend on.
struct TrainedModel {
  Method method = Method::kFull;
  TrainVision train_vision = TrainVision::kNone;
  Init init = Init::kBase;
  int64_t parameters = 0;  // of the whole model, trained or not; positive
};

// Larger models want lower rates. The rule draws a straight line, in logarithms of parameters and
// rate, between a small model and the published one, and holds the end values beyond them:
//                                   3 million   1.85 billion parameters
//   method full                       1e-3        3e-6   measured; the published recipe
//   method full with train_vision     7e-4        3e-6   measured; as above
//   method lora                       2e-3        1e-4   measured; customary, not measured here
//   init random                       1e-3        2e-4   measured; customary, not measured here
// The result has two significant digits, so that what is printed is what is used.
AutoChoice<double> AutoLearningRate(const TrainedModel& model);

// Vision and projector are trained in full whatever the method is: the rate of method full, but
// never above `learning_rate`.
AutoChoice<double> AutoVisionLearningRate(const TrainedModel& model, double learning_rate);

// Rows of an update: 128 as published where a large model is trained in full, 32 else (in small
// models 64 learnt worse than 32; adapters gain nothing from more), but no more than leave the run
// 100 updates. REQUIRES: rows, epochs, batch_size are positive.
AutoChoice<int64_t> AutoGradAccum(const TrainedModel& model, int64_t rows, int64_t epochs,
                                  int64_t batch_size);

// fp32 for models that are not large, where it costs little and every figure is exact; else bf16,
// whose range needs no loss scaling, where the device computes in it; else fp32.
AutoChoice<ComputePrecision> AutoPrecision(int64_t parameters, bool device_has_bf16);

// 10 evaluations a run, the one at the end among them. REQUIRES: num_updates is positive.
AutoChoice<int64_t> AutoEvalEvery(int64_t num_updates);

// The fewest updates between two checkpoints with which saving takes at most 2 % of the time that
// training takes; at most all of them, so that the end alone saves. A save that costs nothing, or
// an update without a measured time, gives 1. REQUIRES: num_updates is positive.
AutoChoice<int64_t> AutoSaveEvery(double seconds_per_update, double seconds_per_save,
                                  int64_t num_updates);

// The longest reference, a quarter more and 8 tokens, so that an answer that is too long is seen as
// wrong and not cut where the reference ends. At most `max_tokens_left`, the positions that remain
// behind the longest prompt. REQUIRES: max_tokens_left is positive.
AutoChoice<int64_t> AutoMaxNewTokens(int64_t longest_answer_tokens, int64_t max_tokens_left);

}  // namespace md2::train

#endif  // MD2_CORE_TRAIN_AUTO_RULES_H_
