#include "core/model/tiled_product.h"

#include <ATen/ops/gelu.h>
#include <ATen/ops/gelu_backward.h>
#include <ATen/ops/mm.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "core/model/avx512.h"
#include "core/model/gelu_kernel.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/tensor_matchers.h"
#include "tests/testing/tiny_model.h"

namespace md2::model {
namespace {

using testing::IsNear;
using testing::LinearInDoubles;
using testing::RandomValues;

// Of the largest value: fp32 sums, and the one rounding of bf16.
double BoundOf(at::ScalarType type) { return type == at::kFloat ? 5e-6 : 8e-3; }

class TiledProductTest : public ::testing::TestWithParam<at::ScalarType> {
 protected:
  void SetUp() override {
    const at::Tensor x = RandomValues({8, 16}, 1).to(GetParam());
    if (!TiledProductFits(x, x)) GTEST_SKIP() << "this processor has no AVX-512 for it";
  }
};

TEST_P(TiledProductTest, EqualsTheProductInDoubles) {
  uint64_t seed = 0;
  for (const int64_t rows : {4, 5, 7, 8, 81}) {
    for (const int64_t in : {2, 16, 30, 32, 34, 62, 588}) {
      for (const int64_t out : {1, 15, 16, 17, 80, 96, 161}) {
        SCOPED_TRACE(absl::StrCat(rows, " rows, ", in, " to ", out, ", seed ", seed));
        const at::Tensor x = RandomValues({rows, in}, ++seed).to(GetParam());
        const at::Tensor weight = RandomValues({out, in}, ++seed).to(GetParam());
        const at::Tensor bias = RandomValues({out}, ++seed).to(GetParam());
        ASSERT_TRUE(TiledProductFits(x, weight));
        const at::Tensor expected = LinearInDoubles(x, weight, bias);
        const at::Tensor found = TiledProduct(x, weight, bias, Activation::kNone);
        EXPECT_EQ(found.scalar_type(), GetParam());
        EXPECT_THAT(found, IsNear(expected, BoundOf(GetParam())));
        if (out == 1) continue;  // GELU of a few negative values has no largest value to speak of
        EXPECT_THAT(TiledProduct(x, weight, bias, Activation::kGelu),
                    IsNear(at::gelu(expected, "tanh"), BoundOf(GetParam())));
      }
    }
  }
}

TEST_P(TiledProductTest, TheWayBackEqualsTheProductInDoubles) {
  uint64_t seed = 100;
  for (const int64_t rows : {4, 7, 81}) {
    for (const int64_t out : {2, 16, 34, 640, 2050}) {
      for (const int64_t in : {1, 15, 80, 161}) {
        SCOPED_TRACE(absl::StrCat(rows, " rows, ", out, " back to ", in, ", seed ", seed));
        const at::Tensor dy = RandomValues({rows, out}, ++seed).to(GetParam());
        const at::Tensor weight = RandomValues({out, in}, ++seed).to(GetParam());
        const at::Tensor x = RandomValues({rows, in}, ++seed).to(GetParam());
        const at::Tensor expected = at::mm(dy.to(at::kDouble), weight.to(at::kDouble));
        EXPECT_THAT(TiledInputGradient(dy, weight), IsNear(expected, BoundOf(GetParam())));
        EXPECT_THAT(
            TiledGeluGradient(dy, weight, x),
            IsNear(at::gelu_backward(expected, x.to(at::kDouble), "tanh"), BoundOf(GetParam())));
      }
    }
  }
}

// Sums are carried from one part of a long row to the next.
TEST_P(TiledProductTest, LongRowsEqualTheProductInDoubles) {
  for (const int64_t rows : {4, 9, 66}) {
    const at::Tensor x = RandomValues({rows, 5000}, 1).to(GetParam());
    const at::Tensor weight = RandomValues({97, 5000}, 2).to(GetParam());
    const at::Tensor bias = RandomValues({97}, 3).to(GetParam());
    EXPECT_THAT(TiledProduct(x, weight, bias, Activation::kNone),
                IsNear(LinearInDoubles(x, weight, bias), BoundOf(GetParam())));
  }
}

TEST_P(TiledProductTest, GeluWithItsInputIsGeluOfWhatWasRounded) {
  const at::Tensor x = RandomValues({37, 64}, 1).to(GetParam());
  const at::Tensor weight = RandomValues({90, 64}, 2).to(GetParam());
  const at::Tensor bias = RandomValues({90}, 3).to(GetParam());
  const GeluProduct found = TiledGeluProduct(x, weight, bias);
  EXPECT_TRUE(found.product.equal(TiledProduct(x, weight, bias, Activation::kNone)));
  EXPECT_TRUE(found.gelu.equal(RunGelu(found.product)));
}

TEST_P(TiledProductTest, GeluHoldsFarFromZero) {
  const at::Tensor x = RandomValues({16, 32}, 1).mul(40).to(GetParam());
  const at::Tensor weight = RandomValues({48, 32}, 2).mul(40).to(GetParam());
  const at::Tensor bias = RandomValues({48}, 3).to(GetParam());
  EXPECT_THAT(TiledProduct(x, weight, bias, Activation::kGelu),
              IsNear(at::gelu(LinearInDoubles(x, weight, bias), "tanh"), BoundOf(GetParam())));
}

TEST_P(TiledProductTest, ARowDoesNotDependOnTheOthers) {
  const at::Tensor x = RandomValues({37, 160}, 1).to(GetParam());
  const at::Tensor weight = RandomValues({96, 160}, 2).to(GetParam());
  const at::Tensor bias = RandomValues({96}, 3).to(GetParam());
  const at::Tensor all = TiledProduct(x, weight, bias, Activation::kNone);
  const at::Tensor some = TiledProduct(x.narrow(0, 5, 6), weight, bias, Activation::kNone);
  EXPECT_TRUE(some.equal(all.narrow(0, 5, 6)));
}

TEST_P(TiledProductTest, TakesRowsOfALargerWeight) {
  const at::Tensor x = RandomValues({9, 64}, 1).to(GetParam());
  const at::Tensor weight = RandomValues({96, 64}, 2).to(GetParam()).narrow(0, 31, 60);
  const at::Tensor bias = RandomValues({96}, 3).to(GetParam()).narrow(0, 31, 60);
  EXPECT_THAT(TiledProduct(x, weight, bias, Activation::kNone),
              IsNear(LinearInDoubles(x, weight, bias), BoundOf(GetParam())));
}

INSTANTIATE_TEST_SUITE_P(All, TiledProductTest, ::testing::Values(at::kFloat, at::kBFloat16),
                         [](const auto& test) { return std::string(c10::toString(test.param)); });

TEST(TiledProductFitsTest, LeavesTheRestToLibTorch) {
  const at::Tensor x = RandomValues({8, 32}, 1), weight = RandomValues({8, 32}, 2);
  EXPECT_FALSE(TiledProductFits(RandomValues({3, 32}, 1), weight)) << "too few rows";
  EXPECT_FALSE(TiledProductFits(RandomValues({8, 33}, 1), RandomValues({8, 33}, 2))) << "odd";
  EXPECT_FALSE(TiledProductFits(RandomValues({8, 64}, 1).narrow(1, 0, 32), weight)) << "strided";
  EXPECT_FALSE(TiledProductFits(x, RandomValues({32, 8}, 2).t())) << "transposed";
  EXPECT_FALSE(TiledProductFits(x, weight.to(at::kBFloat16))) << "two types";
  EXPECT_FALSE(TiledProductFits(x.to(at::kHalf), weight.to(at::kHalf))) << "fp16";
  const at::Tensor few = RandomValues({18, 2048}, 1), many = RandomValues({64, 2048}, 1);
  const at::Tensor large = RandomValues({1024, 2048}, 2);
  EXPECT_TRUE(TiledProductFits(few, large)) << "of any size in fp32";
  EXPECT_FALSE(TiledProductFits(few.to(at::kBFloat16), large.to(at::kBFloat16)))
      << "in bf16 too few rows for weights of that size";
  if (HasAmxBf16()) GTEST_SKIP() << "LibTorch is faster with any number";
  EXPECT_TRUE(TiledProductFits(many.to(at::kBFloat16), large.to(at::kBFloat16)));
}

}  // namespace
}  // namespace md2::model
