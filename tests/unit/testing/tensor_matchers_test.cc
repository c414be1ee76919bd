#include "tests/testing/tensor_matchers.h"

#include <limits>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/tiny_model.h"

namespace md2::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

at::Tensor Ones() { return RandomValues({2, 3}, 1).fill_(1); }

at::Tensor With(float value, int64_t index) {
  at::Tensor out = Ones();
  out.mutable_data_ptr<float>()[index] = value;
  return out;
}

template <typename Matcher>
std::string Explained(const Matcher& matcher, const at::Tensor& found) {
  ::testing::StringMatchResultListener listener;
  ::testing::SafeMatcherCast<const at::Tensor&>(matcher).MatchAndExplain(found, &listener);
  return listener.str();
}

TEST(IsNearTest, TheBoundIsAPartOfTheLargestValueExpected) {
  const at::Tensor expected = With(-4, 5);
  EXPECT_THAT(With(-4, 5).add(0.2), IsNear(expected, 0.06));
  EXPECT_THAT(With(-4, 5).add(0.2), Not(IsNear(expected, 0.04)));
  EXPECT_THAT(Ones().zero_(), IsNear(Ones().zero_(), 0.0));
}

TEST(IsNearTest, AFailureSaysTheLargestDifferenceAndWhere) {
  EXPECT_EQ(Explained(IsNear(Ones(), 0.1), With(3, 4)),
            "largest difference 2, 2 of the largest value expected: value 4 is 3, expected 1");
}

TEST(IsNearTest, ShapesMustAgree) {
  EXPECT_EQ(Explained(IsNear(Ones(), 9.0), Ones().flatten()),
            "expected Float [2, 3], found Float [6]");
}

TEST(IsNearTest, NanIsNearNothingButNan) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  EXPECT_THAT(With(nan, 2), Not(IsNear(Ones(), 1e9)));
  EXPECT_THAT(Ones(), Not(IsNear(With(nan, 2), 1e9)));
  EXPECT_THAT(With(nan, 2), IsNear(With(nan, 2), 0.0));
}

TEST(IsSameTensorTest, TypeShapeAndEveryBitCount) {
  EXPECT_THAT(Ones(), IsSameTensor(Ones()));
  EXPECT_THAT(Ones().t().contiguous().t(), IsSameTensor(Ones())) << "strides do not";
  EXPECT_THAT(Ones(), Not(IsSameTensor(Ones().to(at::kHalf))));
  EXPECT_THAT(Ones(), Not(IsSameTensor(Ones().flatten())));
  EXPECT_THAT(With(1.0000001f, 3), Not(IsSameTensor(Ones())));
  EXPECT_THAT(Ones().mul(0), Not(IsSameTensor(Ones().mul(-0.0)))) << "nor is zero minus zero";
  EXPECT_THAT(Explained(IsSameTensor(Ones()), With(2, 3)), HasSubstr("value 3 is 2"));
}

TEST(RandomValuesTest, SeedAndShapeDecide) {
  EXPECT_THAT(RandomValues({3, 4}, 7), IsSameTensor(RandomValues({3, 4}, 7)));
  EXPECT_THAT(RandomValues({3, 4}, 7), Not(IsNear(RandomValues({3, 4}, 8), 0.1)));
}

}  // namespace
}  // namespace md2::testing
