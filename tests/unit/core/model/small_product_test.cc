#include "core/model/small_product.h"

#include <ATen/ops/gelu.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/tensor_matchers.h"
#include "tests/testing/tiny_model.h"

namespace md2::model {
namespace {

using testing::IsNear;
using testing::RandomValues;

// In doubles, from what the tensors hold.
at::Tensor Naive(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias) {
  return x.to(at::kDouble).matmul(weight.to(at::kDouble).t()).add(bias.to(at::kDouble));
}

// Of the largest value: fp32 sums, and the one rounding of bf16.
double BoundOf(at::ScalarType type) { return type == at::kFloat ? 5e-6 : 8e-3; }

class SmallProductTest : public ::testing::TestWithParam<at::ScalarType> {
 protected:
  void SetUp() override {
    const at::Tensor x = RandomValues({8, 16}, 1).to(GetParam());
    if (!SmallProductFits(x, x)) GTEST_SKIP() << "this processor has no AVX-512 for it";
  }
};

TEST_P(SmallProductTest, EqualsTheProductInDoubles) {
  uint64_t seed = 0;
  for (const int64_t rows : {4, 5, 7, 8, 81}) {
    for (const int64_t in : {2, 16, 30, 32, 34, 62, 588}) {
      for (const int64_t out : {1, 15, 16, 17, 80, 96, 161}) {
        SCOPED_TRACE(absl::StrCat(rows, " rows, ", in, " to ", out, ", seed ", seed));
        const at::Tensor x = RandomValues({rows, in}, ++seed).to(GetParam());
        const at::Tensor weight = RandomValues({out, in}, ++seed).to(GetParam());
        const at::Tensor bias = RandomValues({out}, ++seed).to(GetParam());
        ASSERT_TRUE(SmallProductFits(x, weight));
        const at::Tensor expected = Naive(x, weight, bias);
        const at::Tensor found = SmallProduct(x, weight, bias, Activation::kNone);
        EXPECT_EQ(found.scalar_type(), GetParam());
        EXPECT_THAT(found, IsNear(expected, BoundOf(GetParam())));
        if (out == 1) continue;  // GELU of a few negative values has no largest value to speak of
        EXPECT_THAT(SmallProduct(x, weight, bias, Activation::kGelu),
                    IsNear(at::gelu(expected, "tanh"), BoundOf(GetParam())));
      }
    }
  }
}

TEST_P(SmallProductTest, GeluHoldsFarFromZero) {
  const at::Tensor x = RandomValues({16, 32}, 1).mul(40).to(GetParam());
  const at::Tensor weight = RandomValues({48, 32}, 2).mul(40).to(GetParam());
  const at::Tensor bias = RandomValues({48}, 3).to(GetParam());
  EXPECT_THAT(SmallProduct(x, weight, bias, Activation::kGelu),
              IsNear(at::gelu(Naive(x, weight, bias), "tanh"), BoundOf(GetParam())));
}

TEST_P(SmallProductTest, ARowDoesNotDependOnTheOthers) {
  const at::Tensor x = RandomValues({37, 160}, 1).to(GetParam());
  const at::Tensor weight = RandomValues({96, 160}, 2).to(GetParam());
  const at::Tensor bias = RandomValues({96}, 3).to(GetParam());
  const at::Tensor all = SmallProduct(x, weight, bias, Activation::kNone);
  const at::Tensor some = SmallProduct(x.narrow(0, 5, 6), weight, bias, Activation::kNone);
  EXPECT_TRUE(some.equal(all.narrow(0, 5, 6)));
}

TEST_P(SmallProductTest, TakesRowsOfALargerWeight) {
  const at::Tensor x = RandomValues({9, 64}, 1).to(GetParam());
  const at::Tensor weight = RandomValues({96, 64}, 2).to(GetParam()).narrow(0, 31, 60);
  const at::Tensor bias = RandomValues({96}, 3).to(GetParam()).narrow(0, 31, 60);
  EXPECT_THAT(SmallProduct(x, weight, bias, Activation::kNone),
              IsNear(Naive(x, weight, bias), BoundOf(GetParam())));
}

INSTANTIATE_TEST_SUITE_P(All, SmallProductTest, ::testing::Values(at::kFloat, at::kBFloat16),
                         [](const auto& test) { return std::string(c10::toString(test.param)); });

TEST(SmallProductFitsTest, LeavesTheRestToLibTorch) {
  const at::Tensor x = RandomValues({8, 32}, 1), weight = RandomValues({8, 32}, 2);
  EXPECT_FALSE(SmallProductFits(RandomValues({3, 32}, 1), weight)) << "too few rows";
  EXPECT_FALSE(SmallProductFits(RandomValues({8, 33}, 1), RandomValues({8, 33}, 2))) << "odd";
  EXPECT_FALSE(SmallProductFits(RandomValues({8, 64}, 1).narrow(1, 0, 32), weight)) << "strided";
  EXPECT_FALSE(SmallProductFits(x, RandomValues({32, 8}, 2).t())) << "transposed";
  EXPECT_FALSE(SmallProductFits(x, weight.to(at::kBFloat16))) << "two types";
  EXPECT_FALSE(SmallProductFits(x.to(at::kHalf), weight.to(at::kHalf))) << "fp16";
  EXPECT_FALSE(SmallProductFits(RandomValues({729, 1152}, 1), RandomValues({1152, 1152}, 2)))
      << "too large";
}

}  // namespace
}  // namespace md2::model
