// Defines VisionTower: crops of an image to the embeddings that the text model reads.
//
// Legend: N crops, P patches of a crop, V width of the tower, D width of the text model, S pixels
// on each side of a crop, p pixels on each side of a patch.

#ifndef MD2_CORE_MODEL_VISION_H_
#define MD2_CORE_MODEL_VISION_H_

#include <ATen/core/Tensor.h>

#include <functional>
#include <vector>

#include "core/image/tiles.h"
#include "core/model/layers.h"
#include "core/model/sizes.h"
#include "core/model/weights.h"

namespace md2::model {

// Sees what a block gave, by its number from 0: for comparing layer by layer.
using BlockTap = std::function<void(int64_t block, const at::Tensor& rows)>;

// Immutable, share freely. No gradient. Results depend on the one image alone. LibTorch may throw.
class VisionTower {
 public:
  VisionTower(const Sizes& sizes, const Weights& weights);

  // [N * P, 3 p p]: each patch as (channel, y, x), patches in raster order, crop after crop.
  // REQUIRES: crops.side is the model's.
  at::Tensor Patches(const image::Crops& crops) const;

  // Patches -> [N, P, V], after the last norm. `tap` sees [N * P, V].
  at::Tensor Encode(const at::Tensor& patches, const BlockTap& tap = nullptr) const;

  // Maps of one image, the whole view first -> [P, D]. rows x cols tiles follow the whole view;
  // both are 0 when there is none.
  at::Tensor Project(const at::Tensor& maps, int rows, int cols) const;

 private:
  struct Block {
    NormWeights norm1;
    LinearWeights qkv;
    LinearWeights proj;
    NormWeights norm2;
    MlpWeights mlp;
  };

  at::Tensor RunBlock(const Block& block, const at::Tensor& x) const;
  at::Tensor SelfAttention(const at::Tensor& qkv) const;
  // [rows * cols, P, V] -> [P, V]: the tiles laid out as one map, then averaged down.
  at::Tensor LocalMap(const at::Tensor& tiles, int64_t rows, int64_t cols) const;

  VisionSizes sizes_;
  at::TensorOptions options_;
  LinearWeights patch_embed_;
  at::Tensor pos_embed_;  // [1, P, V]
  std::vector<Block> blocks_;
  NormWeights norm_;
  MlpWeights projection_;
};

}  // namespace md2::model

#endif  // MD2_CORE_MODEL_VISION_H_
