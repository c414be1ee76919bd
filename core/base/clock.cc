#include "core/base/clock.h"

#include <chrono>

#include "absl/time/clock.h"

namespace md2::base {
namespace {

class RealClockImpl : public Clock {
 public:
  absl::Duration MonotonicNow() const override {
    return absl::FromChrono(std::chrono::steady_clock::now().time_since_epoch());
  }
  absl::Time WallNow() const override { return absl::Now(); }
};

}  // namespace

Clock* RealClock() {
  static RealClockImpl* const clock = new RealClockImpl;
  return clock;
}

}  // namespace md2::base
