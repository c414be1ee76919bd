// The way back through tower and projector.

#include <ATen/TensorOperators.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/empty.h>

#include <utility>
#include <vector>

#include "core/model/attention_backward.h"
#include "core/model/layer_gradients.h"
#include "core/model/vision.h"

namespace md2::model {

at::Tensor VisionTower::SelfAttentionBackward(const at::Tensor& qkv, const at::Tensor& d) const {
  const int64_t patches = sizes_.patches(), heads = sizes_.heads, width = sizes_.head_dim();
  at::Tensor out = at::empty(qkv.sizes(), qkv.options());
  // [3 or 1, H, N * P, E], views.
  const auto parts = [&](const at::Tensor& x, int64_t count) {
    return x.view({x.size(0), count, heads, width}).permute({1, 2, 0, 3});
  };
  const at::Tensor from = parts(qkv, 3), to = parts(out, 3), grad = parts(d, 1);
  std::vector<AttendedSequence> crops;
  for (int64_t row = 0; row < qkv.size(0); row += patches) {
    const at::Tensor x = from.narrow(2, row, patches), dx = to.narrow(2, row, patches);
    crops.push_back(
        {x[0], x[1], x[2], patches, grad[0].narrow(1, row, patches), dx[0], dx[1], dx[2]});
  }
  AttendBackward(crops);
  return out;
}

at::Tensor VisionTower::BlockBackward(const VisionBlock& block, const VisionBlockTape& tape,
                                      const at::Tensor& dy, const VisionBlock& gradients) const {
  const at::Tensor dn2 = MlpBackward(block.mlp, gradients.mlp, tape.n2, tape.mlp, dy);
  const at::Tensor dz = NormBackward(block.norm2, gradients.norm2, tape.norm2, dn2, dy);
  const at::Tensor d_attended = LinearBackward(block.proj, gradients.proj, tape.attended, dz);
  const at::Tensor d_qkv = SelfAttentionBackward(tape.qkv, d_attended);
  const at::Tensor dn1 = LinearBackward(block.qkv, gradients.qkv, tape.n1, d_qkv);
  return NormBackward(block.norm1, gradients.norm1, tape.norm1, dn1, dz);
}

void VisionTower::EncodeBackward(EncodeTape& tape, const at::Tensor& d,
                                 const VisionLayers& gradients) const {
  at::Tensor dx =
      NormBackward(layers_.norm, gradients.norm, tape.norm, d.reshape({-1, sizes_.dim}));
  for (size_t i = layers_.blocks.size(); i-- > 0;) {
    const VisionBlockTape block = std::move(tape.blocks.back());
    tape.blocks.pop_back();
    dx = BlockBackward(layers_.blocks[i], block, dx, gradients.blocks[i]);
  }
  if (gradients.pos_embed.defined()) {
    gradients.pos_embed.add_(dx.view({-1, sizes_.patches(), sizes_.dim}).sum(0, true, at::kFloat));
  }
  AddLinearGradients(gradients.patch_embed, tape.patches, dx);
}

// Each place of the large map got its share of the mean.
at::Tensor VisionTower::LocalMapBackward(const at::Tensor& d, int64_t rows, int64_t cols) const {
  const int64_t g = sizes_.grid(), v = sizes_.dim;
  return d.div(rows * cols)
      .view({g, 1, g, 1, v})
      .expand({g, rows, g, cols, v})
      .reshape({rows, g, cols, g, v})
      .permute({0, 2, 1, 3, 4})
      .reshape({rows * cols, g * g, v});
}

at::Tensor VisionTower::ProjectBackward(const ProjectTape& tape, const at::Tensor& d,
                                        const VisionLayers& gradients) const {
  const int64_t v = sizes_.dim;
  const at::Tensor dx =
      MlpBackward(layers_.projection, gradients.projection, tape.views, tape.mlp, d);
  const at::Tensor whole = dx.narrow(1, 0, v), local = dx.narrow(1, v, v);
  if (tape.rows == 0) return (whole + local).unsqueeze(0);
  return at::cat({whole.unsqueeze(0), LocalMapBackward(local.contiguous(), tape.rows, tape.cols)},
                 0);
}

}  // namespace md2::model
