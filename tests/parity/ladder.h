// Defines the rungs of the ladder and how far each may be from the reference.
//   Rung             one step from a picture to an answer, or from a loss to a trained model
//   ExpectOnRung     compares, and keeps the largest difference of all
// When all tests are done a table of what was seen is printed, by which bounds are set.

#ifndef MD2_TESTS_PARITY_LADDER_H_
#define MD2_TESTS_PARITY_LADDER_H_

#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

#include "core/model/precision.h"

namespace md2::parity {

// In the order of the computation; the first that fails names the fault. Each begins with what the
// reference gave on the one before.
enum class Rung {
  kVisionBlock,
  kVisionOutput,
  kFeatures,
  kTextBlock,
  kLogits,
  kJpegFeatures,
  kFirstLoss,
  kTextGradient,
  kVisionGradient,
  kAdapterGradient,
  kFirstStep,
  kLosses,
  kGradientNorms,
  kTrainedTensors,
  kIdleBiases,  // of keys, which change no answer
};

// Fails the test when a value of `found` is further from `expected` than the rung's bound in that
// precision, a part of the largest value expected. `what` says where.
void ExpectOnRung(Rung rung, model::Precision precision, const at::Tensor& found,
                  const at::Tensor& expected, const std::string& what);

// The same, each value as a part of the one expected.
void ExpectOnRung(Rung rung, model::Precision precision, const std::vector<double>& found,
                  const std::vector<double>& expected, const std::string& what);

}  // namespace md2::parity

#endif  // MD2_TESTS_PARITY_LADDER_H_
