#include "tests/parity/ladder.h"

#include <algorithm>
#include <iterator>

#include "absl/strings/str_format.h"
#include "gtest/gtest.h"
#include "tests/testing/tensor_matchers.h"

namespace md2::parity {
namespace {

using model::Precision;

constexpr size_t kNumPrecisions = 3;

// Bounds by precision: fp32, bf16, fp16. Beside each line what was seen at most: on the models of
// tests/golden/model and 80 fresh ones, of which some have layers only one value wide.
struct RungRow {
  const char* name;
  double bounds[kNumPrecisions];
};

constexpr RungRow kRungs[] = {
    {"vision block", {2e-6, 6e-2, 1.5e-2}},  // 6.8e-7  2.9e-2  4.6e-3
    {"vision output", {2e-6, 6e-2, 1e-2}},   // 6.6e-7  2.5e-2  2.8e-3
    {"features", {3e-6, 6e-2, 2e-2}},        // 8.1e-7  2.1e-2  6.1e-3
    {"text block", {2e-6, 4e-2, 5e-3}},      // 3.7e-7  1.6e-2  2.0e-3
    {"last logits", {2e-6, 4e-2, 5e-3}},     // 4.9e-7  1.5e-2  1.5e-3
    // Only in fp32. 1.0e-2 in tests/golden/model; pictures of a few pixels differ most.
    {"features of a JPEG", {0.4, 0, 0}},  // 1.4e-1
};

// The largest so far, of all models.
struct Seen {
  double relative = -1;
  std::string where;
};

Seen& SeenOf(size_t rung, size_t precision) {
  static Seen seen[std::size(kRungs)][kNumPrecisions];
  return seen[rung][precision];
}

}  // namespace

void ExpectOnRung(Rung rung, Precision precision, const at::Tensor& found,
                  const at::Tensor& expected, const std::string& what) {
  const auto row = static_cast<size_t>(rung), column = static_cast<size_t>(precision);
  EXPECT_THAT(found, testing::IsNear(expected, kRungs[row].bounds[column]))
      << kRungs[row].name << ", " << model::PrecisionName(precision) << ", " << what;
  if (found.sizes() != expected.sizes()) return;
  const double relative = testing::LargestDifference(found, expected).relative;
  Seen& seen = SeenOf(row, column);
  if (relative > seen.relative) seen = {relative, what};
}

void PrintSeen(std::ostream& out) {
  for (size_t rung = 0; rung < std::size(kRungs); ++rung) {
    for (size_t precision = 0; precision < kNumPrecisions; ++precision) {
      const Seen& seen = SeenOf(rung, precision);
      if (seen.relative < 0) continue;
      out << absl::StrFormat("%-20s %s  seen %.1e  bound %.1e  %s\n", kRungs[rung].name,
                             model::PrecisionName(static_cast<Precision>(precision)), seen.relative,
                             kRungs[rung].bounds[precision], seen.where);
    }
  }
}

}  // namespace md2::parity
