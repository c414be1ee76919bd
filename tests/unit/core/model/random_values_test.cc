#include "core/model/random_values.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/tiny_sizes.h"

namespace md2::model {
namespace {

constexpr size_t kNumValues = 200'000;

std::vector<float> Values(const WeightSpec& spec, uint64_t seed, uint64_t first, size_t count) {
  std::vector<float> values(count);
  RandomTensor(spec, seed).Fill(first, absl::MakeSpan(values));
  return values;
}

TEST(SpreadOfTest, EveryKindOfTensor) {
  const auto expect = [](const WeightSpec& spec, double mean, double deviation) {
    SCOPED_TRACE(spec.name);
    EXPECT_EQ(SpreadOf(spec).mean, mean);
    EXPECT_DOUBLE_EQ(SpreadOf(spec).deviation, deviation);
  };
  const std::string visual = names::kVision;
  expect({visual + "pos_embed", {1, 4, 6}}, 0, 0.5);
  expect({"text_model.transformer.embd.wte.weight", {11, 8}}, 0, 0.5);
  expect({visual + "patch_embed.linear.weight", {6, 12}}, 0, 1 / std::sqrt(12.0));
  expect({visual + "blocks.0.attn.qkv.weight", {18, 6}}, 0, 1 / std::sqrt(6.0));
  expect({"text_model.lm_head.linear.weight", {11, 8}}, 0, 1 / std::sqrt(8.0));
  expect({visual + "blocks.0.attn.qkv.bias", {18}}, 0, 0.05);
  expect({visual + "blocks.0.norm1.weight", {6}}, 1, 0.05);
  expect({visual + "blocks.0.norm1.bias", {6}}, 0, 0.05);
  expect({visual + "norm.weight", {6}}, 1, 0.05);
  expect({"text_model.transformer.h.0.ln.weight", {8}}, 1, 0.05);
  expect({"text_model.lm_head.ln.weight", {8}}, 1, 0.05);
  expect({"text_model.lm_head.ln.bias", {8}}, 0, 0.05);
}

TEST(RandomTensorTest, AValueDependsOnItsPlaceAlone) {
  const WeightSpec spec = {"a.weight", {100, 100}};
  const std::vector<float> all = Values(spec, 1, 0, 10'000);
  for (const size_t first : {0, 1, 777, 9'999}) {
    const std::vector<float> tail = Values(spec, 1, first, 10'000 - first);
    EXPECT_TRUE(std::equal(tail.begin(), tail.end(), all.begin() + static_cast<int64_t>(first)));
  }
}

TEST(RandomTensorTest, SeedAndNameDecide) {
  const std::vector<float> values = Values({"a.weight", {8, 8}}, 1, 0, 64);
  EXPECT_EQ(Values({"a.weight", {8, 8}}, 1, 0, 64), values);
  EXPECT_NE(Values({"a.weight", {8, 8}}, 2, 0, 64), values);
  EXPECT_NE(Values({"b.weight", {8, 8}}, 1, 0, 64), values);
}

TEST(RandomTensorTest, MeanAndDeviationAreThosePromised) {
  for (const WeightSpec& spec : WeightTable(testing::TinySizes())) {
    for (const uint64_t seed : {uint64_t{0}, UINT64_MAX}) {
      SCOPED_TRACE(::testing::Message() << spec.name << ", seed " << seed);
      const Spread spread = SpreadOf(spec);
      double sum = 0;
      double sum_of_squares = 0;
      double furthest = 0;
      for (const float value : Values(spec, seed, 0, kNumValues)) {
        const double x = (value - spread.mean) / spread.deviation;
        sum += x;
        sum_of_squares += x * x;
        furthest = std::max(furthest, std::abs(x));
      }
      // Five deviations of what 200,000 independent values give.
      EXPECT_NEAR(sum / kNumValues, 0, 0.0112);
      EXPECT_NEAR(sum_of_squares / kNumValues, 1, 0.0112);
      EXPECT_LE(furthest, 3.47);
      EXPECT_GE(furthest, 3);
    }
  }
}

TEST(RandomTensorTest, NeighboursAreNotCorrelated) {
  const std::vector<float> values = Values({"a.weight", {1, 1}}, 5, 0, kNumValues);
  for (const size_t distance : {1, 2, 8, 1024}) {
    double sum = 0;
    for (size_t i = distance; i < kNumValues; ++i) {
      sum += static_cast<double>(values[i]) * values[i - distance];
    }
    EXPECT_NEAR(sum / kNumValues, 0, 0.0112) << distance;
  }
}

}  // namespace
}  // namespace md2::model
