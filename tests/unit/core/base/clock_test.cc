#include "core/base/clock.h"

#include "gtest/gtest.h"
#include "tests/testing/fake_clock.h"

namespace md2::base {
namespace {

TEST(RealClock, NeverGoesBack) {
  absl::Duration last = RealClock()->MonotonicNow();
  for (int i = 0; i < 1000; ++i) {
    const absl::Duration now = RealClock()->MonotonicNow();
    ASSERT_GE(now, last);
    last = now;
  }
}

TEST(RealClock, KnowsThatThisTestWasWrittenInThePast) {
  EXPECT_GT(RealClock()->WallNow(), absl::FromUnixSeconds(1721692800));
}

TEST(FakeClock, MovesOnlyByHand) {
  testing::FakeClock clock;
  const absl::Duration start = clock.MonotonicNow();
  const absl::Time wall_start = clock.WallNow();
  EXPECT_EQ(clock.MonotonicNow(), start);
  clock.Advance(absl::Seconds(3));
  EXPECT_EQ(clock.MonotonicNow() - start, absl::Seconds(3));
  EXPECT_EQ(clock.WallNow() - wall_start, absl::Seconds(3));
}

TEST(FakeClock, AWallClockThatJumpsLeavesMonotonicTimeAlone) {
  testing::FakeClock clock;
  const absl::Duration start = clock.MonotonicNow();
  clock.SetWall(absl::FromUnixSeconds(5));
  EXPECT_EQ(clock.WallNow(), absl::FromUnixSeconds(5));
  EXPECT_EQ(clock.MonotonicNow(), start);
}

}  // namespace
}  // namespace md2::base
