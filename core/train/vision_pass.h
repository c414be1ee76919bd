// Defines VisionPass, the images of one micro-batch on their way to the text model and back;
// internal to core/train/loss_pass.h.

#ifndef MD2_CORE_TRAIN_VISION_PASS_H_
#define MD2_CORE_TRAIN_VISION_PASS_H_

#include <ATen/core/Tensor.h>

#include <vector>

#include "absl/types/span.h"
#include "core/model/vision.h"
#include "core/train/example.h"

namespace md2::train {

struct Gradients;

// One thread at a time. LibTorch may throw.
class VisionPass {
 public:
  // Takes features where an example has them, else reads its crops. Records what `gradients` says
  // is trained. `vision` and `examples` outlive it.
  VisionPass(const model::VisionTower& vision, absl::Span<const Example> examples,
             const Gradients& gradients);

  // [P, D] of each example.
  const std::vector<at::Tensor>& features() const { return features_; }

  // d [P, D] of each example.
  void Backward(absl::Span<const at::Tensor> d, const Gradients& gradients);

 private:
  const model::VisionTower& vision_;
  absl::Span<const Example> examples_;
  std::vector<at::Tensor> features_;
  model::EncodeTape encoded_;
  std::vector<model::ProjectTape> projected_;
};

}  // namespace md2::train

#endif  // MD2_CORE_TRAIN_VISION_PASS_H_
