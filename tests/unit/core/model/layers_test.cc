#include "core/model/layers.h"

#include <ATen/ops/empty.h>

#include <cmath>
#include <map>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/tensor_matchers.h"
#include "tests/testing/tiny_model.h"

namespace md2::model {
namespace {

using testing::IsNear;
using testing::IsSameTensor;
using testing::RandomValues;

// Of the largest value; seen at most 2.8e-7, 3.9e-3, 5.6e-4.
double BoundOf(at::ScalarType type) {
  if (type == at::kFloat) return 1e-6;
  return type == at::kHalf ? 2e-3 : 1e-2;
}

at::Tensor Doubles(const at::Tensor& x) { return x.to(at::kDouble); }

LinearWeights RandomLinear(int64_t in, int64_t out, at::ScalarType type, uint64_t seed) {
  const double scale = 1 / std::sqrt(static_cast<double>(in));
  return {RandomValues({out, in}, seed).mul(scale).to(type),
          RandomValues({out}, seed + 1).mul(0.1).to(type),
          {}};
}

at::Tensor NaiveLinear(const LinearWeights& w, const at::Tensor& x) {
  return x.matmul(Doubles(w.weight).t()).add(Doubles(w.bias));
}

at::Tensor NaiveGelu(const at::Tensor& x) {
  at::Tensor out = x.clone();
  double* value = out.mutable_data_ptr<double>();
  for (int64_t i = 0; i < out.numel(); ++i) {
    const double v = value[i];
    value[i] = v / 2 * (1 + std::tanh(std::sqrt(2 / M_PI) * (v + 0.044715 * v * v * v)));
  }
  return out;
}

class LayersTest : public ::testing::TestWithParam<at::ScalarType> {};

// One row and several are computed by different code, and so are sizes that are no multiple of 16.
TEST_P(LayersTest, MlpIsTheFormula) {
  uint64_t seed = 0;
  for (const int64_t rows : {1, 4, 5, 33}) {
    for (const auto& [dim, inner] : {std::pair{32, 64}, {16, 48}, {27, 31}, {1, 3}}) {
      const MlpWeights w = {RandomLinear(dim, inner, GetParam(), ++seed),
                            RandomLinear(inner, dim, GetParam(), ++seed)};
      const at::Tensor x = RandomValues({rows, dim}, ++seed).mul(3).to(GetParam());
      const at::Tensor expected =
          NaiveLinear(w.fc2, NaiveGelu(NaiveLinear(w.fc1, Doubles(x)).contiguous()));
      const at::Tensor found = Mlp(w, x);
      EXPECT_EQ(found.scalar_type(), GetParam());
      EXPECT_THAT(found, IsNear(expected, BoundOf(GetParam())))
          << rows << " rows, " << dim << " to " << inner;
    }
  }
}

TEST_P(LayersTest, LayerNormIsTheFormula) {
  const at::Tensor x = RandomValues({5, 24}, 1).mul(20).add(100).to(GetParam());
  const NormWeights w = {RandomValues({24}, 2).to(GetParam()), RandomValues({24}, 3).to(GetParam()),
                         0.5};
  const at::Tensor centred = Doubles(x).sub(Doubles(x).mean(at::IntArrayRef({1}), true));
  const at::Tensor variance = centred.square().mean(at::IntArrayRef({1}), true);
  const at::Tensor expected =
      centred.div(variance.add(0.5).sqrt()).mul(Doubles(w.weight)).add(Doubles(w.bias));
  EXPECT_THAT(LayerNorm(w, x), IsNear(expected, BoundOf(GetParam())));
}

TEST_P(LayersTest, ALayersOutputsAreThoseOfTheWholeLayer) {
  const LinearWeights w = RandomLinear(32, 48, GetParam(), 1);
  const at::Tensor x = RandomValues({3, 32}, 3).to(GetParam());
  EXPECT_THAT(Linear(w.Outputs(16, 20), x),
              IsNear(Linear(w, x).narrow(1, 16, 20), BoundOf(GetParam())));
}

INSTANTIATE_TEST_SUITE_P(All, LayersTest, ::testing::Values(at::kFloat, at::kBFloat16, at::kHalf),
                         [](const auto& test) { return std::string(c10::toString(test.param)); });

TEST(LinearWeightsTest, AreFoundByName) {
  std::map<std::string, at::Tensor, std::less<>> tensors;
  for (const char* name : {"a.fc1.weight", "a.fc1.bias", "a.fc2.weight", "a.fc2.bias"}) {
    tensors[name] = RandomValues({2}, tensors.size());
  }
  const Weights weights(tensors);
  const MlpWeights mlp = MlpWeights::Find(weights, "a.");
  EXPECT_THAT(mlp.fc1.weight, IsSameTensor(tensors["a.fc1.weight"]));
  EXPECT_THAT(mlp.fc2.bias, IsSameTensor(tensors["a.fc2.bias"]));
}

}  // namespace
}  // namespace md2::model
