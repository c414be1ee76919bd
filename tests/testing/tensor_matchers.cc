#include "tests/testing/tensor_matchers.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace md2::testing {
namespace {

at::Tensor AsDoubles(const at::Tensor& x) {
  return x.to(at::TensorOptions(at::kCPU).dtype(at::kDouble)).contiguous();
}

double Distance(double found, double expected) {
  if (found == expected || (std::isnan(found) && std::isnan(expected))) return 0;
  const double distance = std::abs(found - expected);
  return std::isnan(distance) ? std::numeric_limits<double>::infinity() : distance;
}

}  // namespace

Difference LargestDifference(const at::Tensor& found, const at::Tensor& expected) {
  const at::Tensor f = AsDoubles(found), e = AsDoubles(expected);
  const double *left = f.const_data_ptr<double>(), *right = e.const_data_ptr<double>();
  Difference result;
  double scale = 0;
  for (int64_t i = 0; i < e.numel(); ++i) {
    if (std::isfinite(right[i])) scale = std::max(scale, std::abs(right[i]));
    const double distance = Distance(left[i], right[i]);
    if (i > 0 && distance <= result.largest) continue;
    result.largest = distance;
    result.index = i;
    result.expected = right[i];
    result.found = left[i];
  }
  result.relative = result.largest / (scale > 0 ? scale : 1);
  return result;
}

std::ostream& operator<<(std::ostream& out, const Difference& difference) {
  return out << "largest difference " << difference.largest << ", " << difference.relative
             << " of the largest value expected: value " << difference.index << " is "
             << difference.found << ", expected " << difference.expected;
}

std::string TypeAndShape(const at::Tensor& tensor) {
  return absl::StrCat(c10::toString(tensor.scalar_type()), " [",
                      absl::StrJoin(tensor.sizes(), ", "), "]");
}

bool HaveSameBits(const at::Tensor& a, const at::Tensor& b) {
  if (a.scalar_type() != b.scalar_type() || a.sizes() != b.sizes()) return false;
  const at::Tensor left = a.to(at::kCPU).contiguous(), right = b.to(at::kCPU).contiguous();
  return std::memcmp(left.const_data_ptr(), right.const_data_ptr(), left.nbytes()) == 0;
}

}  // namespace md2::testing
