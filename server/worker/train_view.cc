#include "server/worker/train_view.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "core/base/error.h"
#include "core/base/quoted.h"
#include "core/train/report_json.h"
#include "server/worker/answer_stream.h"
#include "server/worker/fields.h"

namespace md2::worker {
namespace {

constexpr absl::Duration kStep = absl::Milliseconds(100);
constexpr char kClearLine[] = "\r\033[K";
// A terminal cuts the line between them off at its edge.
constexpr char kNoWrap[] = "\033[?7l";
constexpr char kWrap[] = "\033[?7h";
constexpr int64_t kBarColumns = 10;
constexpr double kRecent = 0.9;  // what the earlier updates still count for after one more

std::string Bar(int64_t done, int64_t total) {
  const int64_t columns = std::clamp<int64_t>(kBarColumns * done / total, 0, kBarColumns);
  return absl::StrCat("[", std::string(static_cast<size_t>(columns), '#'),
                      std::string(static_cast<size_t>(kBarColumns - columns), '-'), "] ");
}

// "[####----] 5/10", or "5" when the total is not known.
std::string Count(int64_t done, int64_t total) {
  if (total <= 0) return absl::StrCat(done);
  return absl::StrCat(Bar(done, total), done, "/", total);
}

std::string ShownSeconds(absl::Duration duration) {
  return absl::FormatDuration(absl::Trunc(duration, absl::Seconds(1)));
}

double SecondsOf(const train::UpdateReport& report) {
  const train::SecondsByPhase& s = report.seconds;
  return s.data + s.vision + s.forward_backward + s.update;
}

// ", exact match 85.0 % (79.4 to 89.3, n 200)"; nothing when it was not measured.
std::string Metric(absl::string_view name, const std::optional<train::Estimate>& estimate) {
  if (!estimate.has_value() || estimate->n == 0) return "";
  return absl::StrFormat(", %s %.1f %% (%.1f to %.1f, n %d)", name, 100 * estimate->value,
                         100 * estimate->low, 100 * estimate->high, estimate->n);
}

std::string Shown(absl::string_view text) { return base::Quoted(WithoutControls(text)); }

std::string AfterUpdate(int64_t update) {
  return update == 0 ? "before training" : absl::StrCat("after update ", update);
}

}  // namespace

TrainView::~TrainView() { ClearLive(); }

void TrainView::OnPhase(const train::PhaseReport& report) {
  if (report.phase == train::Phase::kTrain) {
    total_updates_ = report.total;
    Begin(report.done);
    if (!live_.empty()) return;  // the update's own line says more
  }
  const bool is_end = report.total > 0 && report.done == report.total;
  const std::string count =
      report.total == 0 && report.done == 0 ? "..." : Count(report.done, report.total);
  ShowLive(absl::StrCat(train::PhaseName(report.phase), " ", count), is_end || report.done == 0);
}

void TrainView::Begin(int64_t updates_done) {
  if (is_begun_) return;
  is_begun_ = true;
  first_update_ = updates_done;
  begun_at_ = clock_.MonotonicNow();
  live_.clear();
}

void TrainView::CountImages(const train::UpdateReport& report) {
  recent_images_ = kRecent * recent_images_ + static_cast<double>(report.images);
  recent_seconds_ = kRecent * recent_seconds_ + SecondsOf(report);
}

std::string TrainView::TimeLeft(int64_t update) const {
  const int64_t made = update - first_update_;
  if (total_updates_ == 0 || made < 1) return "";
  const absl::Duration each = (clock_.MonotonicNow() - begun_at_) / made;
  return absl::StrCat("  ", ShownSeconds(each * std::max<int64_t>(0, total_updates_ - update)),
                      " left");
}

void TrainView::OnUpdate(const train::UpdateReport& report) {
  Begin(report.update - 1);
  CountImages(report);
  std::string live =
      absl::StrCat(Count(report.update, total_updates_), TimeLeft(report.update),
                   absl::StrFormat("  loss %.4f  acc %.1f %%  lr %.3g", report.loss,
                                   100 * report.token_accuracy, report.learning_rate));
  if (recent_seconds_ > 0) {
    absl::StrAppendFormat(&live, "  %.1f img/s", recent_images_ / recent_seconds_);
  }
  ShowLive(std::move(live), report.update == total_updates_);
}

void TrainView::OnEvaluation(const train::EvaluationReport& report) {
  std::string lines =
      absl::StrCat("evaluation ", AfterUpdate(report.update),
                   absl::StrFormat(": loss %.4f, token accuracy %.1f %%", report.loss,
                                   100 * report.token_accuracy),
                   Metric("exact match", report.exact_match), Metric("ANLS", report.anls),
                   Metric("characters", report.char_accuracy), "\n");
  for (const train::AnswerSample& sample : report.samples) {
    absl::StrAppend(&lines, "  row ", sample.row, ": ", Shown(sample.question), " answered ",
                    Shown(sample.answer), ", reference ", Shown(sample.reference), "\n");
  }
  Print(lines);
}

void TrainView::OnCheckpoint(const train::CheckpointReport& report) {
  Print(absl::StrFormat("checkpoint after update %d%s: %s, %s, %.1f s\n", report.update,
                        report.is_best ? ", the best so far" : "", WithoutControls(report.path),
                        ShownBytes(static_cast<uint64_t>(std::max<int64_t>(0, report.bytes))),
                        report.seconds));
}

void TrainView::OnFinding(const train::Finding& finding) {
  Print(absl::StrCat(finding.is_error ? "error" : "warning",
                     finding.row > 0
                         ? absl::StrCat(" in ", finding.is_val ? "val " : "", "row ", finding.row)
                         : "",
                     finding.field.empty() ? "" : absl::StrCat(", ", finding.field), ": ",
                     WithoutControls(finding.message), "\n"));
}

void TrainView::OnWarning(const train::Warning& warning) {
  Print(absl::StrCat("warning in update ", warning.update, ": ", WithoutControls(warning.message),
                     "\n"));
}

void TrainView::OnFinished(const train::FinishReport& report) {
  ClearLive();
  live_.clear();
  std::string line =
      absl::StrCat(report.result.ok() ? "finished" : "stopped", " after ", report.updates,
                   " updates and ", ShownSeconds(absl::Seconds(report.seconds)));
  if (report.best_update.has_value())
    absl::StrAppend(&line, ", best ", AfterUpdate(*report.best_update));
  if (!report.model_path.empty()) {
    absl::StrAppend(&line, ", model in ", WithoutControls(report.model_path));
  }
  // Why it stopped is the command's own error.
  if (!report.result.ok()) {
    absl::StrAppend(&line, ": ", base::ReasonName(base::ReasonOf(report.result)));
  }
  Print(absl::StrCat(line, "\n"));
}

void TrainView::ShowLive(std::string live, bool always) {
  live_ = std::move(live);
  const absl::Duration now = clock_.MonotonicNow();
  if (!always && now - shown_at_ < kStep) return;
  shown_at_ = now;
  ClearLive();
  WriteLive();
}

void TrainView::WriteLive() {
  out_ << kNoWrap << live_ << kWrap << std::flush;
  is_live_ = true;
}

void TrainView::Print(absl::string_view lines) {
  ClearLive();
  out_ << lines << std::flush;
  if (!live_.empty()) WriteLive();
}

void TrainView::ClearLive() {
  if (is_live_) out_ << kClearLine << std::flush;
  is_live_ = false;
}

}  // namespace md2::worker
