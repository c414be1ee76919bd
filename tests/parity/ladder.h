// Defines the rungs of the ladder and how far each may be from the reference.
//   Rung             one step from a picture to an answer
//   ExpectOnRung     compares, and keeps the largest difference of all
//   PrintSeen        a table of those

#ifndef MD2_TESTS_PARITY_LADDER_H_
#define MD2_TESTS_PARITY_LADDER_H_

#include <ATen/core/Tensor.h>

#include <ostream>
#include <string>

#include "core/model/precision.h"

namespace md2::parity {

// In the order of the computation; the first that fails names the fault. Each begins with what the
// reference gave on the one before.
enum class Rung { kVisionBlock, kVisionOutput, kFeatures, kTextBlock, kLogits, kJpegFeatures };

// Fails the test when a value of `found` is further from `expected` than the rung's bound in that
// precision, a part of the largest value expected. `what` says where.
void ExpectOnRung(Rung rung, model::Precision precision, const at::Tensor& found,
                  const at::Tensor& expected, const std::string& what);

// Nothing for rungs that were not stood on.
void PrintSeen(std::ostream& out);

}  // namespace md2::parity

#endif  // MD2_TESTS_PARITY_LADDER_H_
