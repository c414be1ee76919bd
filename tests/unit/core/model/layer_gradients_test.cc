#include "core/model/layer_gradients.h"

#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/ops/gelu_backward.h>
#include <ATen/ops/mm.h>
#include <ATen/ops/native_layer_norm_backward.h>
#include <ATen/ops/zeros.h>

#include <string>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "core/model/gelu_kernel.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/tensor_matchers.h"
#include "tests/testing/tiny_model.h"

namespace md2::model {
namespace {

using testing::IsNear;
using testing::IsSameTensor;
using testing::RandomValues;

at::Tensor Doubles(const at::Tensor& x) { return x.to(at::kDouble); }

class LayerGradientsTest : public ::testing::TestWithParam<at::ScalarType> {
 protected:
  at::Tensor Values(at::IntArrayRef shape) { return RandomValues(shape, ++seed_).to(GetParam()); }

  // Of the largest value: what is rounded once to the dtype of the pass.
  static double RoundedOnce() {
    return GetParam() == at::kFloat ? 5e-6 : GetParam() == at::kHalf ? 1e-3 : 8e-3;
  }
  // Gradients of weights stay in fp32 where a kernel of ours sums them; LibTorch's are rounded.
  static double OfWeights() { return GetParam() == at::kHalf ? 1e-3 : 5e-6; }

