#include "core/image/weigh.h"

#include <cstddef>
#include <cstdint>
#include <iostream>
#include <random>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace md2::image {
namespace {

using ::testing::ElementsAre;

constexpr int32_t kOne = 1 << kWeightBits;

std::vector<int> Weigh(WeighFunction weigh, const std::vector<uint8_t>& source, ptrdiff_t stride,
                       const std::vector<int32_t>& weights, size_t num_bytes) {
  std::vector<uint8_t> out(num_bytes);
  weigh(source.data(), stride, weights.data(), static_cast<int>(weights.size()), out.data(),
        num_bytes);
  return {out.begin(), out.end()};
}

class WeighTest : public ::testing::TestWithParam<WeighFunction> {};

TEST_P(WeighTest, RoundsToTheNearestLevel) {
  const std::vector<int32_t> halves = {kOne / 2, kOne / 2};
  EXPECT_THAT(Weigh(GetParam(), {0, 1, 254, 1, 1, 255}, 3, halves, 3), ElementsAre(1, 1, 255));
  EXPECT_THAT(Weigh(GetParam(), {10}, 1, {kOne / 2 - 1}, 1), ElementsAre(5));
  EXPECT_THAT(Weigh(GetParam(), {11}, 1, {kOne / 2 - 1}, 1), ElementsAre(5));
}

TEST_P(WeighTest, HoldsResultsWithinTheLevels) {
  EXPECT_THAT(Weigh(GetParam(), {255, 200}, 2, {kOne + kOne / 4}, 2), ElementsAre(255, 250));
  EXPECT_THAT(Weigh(GetParam(), {255, 0, 4, 0}, 2, {-kOne / 4, kOne}, 2), ElementsAre(0, 0));
}

TEST_P(WeighTest, NothingToWeighIsZero) {
  EXPECT_THAT(Weigh(GetParam(), {255}, 1, {}, 1), ElementsAre(0));
  EXPECT_THAT(Weigh(GetParam(), {}, 1, {kOne}, 0), ElementsAre());
}

// On a processor without AVX2 both are the same function, and the tests say nothing new.
INSTANTIATE_TEST_SUITE_P(Functions, WeighTest, ::testing::Values(WeighPortably, FastestWeigh()));

TEST(FastestWeighTest, EqualsThePortableFormForEveryLength) {
  const uint32_t seed = std::random_device{}();
  std::cout << "seed " << seed << "\n";
  std::mt19937 random(seed);
  std::uniform_int_distribution<int> level(0, 255), count(1, 12);
  std::uniform_int_distribution<int32_t> weight(-kOne / 4, kOne / 4);  // 12 of them fit in 32 bits
  for (size_t num_bytes = 0; num_bytes <= 150; ++num_bytes) {
    const auto stride = static_cast<ptrdiff_t>(num_bytes + num_bytes % 3);
    std::vector<int32_t> weights(count(random));
    for (int32_t& w : weights) w = weight(random);
    std::vector<uint8_t> source(stride * weights.size());
    for (uint8_t& v : source) v = static_cast<uint8_t>(level(random));
    EXPECT_EQ(Weigh(FastestWeigh(), source, stride, weights, num_bytes),
              Weigh(WeighPortably, source, stride, weights, num_bytes))
        << num_bytes << " bytes, seed " << seed;
  }
}

}  // namespace
}  // namespace md2::image
