// Defines
//   BestTracker   which evaluation was the best, and whether further training is worth it
//   BestState     what it knows, as a checkpoint holds it
//   MetricOf      the chosen number of a report

#ifndef MD2_CORE_TRAIN_BEST_TRACKER_H_
#define MD2_CORE_TRAIN_BEST_TRACKER_H_

#include <cstdint>
#include <optional>

#include "core/train/observer.h"
#include "core/train/train_config.h"

namespace md2::train {

// Nothing when the report lacks the metric: no answers were generated, or none scored. May be NaN.
std::optional<double> MetricOf(BestMetric metric, const EvaluationReport& report);

// The loss: less is better. All others: more.
bool IsBetter(BestMetric metric, double value, double than);

// A plain value.
struct BestState {
  std::optional<int64_t> best_update;  // nothing: no evaluation counted yet
  double best_value = 0;
  double patience_value = 0;  // that the next improvement is measured against
  int64_t stale = 0;          // evaluations since the last improvement

  bool operator==(const BestState&) const = default;
};

struct BestVerdict {
  bool is_best = false;  // of all evaluations so far; of equal ones the first
  bool is_patience_over = false;
};

// What it says depends on the state and the reports alone, so that a run that goes on from a saved
// state decides as an unbroken one. One thread at a time.
class BestTracker {
 public:
  // `patience` evaluations without improvement end the job; 0: none do. An improvement is better
  // than the last improvement by more than `tolerance`, which is not negative: small steps that add
  // up to it are one, steps within it are none, though each may be the best so far.
  BestTracker(BestMetric metric, double tolerance, int64_t patience, BestState state = {})
      : metric_(metric), tolerance_(tolerance), patience_(patience), state_(state) {}

  // An evaluation at update 0 has no checkpoint and one without the metric says nothing: neither
  // changes anything. A value that is not finite is never best nor an improvement, but is counted.
  BestVerdict Observe(const EvaluationReport& report);

  const BestState& state() const { return state_; }

 private:
  BestMetric metric_;
  double tolerance_;
  int64_t patience_;
  BestState state_;
};

}  // namespace md2::train

#endif  // MD2_CORE_TRAIN_BEST_TRACKER_H_
