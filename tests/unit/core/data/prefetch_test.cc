#include "core/data/prefetch.h"

#include <algorithm>
#include <atomic>
#include <memory>
#include <new>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/gate.h"
#include "tests/testing/no_threads.h"
#include "tests/testing/status_matchers.h"

namespace md2::data {
namespace {

using absl::StatusCode;
using ::testing::Eq;
using testing::Gate;
using testing::HasReason;
using testing::IsOkAndHolds;
using testing::StatusIs;
using Texts = Prefetcher<std::string>;

PrefetchOptions Bounds(int num_threads, int64_t max_ahead) {
  PrefetchOptions options;
  options.num_threads = num_threads;
  options.max_ahead = max_ahead;
  return options;
}

absl::StatusOr<std::string> TextOf(int64_t item) { return absl::StrCat("item ", item); }

auto Holds(absl::string_view text) { return IsOkAndHolds(Eq(absl::optional<std::string>(text))); }

auto HoldsNothing() { return IsOkAndHolds(Eq(absl::optional<std::string>())); }

TEST(Prefetcher, GivesAllValuesInOrder) {
  for (const auto& [num_threads, max_ahead] : {std::pair(1, 1), {1, 4}, {4, 1}, {4, 3}, {3, 64}}) {
    MD2_ASSERT_OK_AND_ASSIGN(const auto texts,
                             Texts::Start(200, Bounds(num_threads, max_ahead), TextOf));
    for (int64_t item = 0; item < 200; ++item) {
      ASSERT_THAT(texts->Next(), Holds(absl::StrCat("item ", item)));
    }
    EXPECT_THAT(texts->Next(), HoldsNothing());
    EXPECT_THAT(texts->Next(), HoldsNothing());
  }
}

TEST(Prefetcher, OfNoItemsGivesNothing) {
  MD2_ASSERT_OK_AND_ASSIGN(const auto texts, Texts::Start(0, Bounds(2, 2), TextOf));
  EXPECT_THAT(texts->Next(), HoldsNothing());
}

TEST(Prefetcher, AnItemForWhichMemoryRanOutIsAnErrorAndNotTheEnd) {
  const auto make = [](int64_t item) -> absl::StatusOr<std::string> {
    if (item == 1) throw std::bad_alloc();
    return TextOf(item);
  };
  MD2_ASSERT_OK_AND_ASSIGN(const auto texts, Texts::Start(3, Bounds(2, 3), make));
  EXPECT_THAT(texts->Next(), Holds("item 0"));
  EXPECT_THAT(texts->Next(), HasReason(base::Reason::kOutOfMemory));
}

TEST(Prefetcher, AFastItemWaitsForASlowOneBeforeIt) {
  Gate second_is_made;
  const auto make = [&](int64_t item) -> absl::StatusOr<std::string> {
    if (item == 0) second_is_made.Wait();
    if (item == 1) second_is_made.Open();
    return TextOf(item);
  };
  MD2_ASSERT_OK_AND_ASSIGN(const auto texts, Texts::Start(2, Bounds(2, 2), make));
  EXPECT_THAT(texts->Next(), Holds("item 0"));
  EXPECT_THAT(texts->Next(), Holds("item 1"));
}

TEST(Prefetcher, IsNeverMoreThanTheLimitAhead) {
  constexpr int64_t kMaxAhead = 3;
  std::atomic<int64_t> num_taken{0};
  std::atomic<int64_t> farthest{0};
  const auto make = [&](int64_t item) {
    int64_t seen = farthest.load();
    const int64_t ahead = item - num_taken.load();
    while (ahead > seen && !farthest.compare_exchange_weak(seen, ahead)) {
    }
    return TextOf(item);
  };
  MD2_ASSERT_OK_AND_ASSIGN(const auto texts, Texts::Start(500, Bounds(4, kMaxAhead), make));
  for (int64_t item = 0; item < 500; ++item) {
    // Counted before it is taken, so `ahead` is never too large by the test's own doing.
    num_taken.store(item + 1);
    ASSERT_THAT(texts->Next(), Holds(absl::StrCat("item ", item)));
  }
  EXPECT_LT(farthest.load(), kMaxAhead);
}

TEST(Prefetcher, FirstErrorComesInItsTurnAndStays) {
  const auto make = [](int64_t item) -> absl::StatusOr<std::string> {
    if (item == 5) return absl::DataLossError("five");
    if (item > 5) return absl::InternalError("later");
    return TextOf(item);
  };
  MD2_ASSERT_OK_AND_ASSIGN(const auto texts, Texts::Start(100, Bounds(4, 8), make));
  for (int64_t item = 0; item < 5; ++item) {
    ASSERT_THAT(texts->Next(), Holds(absl::StrCat("item ", item)));
  }
  EXPECT_THAT(texts->Next(), StatusIs(StatusCode::kDataLoss, "five"));
  EXPECT_THAT(texts->Next(), StatusIs(StatusCode::kDataLoss, "five"));
}

TEST(Prefetcher, BeginsNothingAfterAnError) {
  std::atomic<int64_t> last{0};
  const auto make = [&](int64_t item) -> absl::StatusOr<std::string> {
    last.store(item);
    if (item == 3) return absl::DataLossError("three");
    return TextOf(item);
  };
  {
    MD2_ASSERT_OK_AND_ASSIGN(const auto texts, Texts::Start(100, Bounds(1, 50), make));
    for (int64_t item = 0; item < 3; ++item) ASSERT_TRUE(texts->Next().ok());
    EXPECT_THAT(texts->Next(), StatusIs(StatusCode::kDataLoss));
  }
  EXPECT_EQ(last.load(), 3);
}

TEST(Prefetcher, CancelEndsAWaitingNext) {
  base::CancelSource source;
  PrefetchOptions options = Bounds(2, 2);
  options.cancel = source.token();
  const auto make = [&](int64_t item) -> absl::StatusOr<std::string> {
    if (item == 1) source.Cancel();
    return TextOf(item);
  };
  MD2_ASSERT_OK_AND_ASSIGN(const auto texts, Texts::Start(1'000'000, options, make));
  absl::Status status;
  while (status.ok()) status = texts->Next().status();
  EXPECT_THAT(status, HasReason(base::Reason::kCancelled));
  EXPECT_THAT(texts->Next(), StatusIs(StatusCode::kCancelled));
}

TEST(Prefetcher, CancelledBeforeItStartsMakesNothing) {
  base::CancelSource source;
  source.Cancel();
  PrefetchOptions options = Bounds(2, 2);
  options.cancel = source.token();
  std::atomic<int> num_made{0};
  const auto make = [&](int64_t item) {
    num_made.fetch_add(1);
    return TextOf(item);
  };
  {
    MD2_ASSERT_OK_AND_ASSIGN(const auto texts, Texts::Start(10, options, make));
    EXPECT_THAT(texts->Next(), StatusIs(StatusCode::kCancelled));
  }
  EXPECT_EQ(num_made.load(), 0);
}

TEST(Prefetcher, DestructionWaitsForTheRunningItemAndBeginsNoOther) {
  Gate has_begun;
  Gate may_end;
  std::atomic<int> num_begun{0};
  std::atomic<int> num_ended{0};
  const auto make = [&](int64_t item) {
    num_begun.fetch_add(1);
    has_begun.Open();
    may_end.Wait();
    num_ended.fetch_add(1);
    return TextOf(item);
  };
  {
    MD2_ASSERT_OK_AND_ASSIGN(auto texts, Texts::Start(100, Bounds(1, 1), make));
    has_begun.Wait();
    std::thread opener([&] { may_end.Open(); });
    texts.reset();
    opener.join();
  }
  EXPECT_EQ(num_begun.load(), 1);
  EXPECT_EQ(num_ended.load(), 1);
}

TEST(Prefetcher, WithoutAnyThreadItDoesNotStart) {
  const testing::NoThreads none;
  EXPECT_THAT(Texts::Start(3, Bounds(2, 2), TextOf), HasReason(base::Reason::kOutOfMemory));
}

TEST(Prefetcher, MayBeDestroyedAtAnyPoint) {
  for (int64_t num_taken = 0; num_taken < 20; ++num_taken) {
    MD2_ASSERT_OK_AND_ASSIGN(const auto texts, Texts::Start(20, Bounds(3, 4), TextOf));
    for (int64_t item = 0; item < num_taken; ++item) ASSERT_TRUE(texts->Next().ok());
  }
}

TEST(Prefetcher, TakesValuesThatOnlyMove) {
  using Owned = Prefetcher<std::unique_ptr<int64_t>>;
  MD2_ASSERT_OK_AND_ASSIGN(
      const auto values, Owned::Start(3, Bounds(2, 2), [](int64_t item) {
        return absl::StatusOr<std::unique_ptr<int64_t>>(std::make_unique<int64_t>(item));
      }));
  for (int64_t item = 0; item < 3; ++item) {
    MD2_ASSERT_OK_AND_ASSIGN(const auto value, values->Next());
    EXPECT_EQ(**value, item);
  }
}

}  // namespace
}  // namespace md2::data
