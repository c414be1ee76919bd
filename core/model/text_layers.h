// Defines
//   TextBlock, TextLayers   the tensors of the text model, or their gradients, found by name
//   TextBlockTape, TextTape   what its way back needs of the way there
//
// Legend: R rows of a pass, W wanted ones (Span::num_wanted), D width.

#ifndef MD2_CORE_MODEL_TEXT_LAYERS_H_
#define MD2_CORE_MODEL_TEXT_LAYERS_H_

#include <ATen/core/Tensor.h>

#include <vector>

#include "core/model/dropout.h"
#include "core/model/layers.h"
#include "core/model/sizes.h"
#include "core/model/weights.h"

namespace md2::model {

struct TextBlock {
  NormWeights norm;
  LinearWeights qkv;
  LinearWeights out_proj;
  MlpWeights mlp;
};

struct TextLayers {
  at::Tensor embedding;  // [vocab, D]
  std::vector<TextBlock> blocks;
  NormWeights head_norm;
  LinearWeights head;

  // What `weights` has not is left undefined.
  static TextLayers Find(const TextSizes& sizes, const Weights& weights);
};

// Memory against time: what is not kept is computed again on the way back, to the same bit.
enum class KeptActivations {
  kAll,
  kCostly,  // all but norms and GELU
  kInputs,  // of each block alone
};

struct TextBlockTape {
  at::Tensor x;  // [R, D]
  NormTape norm;
  at::Tensor n;         // [R, D], what the norm gave
  at::Tensor q;         // [R, D], after rotation; of the last block [W, D], as all that follows
  at::Tensor kv;        // [R, 2 D], keys after rotation
  at::Tensor attended;  // [R, D]
  MlpTape mlp;
};

struct TextTape {
  KeptActivations kept = KeptActivations::kAll;
  DropoutKey dropout;
  std::vector<TextBlockTape> blocks;
  NormTape head_norm;
  at::Tensor head_input;  // [W, D]

  // The next block's, without what is not kept.
  void Keep(TextBlockTape block);
};

}  // namespace md2::model

#endif  // MD2_CORE_MODEL_TEXT_LAYERS_H_
