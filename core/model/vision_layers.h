// Defines
//   VisionBlock, VisionLayers     the tensors of tower and projector, or their gradients
//   VisionBlockTape, VisionTape   what their way back needs of the way there
//
// Legend: N crops, P patches of a crop, V width of the tower, D width of the text model.

#ifndef MD2_CORE_MODEL_VISION_LAYERS_H_
#define MD2_CORE_MODEL_VISION_LAYERS_H_

#include <ATen/core/Tensor.h>

#include <vector>

#include "core/model/layers.h"
#include "core/model/sizes.h"
#include "core/model/weights.h"

namespace md2::model {

struct VisionBlock {
  NormWeights norm1;
  LinearWeights qkv;
  LinearWeights proj;
  NormWeights norm2;
  MlpWeights mlp;
};

struct VisionLayers {
  LinearWeights patch_embed;
  at::Tensor pos_embed;  // [1, P, V]
  std::vector<VisionBlock> blocks;
  NormWeights norm;
  MlpWeights projection;

  // What `weights` has not is left undefined.
  static VisionLayers Find(const VisionSizes& sizes, const Weights& weights);
};

struct VisionBlockTape {
  NormTape norm1;
  at::Tensor n1;        // [N * P, V], what norm1 gave
  at::Tensor qkv;       // [N * P, 3 V]
  at::Tensor attended;  // [N * P, V]
  NormTape norm2;
  at::Tensor n2;
  MlpTape mlp;
};

// Of the tower: all crops of a pass.
struct EncodeTape {
  at::Tensor patches;  // [N * P, 3 p p]
  std::vector<VisionBlockTape> blocks;
  NormTape norm;
};

// Of the projector: one image.
struct ProjectTape {
  int64_t rows = 0;  // of tiles, as cols
  int64_t cols = 0;
  at::Tensor views;  // [P, 2 V], the whole picture's map beside the tiles'
  MlpTape mlp;
};

}  // namespace md2::model

#endif  // MD2_CORE_MODEL_VISION_LAYERS_H_
