#include "core/model/rotary.h"

#include <ATen/ops/empty.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/tensor_matchers.h"
#include "tests/testing/tiny_model.h"

namespace md2::model {
namespace {

using testing::IsNear;
using testing::IsSameTensor;
using testing::RandomValues;

constexpr int64_t kHeads = 3;
constexpr int64_t kWidth = 10;

TextSizes SizesOf(int64_t rotary_dim, double theta = 10000) {
  TextSizes sizes;
  sizes.dim = kHeads * kWidth;
  sizes.heads = kHeads;
  sizes.max_positions = 2048;
  sizes.rotary_dim = rotary_dim;
  sizes.rotary_theta = theta;
  return sizes;
}

at::Tensor PositionsOf(const std::vector<int64_t>& positions) {
  at::Tensor out = at::empty({static_cast<int64_t>(positions.size())}, at::kLong);
  std::copy(positions.begin(), positions.end(), out.mutable_data_ptr<int64_t>());
  return out;
}

// As the formula is written, in doubles.
at::Tensor Naive(const at::Tensor& x, const std::vector<int64_t>& positions,
                 const TextSizes& sizes) {
  at::Tensor out = x.to(at::kDouble).clone();
  auto values = out.accessor<double, 3>();
  const int64_t half = sizes.rotary_dim / 2;
  for (int64_t r = 0; r < x.size(0); ++r) {
    for (int64_t h = 0; h < x.size(1); ++h) {
      for (int64_t j = 0; j < half; ++j) {
        const double angle =
            static_cast<double>(positions[r]) *
            std::pow(sizes.rotary_theta,
                     -2.0 * static_cast<double>(j) / static_cast<double>(sizes.rotary_dim));
        const double a = values[r][h][j], b = values[r][h][j + half];
        values[r][h][j] = a * std::cos(angle) - b * std::sin(angle);
        values[r][h][j + half] = b * std::cos(angle) + a * std::sin(angle);
      }
    }
  }
  return out;
}

// Of the largest value; seen at most 2.1e-5 (the angle of position 2047 in fp32), 3.8e-3, 5.9e-4.
double BoundOf(at::ScalarType type) {
  if (type == at::kFloat) return 1e-4;
  return type == at::kHalf ? 2e-3 : 1e-2;
}

class RotaryTest : public ::testing::TestWithParam<at::ScalarType> {};

TEST_P(RotaryTest, TurnsPairsByTheAngleOfTheirPosition) {
  const std::vector<int64_t> positions = {0, 1, 2, 700, 47, 2047, 3};
  for (const int64_t rotary_dim : {2, 4, 6, 8, 10}) {
    for (const double theta : {10000.0, 150.0}) {
      const TextSizes sizes = SizesOf(rotary_dim, theta);
      const RotaryTable table(sizes, at::TensorOptions().dtype(GetParam()));
      at::Tensor x = RandomValues({7, kHeads, kWidth}, rotary_dim).to(GetParam());
      const at::Tensor expected = Naive(x, positions, sizes);
      table.Rotate(x, PositionsOf(positions));
      EXPECT_THAT(x, IsNear(expected, BoundOf(GetParam()))) << rotary_dim << " of theta " << theta;
    }
  }
}

TEST_P(RotaryTest, LeavesTheRestOfAHeadAndPositionZeroAlone) {
  const RotaryTable table(SizesOf(4), at::TensorOptions().dtype(GetParam()));
  const at::Tensor before = RandomValues({2, kHeads, kWidth}, 1).to(GetParam());
  at::Tensor x = before.clone();
  table.Rotate(x, PositionsOf({0, 9}));
  EXPECT_THAT(x[0], IsSameTensor(before[0]));
  EXPECT_THAT(x.narrow(2, 4, kWidth - 4), IsSameTensor(before.narrow(2, 4, kWidth - 4)));
}

// As queries and keys are parts of wider rows.
TEST_P(RotaryTest, TurnsAPartOfWiderRowsInPlace) {
  const RotaryTable table(SizesOf(6), at::TensorOptions().dtype(GetParam()));
  const at::Tensor before = RandomValues({3, 3 * kHeads, kWidth}, 2).to(GetParam());
  at::Tensor rows = before.clone();
  at::Tensor part = rows.narrow(1, kHeads, kHeads);
  at::Tensor alone = part.clone();
  table.Rotate(part, PositionsOf({5, 6, 7}));
  table.Rotate(alone, PositionsOf({5, 6, 7}));
  EXPECT_THAT(rows.narrow(1, kHeads, kHeads), IsSameTensor(alone));
  EXPECT_THAT(rows.narrow(1, 0, kHeads), IsSameTensor(before.narrow(1, 0, kHeads)));
  EXPECT_THAT(rows.narrow(1, 2 * kHeads, kHeads),
              IsSameTensor(before.narrow(1, 2 * kHeads, kHeads)));
}

INSTANTIATE_TEST_SUITE_P(All, RotaryTest, ::testing::Values(at::kFloat, at::kBFloat16, at::kHalf),
                         [](const auto& test) { return std::string(c10::toString(test.param)); });

}  // namespace
}  // namespace md2::model
