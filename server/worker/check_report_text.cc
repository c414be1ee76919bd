#include "server/worker/check_report_text.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "core/train/config_json.h"
#include "server/worker/answer_stream.h"
#include "server/worker/fields.h"

namespace md2::worker {
namespace {

using base::Json;
using data::Finding;

constexpr char kMethod[] =
    "seconds: products of matrices of the sizes, times 1.3, at the rate of a product measured on "
    "this machine; memory and disk: formulas of sizes and hyperparameters";

const char* PartName(const Finding& finding) {
  return finding.part == data::DataPart::kTrain ? "train" : "val";
}

Json FindingsJson(const std::vector<Finding>& findings, bool errors) {
  Json list = Json::array();
  for (const Finding& finding : findings) {
    if (finding.is_error != errors) continue;
    list.push_back({{"data", PartName(finding)},
                    {"row", finding.row},
                    {"field", finding.field},
                    {"message", finding.message}});
  }
  return list;
}

Json TokensJson(const data::TokenCounts& tokens) {
  Json histogram = Json::array();
  for (const auto& bucket : tokens.histogram) {
    histogram.push_back({{"up_to", bucket.up_to}, {"rows", bucket.rows}});
  }
  return {{"total", tokens.total},
          {"answers", tokens.answer_total},
          {"longest", tokens.longest},
          {"longest_prompt", tokens.longest_prompt},
          {"longest_answer", tokens.longest_answer},
          {"histogram", histogram}};
}

Json NeedsJson(const MethodNeeds& needs, uint64_t available_bytes) {
  return {{"peak_bytes", needs.peak_bytes},
          {"fits", available_bytes == 0 ? Json() : Json(needs.fits)}};
}

Json DiskNeedJson(const train::DiskNeed& need) {
  const bool is_known = need.free_bytes.has_value();
  return {{"bytes", need.bytes},
          {"free_bytes", is_known ? Json(*need.free_bytes) : Json()},
          {"fits", is_known ? Json(need.fits()) : Json()}};
}

Json KnownOrNull(double value) { return value > 0 ? Json(value) : Json(); }

Json PredictionJson(const Prediction& p) {
  const train::MemoryPlan& m = p.plan.memory;
  return {
      {"seconds", KnownOrNull(p.seconds)},
      {"peak_bytes", m.total()},
      {"disk_bytes", p.disk.total()},
      {"memory",
       {{"weights", m.weights},
        {"masters", m.masters},
        {"gradients", m.gradients},
        {"moments", m.moments},
        {"activations", m.activations},
        {"logits", m.logits},
        {"features", m.features},
        {"process", m.process},
        {"copy", m.copy}}},
      {"disk",
       {{"checkpoints", p.disk.checkpoints},
        {"model", p.disk.exported},
        {"features", p.disk.features},
        {"beside", p.disk.beside},
        {"output_dir", DiskNeedJson(p.room.output)},
        {"feature_dir", p.room.features.has_value() ? DiskNeedJson(*p.room.features) : Json()}}},
      {"full", NeedsJson(p.full, p.available_bytes)},
      {"lora", NeedsJson(p.lora, p.available_bytes)},
      {"available_bytes", p.available_bytes == 0 ? Json() : Json(p.available_bytes)},
      {"fits", p.available_bytes == 0 ? Json() : Json(p.plan.fits)},
      {"products_per_second", KnownOrNull(p.products_per_second)},
      {"method", kMethod}};
}

Json ChosenJson(const std::vector<train::ChosenValue>& chosen) {
  Json list = Json::array();
  for (const train::ChosenValue& value : chosen) {
    list.push_back({{"name", value.name}, {"value", value.value}, {"reason", value.reason}});
  }
  return list;
}

Field Count(const std::string& name, int64_t value) {
  return {.name = name, .value = absl::StrCat(value), .shown = WithThousands(value)};
}

Field Bytes(const std::string& name, uint64_t value) {
  return {.name = name, .value = absl::StrCat(value), .shown = ShownBytes(value)};
}

std::string HistogramText(const data::TokenCounts& tokens) {
  return absl::StrJoin(tokens.histogram, ", ", [](std::string* out, const auto& bucket) {
    absl::StrAppend(out, "up to ", bucket.up_to, ": ", bucket.rows);
  });
}

std::string Verdict(uint64_t needed, bool fits, uint64_t available) {
  return absl::StrCat(ShownBytes(needed), fits ? ", fits into " : ", does not fit into ",
                      ShownBytes(available));
}

Field MemoryOf(const std::string& method, const MethodNeeds& needs, uint64_t available_bytes) {
  const bool is_known = available_bytes > 0;
  return {.name = method,
          .value = is_known ? Verdict(needs.peak_bytes, needs.fits, available_bytes)
                            : ShownBytes(needs.peak_bytes)};
}

Field DiskOf(const std::string& folder, const train::DiskNeed& need) {
  return {.name = absl::StrCat("disk of ", folder),
          .value = need.free_bytes.has_value() ? Verdict(need.bytes, need.fits(), *need.free_bytes)
                                               : ShownBytes(need.bytes)};
}

void AddPrediction(const Prediction& p, std::vector<Field>& fields) {
  if (p.seconds > 0) {
    fields.push_back({.name = "predicted seconds", .value = absl::StrFormat("%.3g", p.seconds)});
  }
  fields.push_back(Bytes("predicted peak memory", p.plan.memory.total()));
  fields.push_back(Bytes("predicted disk", p.disk.total()));
  fields.push_back(DiskOf("output_dir", p.room.output));
  if (p.room.features.has_value()) fields.push_back(DiskOf("feature_dir", *p.room.features));
  fields.push_back(MemoryOf("method full", p.full, p.available_bytes));
  fields.push_back(MemoryOf("method lora", p.lora, p.available_bytes));
  for (const train::ChosenValue& value : p.plan.chosen) {
    fields.push_back(
        {.name = value.name, .value = absl::StrCat(value.value, " (", value.reason, ")")});
  }
  fields.push_back({.name = "prediction", .value = kMethod});
}

std::string FindingText(const Finding& finding, bool is_terminal) {
  const char* const kind = finding.is_error ? "error" : "warning";
  if (!is_terminal) {
    return absl::StrCat(kind, "\t", PartName(finding), "\t", finding.row, "\t", finding.field, "\t",
                        finding.message, "\n");
  }
  const std::string where = finding.row == 0
                                ? "the data"
                                : absl::StrCat(PartName(finding), " row ", finding.row,
                                               finding.field.empty() ? "" : ", ", finding.field);
  return WithoutControls(absl::StrCat(kind, ": ", where, ": ", finding.message, "\n"));
}

}  // namespace

Json CheckReportJson(const CheckOutcome& outcome) {
  const data::CheckReport& report = outcome.report;
  const bool has_plan = outcome.predicted.has_value();
  return {{"rows", report.train.size()},
          {"val_rows", report.val_rows.size()},
          {"train_rows", report.train_rows.size()},
          {"bad_rows", report.num_bad_rows},
          {"errors", FindingsJson(report.findings, true)},
          {"num_errors", report.num_errors},
          {"warnings", FindingsJson(report.findings, false)},
          {"num_warnings", report.num_warnings},
          {"updates", has_plan ? outcome.predicted->plan.updates : 0},
          {"images", report.num_images},
          {"tokens", TokensJson(report.tokens)},
          {"config", has_plan ? train::ConfigToJson(outcome.predicted->plan.config) : Json()},
          {"chosen", has_plan ? ChosenJson(outcome.predicted->plan.chosen) : Json()},
          {"predicted", has_plan ? PredictionJson(*outcome.predicted) : Json()}};
}

std::string CheckReportText(const CheckOutcome& outcome, bool is_terminal) {
  const data::CheckReport& report = outcome.report;
  std::vector<Field> fields = {
      Count("rows", static_cast<int64_t>(report.train.size())),
      Count("train rows", static_cast<int64_t>(report.train_rows.size())),
      Count("val rows", static_cast<int64_t>(report.val_rows.size())),
      Count("bad rows", report.num_bad_rows),
      Count("errors", report.num_errors),
      Count("warnings", report.num_warnings),
      Count("images", report.num_images),
      Count("tokens", report.tokens.total),
      Count("answer tokens", report.tokens.answer_total),
      Count("longest row", report.tokens.longest),
      Count("longest answer", report.tokens.longest_answer),
      {.name = "text tokens a row", .value = HistogramText(report.tokens)},
  };
  if (outcome.predicted.has_value()) {
    fields.push_back(Count("updates", outcome.predicted->plan.updates));
    AddPrediction(*outcome.predicted, fields);
  }
  std::string text = FieldsText(fields, is_terminal);
  for (const Finding& finding : report.findings) text += FindingText(finding, is_terminal);
  return text;
}

}  // namespace md2::worker
