#include "core/model/vision.h"

#include <ATen/ops/cat.h>
#include <ATen/ops/from_blob.h>

#include "absl/strings/str_cat.h"
#include "core/model/attention.h"
#include "core/model/weight_table.h"

namespace md2::model {

VisionTower::VisionTower(const Sizes& sizes, const Weights& weights) : sizes_(sizes.vision) {
  const std::string vision = names::kVision;
  patch_embed_ = LinearWeights::Find(weights, vision + "patch_embed.linear");
  pos_embed_ = weights.Get(vision + "pos_embed");
  options_ = pos_embed_.options();
  for (int64_t i = 0; i < sizes_.depth; ++i) {
    const std::string block = absl::StrCat(vision, "blocks.", i, ".");
    blocks_.push_back({NormWeights::Find(weights, block + "norm1", sizes_.eps),
                       LinearWeights::Find(weights, block + "attn.qkv"),
                       LinearWeights::Find(weights, block + "attn.proj"),
                       NormWeights::Find(weights, block + "norm2", sizes_.eps),
                       MlpWeights::Find(weights, block + "mlp.")});
  }
  norm_ = NormWeights::Find(weights, vision + "norm", sizes_.eps);
  projection_ = MlpWeights::Find(weights, names::kProjector);
}

at::Tensor VisionTower::Patches(const image::Crops& crops) const {
  const int64_t n = crops.count, g = sizes_.grid(), p = sizes_.patch;
  const at::Tensor pixels =
      at::from_blob(const_cast<float*>(crops.pixels.data()), {n, image::kChannels, g, p, g, p});
  return pixels.permute({0, 2, 4, 1, 3, 5})
      .reshape({n * sizes_.patches(), sizes_.patch_values()})
      .to(options_);
}

at::Tensor VisionTower::SelfAttention(const at::Tensor& qkv) const {
  const int64_t patches = sizes_.patches(), crops = qkv.size(0) / patches;
  const int64_t heads = sizes_.heads, width = sizes_.head_dim();
  // [3, H, N * P, E], views.
  const at::Tensor parts = qkv.view({qkv.size(0), 3, heads, width}).permute({1, 2, 0, 3});
  std::vector<at::Tensor> out;
  for (int64_t n = 0; n < crops; ++n) {
    const at::Tensor crop = parts.narrow(2, n * patches, patches);
    out.push_back(Attend(crop[0], {}, {crop[1], crop[2]}, Mask::kNone));
  }
  return crops == 1 ? out[0] : at::cat(out, 0);
}

at::Tensor VisionTower::RunBlock(const Block& block, const at::Tensor& x) const {
  const at::Tensor attended = SelfAttention(Linear(block.qkv, LayerNorm(block.norm1, x)));
  const at::Tensor y = Linear(block.proj, attended).add_(x);
  return Mlp(block.mlp, LayerNorm(block.norm2, y)).add_(y);
}

at::Tensor VisionTower::Encode(const at::Tensor& patches, const BlockTap& tap) const {
  const int64_t crops = patches.size(0) / sizes_.patches();
  at::Tensor x = Linear(patch_embed_, patches);  // [N * P, V]
  x.view({crops, sizes_.patches(), sizes_.dim}).add_(pos_embed_);
  for (size_t i = 0; i < blocks_.size(); ++i) {
    x = RunBlock(blocks_[i], x);
    if (tap) tap(static_cast<int64_t>(i), x);
  }
  return LayerNorm(norm_, x).view({crops, sizes_.patches(), sizes_.dim});
}

at::Tensor VisionTower::LocalMap(const at::Tensor& tiles, int64_t rows, int64_t cols) const {
  const int64_t g = sizes_.grid(), v = sizes_.dim;
  return tiles.reshape({rows, cols, g, g, v})
      .permute({0, 2, 1, 3, 4})
      .reshape({g, rows, g, cols, v})
      .mean(at::IntArrayRef({1, 3}))
      .reshape({g * g, v});
}

at::Tensor VisionTower::Project(const at::Tensor& maps, int rows, int cols) const {
  const at::Tensor whole = maps[0];
  const at::Tensor local =
      rows == 0 ? whole : LocalMap(maps.narrow(0, 1, int64_t{rows} * cols), rows, cols);
  return Mlp(projection_, at::cat({whole, local}, 1));
}

}  // namespace md2::model
