#include "core/model/vision_layers.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "core/model/weight_table.h"

namespace md2::model {

VisionLayers VisionLayers::Find(const VisionSizes& sizes, const Weights& weights) {
  VisionLayers layers;
  const std::string vision = names::kVision;
  layers.patch_embed = LinearWeights::Find(weights, vision + "patch_embed.linear");
  layers.pos_embed = weights.Find(vision + "pos_embed");
  for (int64_t i = 0; i < sizes.depth; ++i) {
    const std::string block = absl::StrCat(vision, "blocks.", i, ".");
    layers.blocks.push_back({NormWeights::Find(weights, block + "norm1", sizes.eps),
                             LinearWeights::Find(weights, block + "attn.qkv"),
                             LinearWeights::Find(weights, block + "attn.proj"),
                             NormWeights::Find(weights, block + "norm2", sizes.eps),
                             MlpWeights::Find(weights, block + "mlp.")});
  }
  layers.norm = NormWeights::Find(weights, vision + "norm", sizes.eps);
  layers.projection = MlpWeights::Find(weights, names::kProjector);
  return layers;
}

}  // namespace md2::model
