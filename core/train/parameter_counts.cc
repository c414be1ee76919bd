#include "core/train/parameter_counts.h"

#include "absl/strings/match.h"
#include "core/model/weight_table.h"

namespace md2::train {

ParameterCounts CountParts(const model::Sizes& sizes) {
  ParameterCounts counts;
  for (const model::WeightSpec& spec : model::WeightTable(sizes)) {
    int64_t& part = absl::StartsWith(spec.name, model::names::kVision)      ? counts.vision
                    : absl::StartsWith(spec.name, model::names::kProjector) ? counts.projector
                                                                            : counts.text;
    part += model::CountElements(spec);
  }
  return counts;
}

TrainedCounts CountTrained(const model::Sizes& sizes, const TrainConfig& config) {
  const ParameterCounts parts = CountParts(sizes);
  TrainedCounts trained;
  if (config.method == Method::kFull) {
    trained.of_model += parts.text;
  } else {
    // A [rank, in] and B [out, rank] of Wqkv, out_proj, fc1 and fc2.
    const int64_t d = sizes.text.dim, m = sizes.text.mlp_dim;
    const int64_t ins_and_outs = (d + 3 * d) + (d + d) + (d + m) + (m + d);
    trained.adapters = sizes.text.layers * config.lora_rank * ins_and_outs;
  }
  if (config.train_vision != TrainVision::kNone) trained.of_model += parts.projector;
  if (config.train_vision == TrainVision::kAll) trained.of_model += parts.vision;
  return trained;
}

}  // namespace md2::train
