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

WindowOptions FileOrder(int64_t num_rows, int64_t batch_size, int64_t grad_accum) {
  WindowOptions options;
  options.num_rows = num_rows;
  options.batch_size = batch_size;
  options.grad_accum = grad_accum;
  options.shuffle = false;
  return options;
}

TEST(Windows, LastUpdateOfAnEpochTakesWhatIsLeft) {
  Windows windows(FileOrder(9, 2, 3));
  EXPECT_EQ(windows.updates_per_epoch(), 2);
  EXPECT_THAT(windows.At(0).micro_batches, ElementsAre(Rows{0, 1}, Rows{2, 3}, Rows{4, 5}));
  EXPECT_THAT(windows.At(1).micro_batches, ElementsAre(Rows{6, 7}, Rows{8}));
  EXPECT_EQ(windows.At(1).epoch, 0);
  EXPECT_THAT(windows.At(2).micro_batches, ElementsAre(Rows{0, 1}, Rows{2, 3}, Rows{4, 5}));
  EXPECT_EQ(windows.At(2).epoch, 1);
}

TEST(Windows, EpochHasTheRoundedUpNumberOfUpdates) {
  EXPECT_EQ(Windows(FileOrder(12, 2, 3)).updates_per_epoch(), 2);
  EXPECT_EQ(Windows(FileOrder(13, 2, 3)).updates_per_epoch(), 3);
  EXPECT_EQ(Windows(FileOrder(1, 1, 1)).updates_per_epoch(), 1);
  EXPECT_EQ(Windows(FileOrder(5, 1, 1)).updates_per_epoch(), 5);
}

TEST(Windows, WindowBeyondTheRowsIsAllOfThem) {
  constexpr int64_t kHuge = std::numeric_limits<int64_t>::max();
  Windows large_batch(FileOrder(3, kHuge, kHuge));
  EXPECT_EQ(large_batch.updates_per_epoch(), 1);
  EXPECT_THAT(large_batch.At(0).micro_batches, ElementsAre(Rows{0, 1, 2}));
  Windows many_batches(FileOrder(3, 2, kHuge));
  EXPECT_EQ(many_batches.updates_per_epoch(), 1);
  EXPECT_THAT(many_batches.At(4).micro_batches, ElementsAre(Rows{0, 1}, Rows{2}));
}

TEST(Windows, DependOnTheUpdateAloneAndNotOnThoseBefore) {
  WindowOptions options = FileOrder(50, 3, 2);
  options.shuffle = true;
  options.seed = 9;
  Windows in_turn(options);
  for (int64_t update = 0; update < 30; ++update) {
    const Window window = in_turn.At(update);
    const Window alone = Windows(options).At(update);
    EXPECT_EQ(window.epoch, alone.epoch);
    EXPECT_EQ(window.micro_batches, alone.micro_batches);
  }
  EXPECT_EQ(in_turn.At(3).micro_batches, Windows(options).At(3).micro_batches);
}

TEST(Windows, AnEpochsUpdatesHoldItsOrder) {
  WindowOptions options = FileOrder(10, 2, 2);
  options.shuffle = true;
  Windows windows(options);
  Rows seen;
  for (int64_t update = 3; update < 6; ++update) {
    for (const Rows& batch : windows.At(update).micro_batches) {
      seen.insert(seen.end(), batch.begin(), batch.end());
    }
  }
  EXPECT_EQ(seen, RowOrder(10, true, 0, 1));
}

}  // namespace
}  // namespace md2::data
