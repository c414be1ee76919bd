#include "core/train/gate.h"

#include <ATen/ops/aminmax.h>
#include <ATen/ops/isfinite.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "core/base/error.h"
#include "core/base/status_macros.h"
#include "core/model/torch_status.h"
#include "core/text/clean_up.h"

namespace md2::train {
namespace {

using base::Reason;

absl::Status Fail(Reason reason, absl::string_view text) {
  return base::MakeError(absl::StatusCode::kUnknown, reason, text);
}

// Takes no memory of the tensor's size.
bool IsFinite(const at::Tensor& tensor) {
  if (tensor.numel() == 0) return true;
  const auto [low, high] = at::aminmax(tensor);
  return std::isfinite(low.item<double>()) && std::isfinite(high.item<double>());
}

absl::Status FailNotFinite(const StateTensor& weight) {
  const int64_t num_finite = at::isfinite(weight.tensor).sum().item<int64_t>();
  return Fail(
      Reason::kWeightsNotFinite,
      absl::StrCat("expected weights that are numbers, found NaN or infinity in ", weight.name,
                   ": ", weight.tensor.numel() - num_finite, " of ", weight.tensor.numel(),
                   " values; nothing is exported; train with a lower learning_rate"));
}

// The largest difference, relative to the largest trained logit.
double LogitDifference(const at::Tensor& trained, const at::Tensor& exported) {
  const double largest = trained.abs().max().item<double>();
  return trained.sub(exported).abs().max().item<double>() / std::max(largest, 1e-30);
}

absl::Status CheckLogits(const RowAnswer& trained, const RowAnswer& exported, double limit) {
  return model::CatchTorch("comparing logits", [&] {
    const c10::InferenceMode guard;
    const double difference = LogitDifference(trained.first_logits, exported.first_logits);
    if (difference <= limit) return absl::OkStatus();
    return Fail(Reason::kExportDiffers,
                absl::StrFormat("expected the exported model's logits for row %d within %.3g of "
                                "the trained model's largest, found a difference of %.3g; the "
                                "export is not to be used",
                                trained.row + 1, limit, difference));
  });
}

absl::Status CheckSameRows(absl::Span<const RowAnswer> trained,
                           absl::Span<const RowAnswer> exported) {
  const auto is_same = [](const RowAnswer& a, const RowAnswer& b) { return a.row == b.row; };
  if (!trained.empty() &&
      std::equal(trained.begin(), trained.end(), exported.begin(), exported.end(), is_same)) {
    return absl::OkStatus();
  }
  return Fail(Reason::kExportDiffers,
              absl::StrCat("expected answers of the exported model to the same rows, found ",
                           exported.size(), " beside the trained model's ", trained.size()));
}

}  // namespace

absl::Status CheckFiniteWeights(absl::Span<const StateTensor> weights) {
  return model::CatchTorch("looking for NaN in weights", [&] {
    const c10::InferenceMode guard;
    for (const StateTensor& weight : weights) {
      if (!IsFinite(weight.tensor)) return FailNotFinite(weight);
    }
    return absl::OkStatus();
  });
}

absl::Status CheckLossBelowChance(double loss, int64_t vocab) {
  const double chance = std::log(static_cast<double>(vocab));
  if (loss < chance) return absl::OkStatus();
  return Fail(Reason::kLossTooHigh,
              absl::StrFormat("expected a loss below %.4f, which guessing among %d ids has, found "
                              "%.4f; look at the data and the learning_rate, or train longer",
                              chance, vocab, loss));
}

absl::Status CheckAnswered(absl::Span<const RowAnswer> answers) {
  for (const RowAnswer& answer : answers) {
    if (!text::StripWhiteSpace(answer.text).empty()) return absl::OkStatus();
  }
  return Fail(Reason::kAnswersEmpty,
              absl::StrCat("expected a text in one answer at least, found ", answers.size(),
                           " answers, all empty; look at the data and the learning_rate"));
}

absl::Status CheckSameAnswers(absl::Span<const RowAnswer> trained,
                              absl::Span<const RowAnswer> exported,
                              const SameAnswersLimits& limits) {
  MD2_RETURN_IF_ERROR(CheckSameRows(trained, exported));
  int64_t num_different = 0;
  int64_t first_row = 0;
  for (size_t i = 0; i < trained.size(); ++i) {
    MD2_RETURN_IF_ERROR(CheckLogits(trained[i], exported[i], limits.max_logit_difference));
    if (trained[i].ids == exported[i].ids) continue;
    if (num_different++ == 0) first_row = trained[i].row + 1;
  }
  if (num_different <= limits.max_different_answers) return absl::OkStatus();
  return Fail(Reason::kExportDiffers,
              absl::StrCat("expected at most ", limits.max_different_answers,
                           " answers of the exported model with other ids than the trained one's, "
                           "found ",
                           num_different, " of ", trained.size(), ", row ", first_row,
                           " the first; the export is not to be used"));
}

}  // namespace md2::train
