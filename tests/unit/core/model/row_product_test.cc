#include "core/model/row_product.h"

#include <ATen/ops/empty.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/tensor_matchers.h"
#include "tests/testing/tiny_model.h"

namespace md2::model {
namespace {

using testing::IsNear;
using testing::LinearInDoubles;
using testing::RandomValues;

// Of the largest value; seen at most 1.4e-6 (a single output, nearly 0), 3.4e-3, 4.7e-4: one
// rounding.
double BoundOf(at::ScalarType type) {
  if (type == at::kFloat) return 5e-6;
  return type == at::kHalf ? 1e-3 : 8e-3;
}

class RowProductTest : public ::testing::TestWithParam<at::ScalarType> {
 protected:
  void SetUp() override {
    const at::Tensor x = at::empty({1, 16}, at::kFloat);
    if (!RowProductFits(x, x)) GTEST_SKIP() << "this processor has no AVX-512";
  }
};

TEST_P(RowProductTest, EqualsTheProductInDoubles) {
  uint64_t seed = 0;
  for (int64_t rows = 1; rows <= kMaxProductRows; ++rows) {
    for (const int64_t in : {16, 32, 48, 80, 1008, 2304}) {
      for (const int64_t out : {1, 2, 3, 17, 255}) {
        SCOPED_TRACE(absl::StrCat(rows, " rows, ", in, " to ", out, ", seed ", seed));
        const at::Tensor x = RandomValues({rows, in}, ++seed).to(GetParam());
        const at::Tensor weight = RandomValues({out, in}, ++seed).to(GetParam());
        const at::Tensor bias = RandomValues({out}, ++seed).to(GetParam());
        ASSERT_TRUE(RowProductFits(x, weight));
        const at::Tensor expected = LinearInDoubles(x, weight, bias);
        const at::Tensor found = RowProduct(x, weight, bias, GetParam());
        EXPECT_EQ(found.scalar_type(), GetParam());
        EXPECT_THAT(found, IsNear(expected, BoundOf(GetParam())));
        const at::Tensor unrounded = RowProduct(x, weight, bias, at::kFloat);
        EXPECT_EQ(unrounded.scalar_type(), at::kFloat);
        EXPECT_THAT(unrounded, IsNear(expected, BoundOf(at::kFloat)));
      }
    }
  }
}

// As the part of a layer that makes keys and values is.
TEST_P(RowProductTest, TakesRowsOfALargerWeight) {
  const at::Tensor x = RandomValues({2, 64}, 1).to(GetParam());
  const at::Tensor weight = RandomValues({96, 64}, 2).to(GetParam()).narrow(0, 31, 60);
  const at::Tensor bias = RandomValues({96}, 3).to(GetParam()).narrow(0, 31, 60);
  ASSERT_TRUE(RowProductFits(x, weight));
  EXPECT_THAT(RowProduct(x, weight, bias, GetParam()),
              IsNear(LinearInDoubles(x, weight, bias), BoundOf(GetParam())));
}

INSTANTIATE_TEST_SUITE_P(All, RowProductTest,
                         ::testing::Values(at::kFloat, at::kBFloat16, at::kHalf),
                         [](const auto& test) { return std::string(c10::toString(test.param)); });

TEST(RowProductFitsTest, LeavesTheRestToLibTorch) {
  const at::Tensor x = RandomValues({4, 32}, 1), weight = RandomValues({8, 32}, 2);
  EXPECT_FALSE(RowProductFits(RandomValues({5, 32}, 1), weight)) << "too many rows";
  EXPECT_FALSE(RowProductFits(RandomValues({0, 32}, 1), weight)) << "no row";
  EXPECT_FALSE(RowProductFits(x.narrow(1, 0, 24), weight.narrow(1, 0, 24))) << "not of 16";
  EXPECT_FALSE(RowProductFits(RandomValues({4, 64}, 1).narrow(1, 0, 32), weight)) << "strided";
  EXPECT_FALSE(RowProductFits(x, RandomValues({32, 8}, 2).t())) << "transposed";
  EXPECT_FALSE(RowProductFits(x, weight.to(at::kBFloat16))) << "two types";
  EXPECT_FALSE(RowProductFits(x.to(at::kDouble), weight.to(at::kDouble))) << "doubles";
  EXPECT_FALSE(RowProductFits(RandomValues({32}, 1), weight)) << "a vector";
}

}  // namespace
}  // namespace md2::model
