// Defines cross-entropy over rows of logits:
//   LossSums       what many rows add up to
//   CrossEntropy   rows of logits -> that, and their gradient

#ifndef MD2_CORE_TRAIN_LOSS_H_
#define MD2_CORE_TRAIN_LOSS_H_

#include <ATen/core/Tensor.h>

#include <cstdint>

#include "absl/types/span.h"

namespace md2::train {

struct LossSums {
  double loss = 0;      // sum of the rows' cross-entropies, in nats
  int64_t tokens = 0;   // rows
  int64_t correct = 0;  // rows whose target is the most likely id; the first of several such counts

  LossSums& operator+=(const LossSums& other);
};

// logits [R, vocab], fp32, contiguous, on the CPU: -log softmax(logits)[target] of each row. With a
// factor that is not 0 the logits are afterwards factor * (softmax - one_hot(target)), the gradient
// of factor * loss; else they are as they were. A row's numbers do not depend on the others; rows
// are added up in order, in doubles. REQUIRES: as many targets as rows, each below vocab.
LossSums CrossEntropy(at::Tensor& logits, absl::Span<const int64_t> targets, double factor);

}  // namespace md2::train

#endif  // MD2_CORE_TRAIN_LOSS_H_
