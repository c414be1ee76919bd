// Defines the one list of a model's tensors.
//   WeightSpec, WeightTable   names and shapes, made from the sizes
//   CountParameters           of a table
//   names::                   prefixes that layers and loaders share

#ifndef MD2_CORE_MODEL_WEIGHT_TABLE_H_
#define MD2_CORE_MODEL_WEIGHT_TABLE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "core/model/sizes.h"

namespace md2::model {

namespace names {
inline constexpr char kVision[] = "vision_encoder.encoder.model.visual.";
inline constexpr char kProjector[] = "vision_encoder.projection.mlp.";
inline constexpr char kText[] = "text_model.";
inline constexpr char kTextBlocks[] = "text_model.transformer.h.";
inline constexpr char kHead[] = "text_model.lm_head.";
inline constexpr char kRegion[] = "region_model.";  // not part of answering; never loaded
}  // namespace names

struct WeightSpec {
  std::string name;
  std::vector<int64_t> shape;
};

// Every tensor of a checkpoint in file order, by the names of 2024: 578 for the real sizes.
// REQUIRES: ValidateSizes(sizes) is OK.
std::vector<WeightSpec> WeightTable(const Sizes& sizes);

int64_t CountElements(const WeightSpec& spec);
int64_t CountParameters(const std::vector<WeightSpec>& table);

}  // namespace md2::model

#endif  // MD2_CORE_MODEL_WEIGHT_TABLE_H_
