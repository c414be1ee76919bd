// Defines a pass of the whole model over a micro-batch:
//   PassOptions
//   ComputeLoss             there
//   AccumulateGradients     there and back
//
// Legend: R rows of all sequences, W rows whose next id is trained, P patches, D width.

#ifndef MD2_CORE_TRAIN_LOSS_PASS_H_
#define MD2_CORE_TRAIN_LOSS_PASS_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "core/model/dropout.h"
#include "core/model/moondream.h"
#include "core/model/text_layers.h"
#include "core/model/vision_layers.h"
#include "core/train/example.h"
#include "core/train/loss.h"

namespace md2::train {

struct PassOptions {
  model::AttentionKind attention = model::AttentionKind::kCausal;
  model::KeptActivations kept = model::KeptActivations::kAll;
  model::DropoutKey dropout;  // of adapters
  // What the loss sum is multiplied with before its gradient is taken: 1 / tokens of the update,
  // and the loss scale.
  double factor = 1;
};

// Gradients of the trained tensors, fp32, in the order of the model; what is undefined is not
// trained.
struct Gradients {
  model::TextLayers text;
  model::VisionLayers vision;
  bool trains_projector = false;
  bool trains_tower = false;
};

// The answers' ids and end ids are what is trained, nothing else; logits are computed there only.
// Sequences are packed without padding and do not see each other: a row's loss does not depend on
// what is beside it, up to the rounding of products. OUT_OF_MEMORY or INTERNAL. REQUIRES: examples
// is not empty; each fits the context.
absl::StatusOr<LossSums> ComputeLoss(const model::Moondream& model,
                                     absl::Span<const Example> examples,
                                     model::AttentionKind attention);

// Besides, adds the gradient of factor * loss to `gradients`; after an error they are undefined.
absl::StatusOr<LossSums> AccumulateGradients(const model::Moondream& model,
                                             absl::Span<const Example> examples,
                                             const PassOptions& options,
                                             const Gradients& gradients);

}  // namespace md2::train

#endif  // MD2_CORE_TRAIN_LOSS_PASS_H_
