#include "core/data/split.h"

#include <cstdint>
#include <limits>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace md2::data {
namespace {

using absl::StatusCode;
using ::testing::ElementsAre;
using testing::HasReason;
using testing::StatusIs;

constexpr uint64_t kHalf = uint64_t{1} << 63;

TEST(SplitKey, IsTheBeginningOfTheDigest) {
  base::Sha256Digest digest{};
  for (size_t i = 0; i < digest.size(); ++i) digest[i] = static_cast<uint8_t>(i + 1);
  EXPECT_EQ(SplitKey(digest), 0x0102030405060708u);
}

TEST(IsHeldOut, ComparesTheKeyWithTheShare) {
  EXPECT_FALSE(IsHeldOut(0, 0));
  EXPECT_TRUE(IsHeldOut(0, 1e-9));
  EXPECT_TRUE(IsHeldOut(kHalf - 1, 0.5));
  EXPECT_FALSE(IsHeldOut(kHalf, 0.5));
  EXPECT_TRUE(IsHeldOut(std::numeric_limits<uint64_t>::max(), 1));
}

TEST(IsHeldOut, HoldsOutAboutTheShareOfDigests) {
  int num_held_out = 0;
  for (uint32_t i = 0; i < 10'000; ++i) {
    const uint8_t bytes[] = {static_cast<uint8_t>(i), static_cast<uint8_t>(i >> 8)};
    if (IsHeldOut(SplitKey(base::Sha256Of(bytes)), 0.1)) ++num_held_out;
  }
  // 5 standard deviations.
  EXPECT_NEAR(num_held_out, 1000, 150);
}

TEST(SplitRows, KeepsEqualImagesOnOneSide) {
  const std::vector<uint64_t> keys = {5, kHalf, 5, kHalf + 1, kHalf};
  MD2_ASSERT_OK_AND_ASSIGN(const RowSplit split, SplitRows(keys, 0.25));
  EXPECT_THAT(split.val, ElementsAre(0, 2));
  EXPECT_THAT(split.train, ElementsAre(1, 3, 4));
}

TEST(SplitRows, RefusesAShareOutsideItsRange) {
  const std::vector<uint64_t> keys = {5, kHalf};
  for (const double share : {0.0, 1.0, -0.1, std::numeric_limits<double>::quiet_NaN()}) {
    EXPECT_THAT(SplitRows(keys, share), HasReason(base::Reason::kSettingInvalid)) << share;
  }
  EXPECT_THAT(SplitRows(keys, 1.5),
              StatusIs(StatusCode::kInvalidArgument,
                       "val_split: expected more than 0 and less than 1, found 1.5"));
}

TEST(SplitRows, RefusesAnEmptySide) {
  EXPECT_THAT(SplitRows({kHalf, kHalf + 1}, 0.1),
              StatusIs(StatusCode::kInvalidArgument,
                       "val_split: expected rows on both sides, found none of 2 held out by 0.1: "
                       "raise it, or name a validation file"));
  EXPECT_THAT(SplitRows({1, 2}, 0.9),
              StatusIs(StatusCode::kInvalidArgument,
                       "val_split: expected rows on both sides, found all 2 held out by 0.9: "
                       "lower it, or name a validation file"));
}

}  // namespace
}  // namespace md2::data
