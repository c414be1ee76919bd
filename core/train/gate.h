// Defines what must hold before a job counts as a success:
//   CheckFiniteWeights    every weight is a number
//   CheckLossBelowChance  the model knows more than which ids there are
//   CheckAnswered         it says something
//   CheckSameAnswers      what was exported answers as what was trained
//
// Each is pure; its errors have the code Unknown, since no caller could have avoided them, and say
// what was expected, what was found and what to do.

#ifndef MD2_CORE_TRAIN_GATE_H_
#define MD2_CORE_TRAIN_GATE_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "core/train/generate_answers.h"
#include "core/train/state_tensor.h"

namespace md2::train {

// WEIGHTS_NOT_FINITE names the first tensor that holds a NaN or an infinity, and how many.
absl::Status CheckFiniteWeights(absl::Span<const StateTensor> weights);

// LOSS_TOO_HIGH unless `loss`, in nats a token, is below ln(vocab), which is what a model has that
// takes every id for equally likely. A NaN is not below. REQUIRES: vocab is positive.
absl::Status CheckLossBelowChance(double loss, int64_t vocab);

// ANSWERS_EMPTY unless one answer at least has text that is not white space. An answer that the
// limit ended will do: whether a model has learnt to stop, its exact match says.
absl::Status CheckAnswered(absl::Span<const RowAnswer> answers);

struct SameAnswersLimits {
  // Of two logits, relative to the largest magnitude among those of the trained model. The default
  // is for equal weights in fp32; weights that the export rounds need more.
  double max_logit_difference = 1e-3;
  // Answers that may have other ids.
  int64_t max_different_answers = 0;
};

// EXPORT_DIFFERS when rows are missing on either side, first logits differ by more than the limit,
// or more answers than the limit have other ids; names the first row. A NaN differs from all.
// REQUIRES: both were generated with keep_first_logits, from the same rows.
absl::Status CheckSameAnswers(absl::Span<const RowAnswer> trained,
                              absl::Span<const RowAnswer> exported,
                              const SameAnswersLimits& limits);

}  // namespace md2::train

#endif  // MD2_CORE_TRAIN_GATE_H_
