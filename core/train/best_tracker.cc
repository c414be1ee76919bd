#include "core/train/best_tracker.h"

#include <cmath>

namespace md2::train {
namespace {

std::optional<double> ValueOf(const std::optional<Estimate>& estimate) {
  if (!estimate.has_value() || estimate->n == 0) return std::nullopt;
  return estimate->value;
}

}  // namespace

std::optional<double> MetricOf(BestMetric metric, const EvaluationReport& report) {
  switch (metric) {
    case BestMetric::kLoss:
      return report.loss;
    case BestMetric::kTokenAccuracy:
      return report.token_accuracy;
    case BestMetric::kExactMatch:
      return ValueOf(report.exact_match);
    case BestMetric::kAnls:
      return ValueOf(report.anls);
    case BestMetric::kCharAccuracy:
      return ValueOf(report.char_accuracy);
  }
  return std::nullopt;
}

bool IsBetter(BestMetric metric, double value, double than) {
  return metric == BestMetric::kLoss ? value < than : value > than;
}

BestVerdict BestTracker::Observe(const EvaluationReport& report) {
  const std::optional<double> value = MetricOf(metric_, report);
  if (report.update == 0 || !value.has_value()) return {};
  BestVerdict verdict;
  if (std::isfinite(*value)) {
    const bool is_first = !state_.best_update.has_value();
    verdict.is_best = is_first || IsBetter(metric_, *value, state_.best_value);
    if (verdict.is_best) {
      state_.best_update = report.update;
      state_.best_value = *value;
    }
    const double gained = metric_ == BestMetric::kLoss ? state_.patience_value - *value
                                                       : *value - state_.patience_value;
    if (is_first || gained > tolerance_) {
      state_.patience_value = *value;
      state_.stale = 0;
      return verdict;
    }
  }
  ++state_.stale;
  verdict.is_patience_over = patience_ > 0 && state_.stale >= patience_;
  return verdict;
}

}  // namespace md2::train
