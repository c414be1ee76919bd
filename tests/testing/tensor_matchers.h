// Defines how tensors are compared:
//   Difference, LargestDifference   how far one is from what was expected, and where most
//   IsNear(expected, bound)         no value further than `bound` of the largest one expected
//   IsSameTensor(expected)          same type, shape and bits
// A failing matcher prints the largest difference.

#ifndef MD2_TESTS_TESTING_TENSOR_MATCHERS_H_
#define MD2_TESTS_TESTING_TENSOR_MATCHERS_H_

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <ostream>
#include <string>

#include "gmock/gmock.h"

namespace md2::testing {

struct Difference {
  double largest = 0;   // infinite for NaN on one side only
  double relative = 0;  // to the largest value expected; to 1 when all are 0
  int64_t index = 0;    // of the largest, row-major
  double expected = 0;
  double found = 0;
};

// Of any types, on any device. REQUIRES: as many values.
Difference LargestDifference(const at::Tensor& found, const at::Tensor& expected);

std::ostream& operator<<(std::ostream& out, const Difference& difference);

// "float [3, 4]"
std::string TypeAndShape(const at::Tensor& tensor);

// True when types, shapes and bits are equal.
bool HaveSameBits(const at::Tensor& a, const at::Tensor& b);

MATCHER_P2(IsNear, expected, bound,
           "is within " + ::testing::PrintToString(bound) + " of the largest value expected") {
  if (arg.sizes() != expected.sizes()) {
    *result_listener << "expected " << TypeAndShape(expected) << ", found " << TypeAndShape(arg);
    return false;
  }
  const Difference difference = LargestDifference(arg, expected);
  *result_listener << difference;
  return difference.relative <= bound;
}

MATCHER_P(IsSameTensor, expected, "is the same in every bit") {
  if (arg.sizes() != expected.sizes() || arg.scalar_type() != expected.scalar_type()) {
    *result_listener << "expected " << TypeAndShape(expected) << ", found " << TypeAndShape(arg);
    return false;
  }
  *result_listener << LargestDifference(arg, expected);
  return HaveSameBits(arg, expected);
}

}  // namespace md2::testing

#endif  // MD2_TESTS_TESTING_TENSOR_MATCHERS_H_
