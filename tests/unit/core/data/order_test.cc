#include "core/data/order.h"

#include <algorithm>
#include <limits>
#include <map>
#include <numeric>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace md2::data {
namespace {

using ::testing::ElementsAre;
using Rows = std::vector<uint32_t>;

TEST(RowOrder, WithoutShuffleIsTheOrderOfTheFile) {
  EXPECT_THAT(RowOrder(4, /*shuffle=*/false, 7, 3), ElementsAre(0, 1, 2, 3));
  EXPECT_THAT(RowOrder(0, true, 7, 3), ElementsAre());
  EXPECT_THAT(RowOrder(1, true, 7, 3), ElementsAre(0));
}

// By the description in the header, computed by another program.
TEST(RowOrder, IsTheDocumentedOne) {
  EXPECT_THAT(RowOrder(10, true, 0, 0), ElementsAre(6, 3, 2, 9, 8, 1, 4, 7, 0, 5));
  EXPECT_THAT(RowOrder(10, true, 0, 1), ElementsAre(2, 1, 8, 4, 9, 6, 5, 7, 3, 0));
  EXPECT_THAT(RowOrder(10, true, 18446744073709551615u, 2),
              ElementsAre(2, 7, 4, 6, 0, 8, 1, 5, 9, 3));
}

TEST(RowOrder, HoldsEachRowOnce) {
  for (const int64_t num_rows : {2, 3, 64, 1000}) {
    Rows order = RowOrder(num_rows, true, 5, 1);
    Rows all(order.size());
    std::iota(all.begin(), all.end(), 0u);
    EXPECT_NE(order, all);
    std::sort(order.begin(), order.end());
    EXPECT_EQ(order, all);
  }
}

TEST(RowOrder, DiffersBySeedAndEpoch) {
  const Rows order = RowOrder(100, true, 1, 1);
  EXPECT_EQ(RowOrder(100, true, 1, 1), order);
  EXPECT_NE(RowOrder(100, true, 2, 1), order);
  EXPECT_NE(RowOrder(100, true, 1, 2), order);
}

TEST(RowOrder, EachOrderIsEquallyLikely) {
  std::map<Rows, int> counts;
  for (uint64_t seed = 0; seed < 6000; ++seed) ++counts[RowOrder(3, true, seed, 0)];
  EXPECT_EQ(counts.size(), 6u);
  // 5 standard deviations.
  for (const auto& [order, count] : counts) EXPECT_NEAR(count, 1000, 145);
}

void ExpectWindow(const Window& window, int64_t epoch, int64_t first, int64_t num_rows) {
  EXPECT_EQ(window.epoch, epoch);
  EXPECT_EQ(window.first, first);
  EXPECT_EQ(window.num_rows, num_rows);
}

TEST(WindowOf, LastUpdateOfAnEpochTakesWhatIsLeft) {
  const WindowSize size(9, 2, 3);
  EXPECT_EQ(size.updates_per_epoch, 2);
  ExpectWindow(WindowOf(size, 0), 0, 0, 6);
  ExpectWindow(WindowOf(size, 1), 0, 6, 3);
  ExpectWindow(WindowOf(size, 2), 1, 0, 6);
}

TEST(WindowOf, EpochHasTheRoundedUpNumberOfUpdates) {
  EXPECT_EQ(WindowSize(12, 2, 3).updates_per_epoch, 2);
  EXPECT_EQ(WindowSize(13, 2, 3).updates_per_epoch, 3);
  EXPECT_EQ(WindowSize(1, 1, 1).updates_per_epoch, 1);
  EXPECT_EQ(WindowSize(5, 1, 1).updates_per_epoch, 5);
}

TEST(WindowOf, WindowBeyondTheRowsIsAllOfThem) {
  constexpr int64_t kHuge = std::numeric_limits<int64_t>::max();
  for (const WindowSize& size : {WindowSize(3, kHuge, kHuge), WindowSize(3, 2, kHuge)}) {
    EXPECT_EQ(size.updates_per_epoch, 1);
    ExpectWindow(WindowOf(size, 4), 4, 0, 3);
  }
}

TEST(WindowOf, AnEpochsWindowsHoldEachPlaceOnce) {
  const WindowSize size(50, 3, 2);
  int64_t next = 0;
  for (int64_t update = 9; update < 18; ++update) {
    const Window window = WindowOf(size, update);
    EXPECT_EQ(window.epoch, 1);
    EXPECT_EQ(window.first, next);
    next += window.num_rows;
  }
  EXPECT_EQ(next, 50);
}

}  // namespace
}  // namespace md2::data
