// Defines FakeClock, a clock that a test moves by hand.

#ifndef MD2_TESTS_TESTING_FAKE_CLOCK_H_
#define MD2_TESTS_TESTING_FAKE_CLOCK_H_

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"
#include "core/base/clock.h"
#include "core/base/mutex.h"

namespace md2::testing {

// Starts at 2024-07-23T00:00:00Z and monotonic zero. Safe for concurrent use.
class FakeClock : public base::Clock {
 public:
  absl::Duration MonotonicNow() const override {
    base::MutexLock lock(mutex_);
    return monotonic_;
  }

  absl::Time WallNow() const override {
    base::MutexLock lock(mutex_);
    return wall_;
  }

  // Both times move on. REQUIRES: `step` is not negative.
  void Advance(absl::Duration step) {
    base::MutexLock lock(mutex_);
    monotonic_ += step;
    wall_ += step;
  }

  // The wall clock jumps, as when an operator sets it; monotonic time does not move.
  void SetWall(absl::Time wall) {
    base::MutexLock lock(mutex_);
    wall_ = wall;
  }

 private:
  mutable base::Mutex mutex_;
  absl::Duration monotonic_ ABSL_GUARDED_BY(mutex_);
  absl::Time wall_ ABSL_GUARDED_BY(mutex_) = absl::FromUnixSeconds(1721692800);
};

}  // namespace md2::testing

#endif  // MD2_TESTS_TESTING_FAKE_CLOCK_H_
