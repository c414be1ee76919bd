#include "core/train/work_plan.h"

#include <algorithm>

namespace md2::train {
namespace {

using model::Sizes;

double Number(int64_t value) { return static_cast<double>(value); }

// Of one token in all blocks, attention left out.
double BlockOperations(int64_t layers, int64_t dim, int64_t mlp_dim) {
  return 2 * Number(layers) * (4 * Number(dim) * Number(dim) + 2 * Number(dim) * Number(mlp_dim));
}

// Forward, of all blocks of the text model for `tokens` in `rows`.
double TextOperations(const Sizes& sizes, double tokens, double rows) {
  const double length = tokens / std::max(rows, 1.0);
  const double attention = 2 * Number(sizes.text.layers) * Number(sizes.text.dim) * length;
  return tokens *
         (BlockOperations(sizes.text.layers, sizes.text.dim, sizes.text.mlp_dim) + attention);
}

double HeadOperations(const Sizes& sizes, double answer_tokens) {
  return answer_tokens * 2 * Number(sizes.text.dim) * Number(sizes.text.vocab);
}

// Forward, of one image.
double ImageOperations(const Sizes& sizes, double crops) {
  const model::VisionSizes& v = sizes.vision;
  const double patches = Number(v.patches());
  const double of_a_patch = BlockOperations(v.depth, v.dim, v.mlp_dim) +
                            4 * Number(v.depth) * Number(v.dim) * patches +
                            2 * Number(v.dim) * Number(v.patch_values());
  const double projector =
      2 * Number(sizes.projector_dim) * (2 * Number(v.dim) + Number(sizes.text.dim));
  return patches * (crops * of_a_patch + projector);
}

}  // namespace

WorkPlan PlanWork(const Sizes& sizes, const TrainConfig& config, const WorkCounts& counts) {
  const double epochs = Number(config.epochs), rows = Number(counts.rows);
  const double blocks = TextOperations(sizes, Number(counts.tokens), rows);
  const double head = HeadOperations(sizes, Number(counts.answer_tokens));
  const double image = ImageOperations(sizes, counts.crops);
  const bool again = config.activation_checkpointing == ActivationCheckpointing::kFull;
  const double passes = config.method == Method::kFull ? 3 : 2;
  WorkPlan plan;
  plan.training = epochs * ((passes + (again ? 1 : 0)) * blocks + passes * head);
  plan.vision = image * (config.train_vision == TrainVision::kNone ? Number(counts.images)
                                                                   : 3 * epochs * rows);
  const double rows_evaluated = Number(counts.evaluations) * Number(counts.evaluated_rows);
  plan.evaluation = rows_evaluated / std::max(rows, 1.0) * 2 * (blocks + head);
  return plan;
}

double PredictSeconds(const WorkPlan& plan, double products_per_second) {
  if (!(products_per_second > 0)) return 0;
  return kBesideProducts * plan.total() / products_per_second;
}

}  // namespace md2::train