  uint64_t seed_ = 0;
};

TEST_P(LayerGradientsTest, ALinearLayersAreItsProductsInDoubles) {
  for (const int64_t rows : {1, 4, 7, 33, 600}) {
    for (const auto& [in, out] : {std::tuple(6, 4), std::tuple(30, 17), std::tuple(98, 65),
                                  std::tuple(160, 640), std::tuple(588, 34)}) {
      SCOPED_TRACE(absl::StrCat(rows, " rows, ", in, " to ", out, ", seed ", seed_));
      const LinearWeights w = {Values({out, in}), Values({out}), {}};
      const at::Tensor x = Values({rows, in}), dy = Values({rows, out});
      const at::Tensor weight = RandomValues({out, in}, ++seed_), bias = RandomValues({out}, 9);
      const LinearWeights gradient = {weight.clone(), bias.clone(), {}};
      EXPECT_THAT(LinearBackward(w, gradient, x, dy),
                  IsNear(at::mm(Doubles(dy), Doubles(w.weight)), RoundedOnce()));
      EXPECT_THAT(gradient.weight,
                  IsNear(Doubles(weight) + at::mm(Doubles(dy).t(), Doubles(x)), OfWeights()));
      EXPECT_THAT(gradient.bias, IsNear(Doubles(bias) + Doubles(dy).sum(0), OfWeights()));
    }
  }
}

TEST_P(LayerGradientsTest, WhatIsNotTrainedIsLeftOut) {
  const LinearWeights w = {Values({16, 8}), Values({16}), {}};
  const at::Tensor x = Values({5, 8}), dy = Values({5, 16});
  const LinearWeights gradient = {at::zeros({16, 8}), at::zeros({16}), {}};
  EXPECT_THAT(LinearBackward(w, {}, x, dy), IsSameTensor(LinearBackward(w, gradient, x, dy)));
  const LinearWeights weight_only = {at::zeros({16, 8}), {}, {}};
  AddLinearGradients(weight_only, x, dy);
  EXPECT_THAT(weight_only.weight, IsSameTensor(gradient.weight));
}

TEST_P(LayerGradientsTest, AWeightsGradientIsTheSameForAnyNumberOfThreads) {
  const at::Tensor x = Values({1100, 96}), dy = Values({1100, 200});
  const int before = at::get_num_threads();
  const auto gradient_with = [&](int threads) {
    at::set_num_threads(threads);
    LinearWeights gradient = {at::zeros({200, 96}), at::zeros({200}), {}};
    AddLinearGradients(gradient, x, dy);
    return gradient;
  };
  const LinearWeights one = gradient_with(1), two = gradient_with(2), three = gradient_with(3);
  at::set_num_threads(before);
  if (GetParam() == at::kHalf) GTEST_SKIP() << "LibTorch's products";
  EXPECT_THAT(two.weight, IsSameTensor(one.weight));
  EXPECT_THAT(three.weight, IsSameTensor(one.weight));
  EXPECT_THAT(three.bias, IsSameTensor(one.bias));
}

TEST_P(LayerGradientsTest, ANormsAreTheFormulaInDoubles) {
  for (const int64_t rows : {1, 3, 64, 65, 200}) {
    for (const int64_t dim : {4, 15, 16, 50, 160}) {
      SCOPED_TRACE(absl::StrCat(rows, " rows of ", dim, ", seed ", seed_));
      const NormWeights w = {Values({dim}), Values({dim}), 1e-5};
      const at::Tensor x = Values({rows, dim}), dy = Values({rows, dim});
      const at::Tensor beside = Values({rows, dim});
      NormTape tape;
      LayerNorm(w, x, &tape);
      const NormWeights gradient = {at::zeros({dim}), at::zeros({dim}), 0};
      const at::Tensor dx = NormBackward(w, gradient, tape, dy, beside);
      const auto [expected, d_weight, d_bias] = at::native_layer_norm_backward(
          Doubles(dy), Doubles(x), {dim}, Doubles(tape.statistics.mean),
          Doubles(tape.statistics.rstd), Doubles(w.weight), Doubles(w.bias), {true, true, true});
      EXPECT_THAT(dx, IsNear(expected + Doubles(beside), 2 * RoundedOnce()));
      EXPECT_THAT(gradient.weight, IsNear(d_weight, 2e-6));
      EXPECT_THAT(gradient.bias, IsNear(d_bias, 2e-6));
      EXPECT_THAT(NormBackward(w, {}, tape, dy, beside), IsSameTensor(dx)) << "not trained";
    }
  }
}

TEST_P(LayerGradientsTest, GelusIsTheFormulaInDoubles) {
  const at::Tensor x = Values({37, 41}).mul(3), d = Values({37, 41});
  EXPECT_THAT(RunGeluGradient(d, x),
              IsNear(at::gelu_backward(Doubles(d), Doubles(x), "tanh"), RoundedOnce()));
  const at::Tensor far = Values({8, 16}).mul(200);
  EXPECT_THAT(
      RunGeluGradient(d.narrow(0, 0, 8).narrow(1, 0, 16).contiguous(), far),
      IsNear(at::gelu_backward(Doubles(d.narrow(0, 0, 8).narrow(1, 0, 16)), Doubles(far), "tanh"),
             RoundedOnce()));
}

TEST_P(LayerGradientsTest, AnMlpsAreThoseOfItsLayersInTurn) {
  const MlpWeights w = {{Values({64, 16}), Values({64}), {}}, {Values({16, 64}), Values({16}), {}}};
  const at::Tensor x = Values({20, 16}), dy = Values({20, 16});
  MlpTape tape;
  Mlp(w, x, {}, &tape);
  EXPECT_THAT(tape.gelu, IsSameTensor(RunGelu(tape.fc1))) << "computed again from what is kept";
  const MlpWeights gradient = {{at::zeros({64, 16}), at::zeros({64}), {}},
                               {at::zeros({16, 64}), at::zeros({16}), {}}};
  const at::Tensor dx = MlpBackward(w, gradient, x, tape, dy);
  const at::Tensor dh =
      at::gelu_backward(at::mm(Doubles(dy), Doubles(w.fc2.weight)), Doubles(tape.fc1), "tanh");
  EXPECT_THAT(dx, IsNear(at::mm(dh, Doubles(w.fc1.weight)), 2 * RoundedOnce()));
  EXPECT_THAT(gradient.fc1.weight, IsNear(at::mm(dh.t(), Doubles(x)), 2 * RoundedOnce()));
  EXPECT_THAT(gradient.fc2.weight,
              IsNear(at::mm(Doubles(dy).t(), Doubles(tape.gelu)), OfWeights()));
}

INSTANTIATE_TEST_SUITE_P(All, LayerGradientsTest,
                         ::testing::Values(at::kFloat, at::kBFloat16, at::kHalf),
                         [](const auto& test) { return std::string(c10::toString(test.param)); });

}  // namespace
}  // namespace md2::model
