// Defines VisionTower: crops of an image to the embeddings that the text model reads, and the way
// back.
//
// Legend: N crops, P patches of a crop, V width of the tower, D width of the text model, S pixels
// on each side of a crop, p pixels on each side of a patch.

#ifndef MD2_CORE_MODEL_VISION_H_
#define MD2_CORE_MODEL_VISION_H_

#include <ATen/core/Tensor.h>

#include <functional>

#include "core/image/tiles.h"
#include "core/model/sizes.h"
#include "core/model/vision_layers.h"
#include "core/model/weights.h"

namespace md2::model {

// Sees what a block gave, by its number from 0: for comparing layer by layer.
using BlockTap = std::function<void(int64_t block, const at::Tensor& rows)>;

// Immutable, share freely. No gradient. LibTorch may throw.
class VisionTower {
 public:
  VisionTower(const Sizes& sizes, const Weights& weights);

  // [N * P, 3 p p]: each patch as (channel, y, x), patches in raster order, crop after crop.
  // REQUIRES: crops.side is the model's.
  at::Tensor Patches(const image::Crops& crops) const;

  // Patches -> [N, P, V], after the last norm. `tap` sees [N * P, V]. Fills `tape` if there is one.
  at::Tensor Encode(const at::Tensor& patches, const BlockTap& tap = nullptr,
                    EncodeTape* tape = nullptr) const;

  // Whether a crop's maps are the same to the bit when it is encoded among `num_crops`: true of
  // kernels of ours; LibTorch's products may sum in another order.
  bool EncodesAlike(int64_t num_crops) const;

  // Maps of one image, the whole view first -> [P, D]. rows x cols tiles follow the whole view;
  // both are 0 when there is none. Fills `tape` if there is one.
  at::Tensor Project(const at::Tensor& maps, int rows, int cols, ProjectTape* tape = nullptr) const;

  // The way back. Gradients are fp32 and are added to; what is undefined among them is not trained.
  //   ProjectBackward   d [P, D] -> [1 + rows * cols, P, V]
  //   EncodeBackward    d [N, P, V]; frees the tape's blocks on its way
  at::Tensor ProjectBackward(const ProjectTape& tape, const at::Tensor& d,
                             const VisionLayers& gradients) const;
  void EncodeBackward(EncodeTape& tape, const at::Tensor& d, const VisionLayers& gradients) const;

 private:
  at::Tensor RunBlock(const VisionBlock& block, const at::Tensor& x, VisionBlockTape* tape) const;
  at::Tensor BlockBackward(const VisionBlock& block, const VisionBlockTape& tape,
                           const at::Tensor& dy, const VisionBlock& gradients) const;
  at::Tensor SelfAttention(const at::Tensor& qkv) const;
  // d [N * P, V] of what SelfAttention gave -> [N * P, 3 V].
  at::Tensor SelfAttentionBackward(const at::Tensor& qkv, const at::Tensor& d) const;
  // [rows * cols, P, V] -> [P, V]: the tiles laid out as one map, then averaged down.
  at::Tensor LocalMap(const at::Tensor& tiles, int64_t rows, int64_t cols) const;
  at::Tensor LocalMapBackward(const at::Tensor& d, int64_t rows, int64_t cols) const;

  VisionSizes sizes_;
  at::TensorOptions options_;
  VisionLayers layers_;
};

}  // namespace md2::model

#endif  // MD2_CORE_MODEL_VISION_H_
