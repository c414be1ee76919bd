#include "core/train/vision_pass.h"

#include <ATen/ops/cat.h>

#include "core/train/loss_pass.h"

namespace md2::train {

VisionPass::VisionPass(const model::VisionTower& vision, absl::Span<const Example> examples,
                       const Gradients& gradients)
    : vision_(vision), examples_(examples) {
  if (examples[0].crops == nullptr) {
    for (const Example& example : examples) features_.push_back(example.features);
    return;
  }
  std::vector<at::Tensor> patches;
  for (const Example& example : examples) patches.push_back(vision.Patches(*example.crops));
  const at::Tensor maps =
      vision.Encode(at::cat(patches, 0), nullptr, gradients.trains_tower ? &encoded_ : nullptr);
  int64_t crop = 0;
  for (const Example& example : examples) {
    const image::Crops& crops = *example.crops;
    model::ProjectTape* tape = gradients.trains_projector ? &projected_.emplace_back() : nullptr;
    features_.push_back(
        vision.Project(maps.narrow(0, crop, crops.count), crops.rows, crops.cols, tape));
    crop += crops.count;
  }
}

void VisionPass::Backward(absl::Span<const at::Tensor> d, const Gradients& gradients) {
  if (projected_.empty()) return;
  std::vector<at::Tensor> d_maps;
  for (size_t i = 0; i < d.size(); ++i) {
    d_maps.push_back(vision_.ProjectBackward(projected_[i], d[i], gradients.vision));
  }
  if (gradients.trains_tower) {
    vision_.EncodeBackward(encoded_, at::cat(d_maps, 0), gradients.vision);
  }
}

}  // namespace md2::train
