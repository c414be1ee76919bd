#include "core/model/text_layers.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/model/weight_table.h"

namespace md2::model {

TextLayers TextLayers::Find(const TextSizes& sizes, const Weights& weights) {
  TextLayers layers;
  layers.embedding = weights.Find(absl::StrCat(names::kText, "transformer.embd.wte.weight"));
  uint64_t number = 0;
  for (int64_t i = 0; i < sizes.layers; ++i) {
    const std::string name = absl::StrCat(names::kTextBlocks, i, ".");
    TextBlock block = {NormWeights::Find(weights, name + "ln", sizes.eps),
                       LinearWeights::Find(weights, name + "mixer.Wqkv"),
                       LinearWeights::Find(weights, name + "mixer.out_proj"),
                       MlpWeights::Find(weights, name + "mlp.")};
    for (LinearWeights* linear : {&block.qkv, &block.out_proj, &block.mlp.fc1, &block.mlp.fc2}) {
      linear->adapter.layer = number++;
    }
    layers.blocks.push_back(block);
  }
  layers.head_norm = NormWeights::Find(weights, absl::StrCat(names::kHead, "ln"), sizes.eps);
  layers.head = LinearWeights::Find(weights, absl::StrCat(names::kHead, "linear"));
  return layers;
}

void TextTape::Keep(TextBlockTape block) {
  if (kept == KeptActivations::kInputs) {
    blocks.emplace_back().x = block.x;
    return;
  }
  if (kept == KeptActivations::kCostly) {
    block.n = at::Tensor();
    block.mlp.gelu = at::Tensor();
  }
  blocks.push_back(std::move(block));
}

}  // namespace md2::model
