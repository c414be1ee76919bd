#include "core/train/report_json.h"

#include <cmath>

#include "absl/base/macros.h"
#include "core/base/error.h"
#include "core/base/json.h"

namespace md2::train {
namespace {

using base::Json;

// In the order of Phase.
constexpr const char* kPhaseNames[] = {"load",     "check", "vision", "train",
                                       "evaluate", "save",  "export", "gate"};
static_assert(ABSL_ARRAYSIZE(kPhaseNames) == static_cast<size_t>(Phase::kGate) + 1,
              "every Phase needs its word");

Json Number(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

Json ToJson(const SecondsByPhase& seconds) {
  return {{"data", Number(seconds.data)},
          {"vision", Number(seconds.vision)},
          {"forward_backward", Number(seconds.forward_backward)},
          {"update", Number(seconds.update)}};
}

Json ToJson(const AnswerSample& sample) {
  return {{"row", sample.row},
          {"question", sample.question},
          {"reference", sample.reference},
          {"answer", sample.answer}};
}

Json ToJson(const absl::Status& status) {
  Json json = {{"ok", status.ok()}};
  if (!status.ok()) {
    json["reason"] = std::string(base::ReasonName(base::ReasonOf(status)));
    json["message"] = std::string(status.message());
  }
  return json;
}

void PutIfMeasured(const char* name, const std::optional<Estimate>& estimate, Json& json) {
  if (estimate.has_value()) json[name] = ReportToJson(*estimate);
}

}  // namespace

absl::string_view PhaseName(Phase phase) { return kPhaseNames[static_cast<size_t>(phase)]; }

Json ReportToJson(const Estimate& estimate) {
  return {{"value", estimate.n == 0 ? Json(nullptr) : Number(estimate.value)},
          {"n", estimate.n},
          {"low", Number(estimate.low)},
          {"high", Number(estimate.high)}};
}

Json ReportToJson(const PhaseReport& report) {
  return {{"phase", std::string(PhaseName(report.phase))},
          {"done", report.done},
          {"total", report.total}};
}

Json ReportToJson(const UpdateReport& report) {
  return {{"update", report.update},
          {"epoch", Number(report.epoch)},
          {"loss", Number(report.loss)},
          {"token_accuracy", Number(report.token_accuracy)},
          {"learning_rate", Number(report.learning_rate)},
          {"grad_norm", Number(report.grad_norm)},
          {"answer_tokens", report.answer_tokens},
          {"images", report.images},
          {"moved_share", Number(report.moved_share)},
          {"seconds", ToJson(report.seconds)},
          {"peak_bytes", report.peak_bytes}};
}

Json ReportToJson(const EvaluationReport& report) {
  Json json = {{"update", report.update},
               {"loss", Number(report.loss)},
               {"token_accuracy", Number(report.token_accuracy)}};
  PutIfMeasured("exact_match", report.exact_match, json);
  PutIfMeasured("anls", report.anls, json);
  PutIfMeasured("char_accuracy", report.char_accuracy, json);
  json["samples"] = Json::array();
  for (const AnswerSample& sample : report.samples) json["samples"].push_back(ToJson(sample));
  return json;
}

Json ReportToJson(const CheckpointReport& report) {
  return {{"update", report.update},
          {"path", report.path},
          {"bytes", report.bytes},
          {"seconds", Number(report.seconds)},
          {"is_best", report.is_best}};
}

Json ReportToJson(const Finding& finding) {
  return {{"is_error", finding.is_error},
          {"data", finding.is_val ? "val" : "train"},
          {"row", finding.row},
          {"field", finding.field},
          {"message", finding.message}};
}

Json ReportToJson(const Warning& warning) {
  return {{"update", warning.update}, {"code", warning.code}, {"message", warning.message}};
}

Json ReportToJson(const FinishReport& report) {
  Json json = {{"result", ToJson(report.result)},
               {"updates", report.updates},
               {"seconds", Number(report.seconds)},
               {"model_path", report.model_path}};
  if (report.best_update.has_value()) json["best_update"] = *report.best_update;
  return json;
}

std::string JsonLine(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string UpdateLine(const UpdateReport& report) { return JsonLine(ReportToJson(report)); }

std::string EvaluationLine(const EvaluationReport& report) {
  return JsonLine(ReportToJson(report));
}

}  // namespace md2::train
