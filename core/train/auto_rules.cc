#include "core/train/auto_rules.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "core/train/config_words.h"

namespace md2::train {
namespace {

constexpr double kSmallParameters = 3e6;
constexpr double kPublishedParameters = 1.85e9;
constexpr int64_t kPublishedRows = 128;
constexpr int64_t kSmallRows = 32;
constexpr int64_t kFewestUpdates = 100;
constexpr int64_t kEvaluationsARun = 10;
constexpr double kSaveShare = 0.02;

struct RateLine {
  const char* what;
  double small;      // at kSmallParameters
  double published;  // at kPublishedParameters
};
constexpr RateLine kRandomLine = {"fresh weights", 1e-3, 2e-4};
constexpr RateLine kLoraLine = {"method lora", 2e-3, 1e-4};
constexpr RateLine kFullLine = {"method full", 1e-3, 3e-6};
constexpr RateLine kFullVisionLine = {"method full with vision", 7e-4, 3e-6};

const RateLine& LineOf(const TrainedModel& model) {
  if (model.init == Init::kRandom) return kRandomLine;
  if (model.method == Method::kLora) return kLoraLine;
  return model.train_vision == TrainVision::kNone ? kFullLine : kFullVisionLine;
}

double WithTwoDigits(double value) {
  double rounded = value;
  return absl::SimpleAtod(absl::StrFormat("%.1e", value), &rounded) ? rounded : value;
}

double RateOn(const RateLine& line, int64_t parameters) {
  const double along = std::log(static_cast<double>(parameters) / kSmallParameters) /
                       std::log(kPublishedParameters / kSmallParameters);
  return WithTwoDigits(line.small *
                       std::pow(line.published / line.small, std::clamp(along, 0.0, 1.0)));
}

std::string Millions(int64_t parameters) {
  const auto count = static_cast<double>(parameters);
  return count < 1e9 ? absl::StrFormat("%.3g million parameters", count / 1e6)
                     : absl::StrFormat("%.3g billion parameters", count / 1e9);
}

}  // namespace

AutoChoice<double> AutoLearningRate(const TrainedModel& model) {
  const RateLine& line = LineOf(model);
  return {RateOn(line, model.parameters),
          absl::StrFormat("for %s in %s: from %.0e at 3 million to %.0e at 1.85 billion", line.what,
                          Millions(model.parameters), line.small, line.published)};
}

AutoChoice<double> AutoVisionLearningRate(const TrainedModel& model, double learning_rate) {
  TrainedModel in_full = model;
  in_full.method = Method::kFull;
  const AutoChoice<double> full = AutoLearningRate(in_full);
  if (learning_rate <= full.value) return {learning_rate, "the same as learning_rate"};
  return {full.value, absl::StrCat("vision is trained in full, ", full.reason)};
}

AutoChoice<int64_t> AutoGradAccum(const TrainedModel& model, int64_t rows, int64_t epochs,
                                  int64_t batch_size) {
  const bool is_published_case =
      model.method == Method::kFull && model.parameters >= kLargeModelParameters;
  const int64_t target = is_published_case ? kPublishedRows : kSmallRows;
  // Of so many rows nothing depends on the exact number.
  const double all_rows = static_cast<double>(rows) * static_cast<double>(epochs);
  const auto affordable = static_cast<int64_t>(std::min(all_rows / kFewestUpdates, 1e9));
  const int64_t effective = std::max(std::min(target, affordable), batch_size);
  const int64_t grad_accum = effective / batch_size;
  const std::string cause =
      affordable < target
          ? absl::StrCat("few enough for ", kFewestUpdates, " updates where the rows allow")
          : absl::StrCat("for method ", WordOf(model.method), " in ", Millions(model.parameters));
  return {grad_accum, absl::StrCat(grad_accum * batch_size, " rows an update, ", cause)};
}

AutoChoice<ComputePrecision> AutoPrecision(int64_t parameters, bool device_has_bf16) {
  if (parameters < kLargeModelParameters) {
    return {ComputePrecision::kFp32, "a model below 50 million parameters"};
  }
  if (device_has_bf16) {
    return {ComputePrecision::kBf16, "a model of 50 million parameters or more"};
  }
  return {ComputePrecision::kFp32, "this device does not compute in bf16"};
}

AutoChoice<int64_t> AutoEvalEvery(int64_t num_updates) {
  const int64_t every = (num_updates + kEvaluationsARun - 1) / kEvaluationsARun;
  return {every, absl::StrCat("10 times in ", num_updates, " updates")};
}

AutoChoice<int64_t> AutoSaveEvery(double seconds_per_update, double seconds_per_save,
                                  int64_t num_updates) {
  if (!(seconds_per_update > 0) || !(seconds_per_save > 0)) {
    return {1, "a save costs nothing that was measured"};
  }
  const double fewest = std::ceil(seconds_per_save / (kSaveShare * seconds_per_update));
  const auto most = static_cast<double>(num_updates);
  return {static_cast<int64_t>(std::clamp(fewest, 1.0, most)),
          absl::StrFormat("a save takes %.3g s, an update %.3g s, and saving may take 2 %%",
                          seconds_per_save, seconds_per_update)};
}

AutoChoice<int64_t> AutoMaxNewTokens(int64_t longest_answer_tokens, int64_t max_tokens_left) {
  const int64_t wanted = longest_answer_tokens + longest_answer_tokens / 4 + 8;
  if (wanted > max_tokens_left) {
    return {max_tokens_left, "what the model's positions leave behind the longest prompt"};
  }
  return {wanted, absl::StrCat("the longest reference has ", longest_answer_tokens, " tokens")};
}

}  // namespace md2::train
