#include "tests/parity/ladder.h"

#include <ATen/ops/from_blob.h>
#include <ATen/ops/ones_like.h>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <iostream>
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
    {"vision block", {2e-6, 6e-2, 1.5e-2}},  // 1.1e-6  2.9e-2  4.6e-3
    {"vision output", {2e-6, 6e-2, 1e-2}},   // 7.8e-7  2.5e-2  2.8e-3
    {"features", {3e-6, 6e-2, 2e-2}},        // 1.1e-6  2.2e-2  6.1e-3
    {"text block", {2e-6, 4e-2, 5e-3}},      // 3.7e-7  1.6e-2  2.0e-3
    {"last logits", {2e-6, 4e-2, 5e-3}},     // 4.9e-7  1.5e-2  1.5e-3
    // Only in fp32. 1.0e-2 in tests/golden/model; pictures of a few pixels differ most.
    {"features of a JPEG", {0.4, 0, 0}},  // 1.4e-1

    // On the jobs of tests/golden/train. An update divides by roots of squares: where a gradient is
    // near 0 it follows the rounding, and where it is 0, as of idle biases, nothing else.
    {"first loss", {3e-7, 0, 0}},        // 6.4e-8
    {"text gradient", {8e-6, 0, 0}},     // 2.1e-6
    {"vision gradient", {8e-6, 0, 0}},   // 2.0e-6
    {"adapter gradient", {1e-5, 0, 0}},  // 2.8e-6
    {"first step", {2e-3, 0, 0}},        // 4.1e-4
    {"losses", {2e-6, 3e-2, 4e-3}},      // 5.1e-7  9.4e-3  1.1e-3
    {"gradient norms", {2e-6, 0, 0}},    // 4.6e-7
    {"trained tensors", {1e-4, 0, 0}},   // 2.7e-5
    {"idle biases", {3e-2, 0, 0}},       // 6.7e-3
};
static_assert(std::size(kRungs) == static_cast<size_t>(Rung::kIdleBiases) + 1,
              "every Rung needs its bounds");

// The largest so far, of all models.
struct Seen {
  double relative = -1;
  std::string where;
};

Seen& SeenOf(size_t rung, size_t precision) {
  static Seen seen[std::size(kRungs)][kNumPrecisions];
  return seen[rung][precision];
}

// Nothing of rungs that were not stood on.
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

class SeenTable : public ::testing::Environment {
 public:
  void TearDown() override { PrintSeen(std::cout); }
};

[[maybe_unused]] const ::testing::Environment* const kSeenTable =
    ::testing::AddGlobalTestEnvironment(new SeenTable);

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

void ExpectOnRung(Rung rung, Precision precision, const std::vector<double>& found,
                  const std::vector<double>& expected, const std::string& what) {
  ASSERT_EQ(found.size(), expected.size()) << what;
  std::vector<double> parts(found.size());
  std::transform(found.begin(), found.end(), expected.begin(), parts.begin(), std::divides<>());
  const at::Tensor tensor =
      at::from_blob(parts.data(), {static_cast<int64_t>(parts.size())}, at::kDouble);
  ExpectOnRung(rung, precision, tensor, at::ones_like(tensor), what);
}

}  // namespace md2::parity
