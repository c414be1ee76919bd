// Defines Stopwatch, which measures one stage of work after another.

#ifndef MD2_SERVER_WORKER_STOPWATCH_H_
#define MD2_SERVER_WORKER_STOPWATCH_H_

#include "absl/time/time.h"
#include "core/base/clock.h"

namespace md2::worker {

// Runs from its making. The clock must outlive it. One thread at a time.
class Stopwatch {
 public:
  explicit Stopwatch(const base::Clock& clock) : clock_(clock), last_(clock.MonotonicNow()) {}

  // Seconds since it was made or last asked.
  double Lap() {
    const absl::Duration now = clock_.MonotonicNow();
    const double seconds = absl::ToDoubleSeconds(now - last_);
    last_ = now;
    return seconds;
  }

 private:
  const base::Clock& clock_;
  absl::Duration last_;
};

}  // namespace md2::worker

#endif  // MD2_SERVER_WORKER_STOPWATCH_H_
