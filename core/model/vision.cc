#include "core/model/vision.h"

#include <ATen/ops/cat.h>
#include <ATen/ops/from_blob.h>

#include <algorithm>

#include "core/model/attention.h"
#include "core/model/tiled_product.h"

namespace md2::model {

VisionTower::VisionTower(const Sizes& sizes, const Weights& weights)
    : sizes_(sizes.vision), layers_(VisionLayers::Find(sizes.vision, weights)) {
  options_ = layers_.pos_embed.options();
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
  std::vector<Attention> attentions;
  for (int64_t n = 0; n < crops; ++n) {
    const at::Tensor crop = parts.narrow(2, n * patches, patches);
    attentions.push_back({crop[0], {}, {crop[1], crop[2]}, Mask::kNone});
  }
  return Attend(attentions);
}

at::Tensor VisionTower::RunBlock(const VisionBlock& block, const at::Tensor& x,
                                 VisionBlockTape* tape) const {
  VisionBlockTape unused;
  const bool records = tape != nullptr;
  VisionBlockTape& t = records ? *tape : unused;
  t.n1 = LayerNorm(block.norm1, x, records ? &t.norm1 : nullptr);
  t.qkv = Linear(block.qkv, t.n1);
  t.attended = SelfAttention(t.qkv);
  const at::Tensor y = Linear(block.proj, t.attended).add_(x);
  t.n2 = LayerNorm(block.norm2, y, records ? &t.norm2 : nullptr);
  return Mlp(block.mlp, t.n2, {}, records ? &t.mlp : nullptr).add_(y);
}

at::Tensor VisionTower::Encode(const at::Tensor& patches, const BlockTap& tap,
                               EncodeTape* tape) const {
  const int64_t crops = patches.size(0) / sizes_.patches();
  if (tape != nullptr) tape->patches = patches;
  at::Tensor x = Linear(layers_.patch_embed, patches);  // [N * P, V]
  x.view({crops, sizes_.patches(), sizes_.dim}).add_(layers_.pos_embed);
  for (size_t i = 0; i < layers_.blocks.size(); ++i) {
    x = RunBlock(layers_.blocks[i], x, tape == nullptr ? nullptr : &tape->blocks.emplace_back());
    if (tap) tap(static_cast<int64_t>(i), x);
  }
  return LayerNorm(layers_.norm, x, tape == nullptr ? nullptr : &tape->norm)
      .view({crops, sizes_.patches(), sizes_.dim});
}

bool VisionTower::EncodesAlike(int64_t num_crops) const {
  const auto is_ours = [&](const LinearWeights& w) {
    return TiledProductTakes(num_crops * sizes_.patches(), w.weight);
  };
  const auto all_ours = [&](const VisionBlock& b) {
    return is_ours(b.qkv) && is_ours(b.proj) && is_ours(b.mlp.fc1) && is_ours(b.mlp.fc2);
  };
  return is_ours(layers_.patch_embed) &&
         std::all_of(layers_.blocks.begin(), layers_.blocks.end(), all_ours);
}

at::Tensor VisionTower::LocalMap(const at::Tensor& tiles, int64_t rows, int64_t cols) const {
  const int64_t g = sizes_.grid(), v = sizes_.dim;
  return tiles.reshape({rows, cols, g, g, v})
      .permute({0, 2, 1, 3, 4})
      .reshape({g, rows, g, cols, v})
      .mean(at::IntArrayRef({1, 3}))
      .reshape({g * g, v});
}

at::Tensor VisionTower::Project(const at::Tensor& maps, int rows, int cols,
                                ProjectTape* tape) const {
  const at::Tensor whole = maps[0];
  const at::Tensor local =
      rows == 0 ? whole : LocalMap(maps.narrow(0, 1, int64_t{rows} * cols), rows, cols);
  const at::Tensor views = at::cat({whole, local}, 1);
  if (tape == nullptr) return Mlp(layers_.projection, views);
  *tape = {rows, cols, views, {}};
  return Mlp(layers_.projection, views, {}, &tape->mlp);
}

}  // namespace md2::model
