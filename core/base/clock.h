// Defines where time comes from:
//   Clock       monotonic time for measuring and deadlines, wall time for records
//   RealClock   the computer's

#ifndef MD2_CORE_BASE_CLOCK_H_
#define MD2_CORE_BASE_CLOCK_H_

#include "absl/time/time.h"

namespace md2::base {

// Safe for concurrent use.
class Clock {
 public:
  virtual ~Clock() = default;

  // Time since a fixed but arbitrary moment; never goes back, so differences are true.
  virtual absl::Duration MonotonicNow() const = 0;

  // The time of day; may jump in either direction.
  virtual absl::Time WallNow() const = 0;
};

// Lives for ever.
Clock* RealClock();

}  // namespace md2::base

#endif  // MD2_CORE_BASE_CLOCK_H_
