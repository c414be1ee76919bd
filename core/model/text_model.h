// Defines
//   Span        some rows of one sequence within a pass
//   TextModel   embeddings, blocks and head
//
// A pass runs over R rows: spans of any number of sequences, one after another, without padding.
// Legend: R rows, D width, H heads, E width of a head.

#ifndef MD2_CORE_MODEL_TEXT_MODEL_H_
#define MD2_CORE_MODEL_TEXT_MODEL_H_

#include <ATen/core/Tensor.h>

#include <vector>

#include "absl/types/span.h"
#include "core/model/attention.h"
#include "core/model/kv_cache.h"
#include "core/model/layers.h"
#include "core/model/rotary.h"
#include "core/model/sizes.h"
#include "core/model/vision.h"
#include "core/model/weights.h"

namespace md2::model {

// Its rows see the keys of `past`, what `cache` holds already, and each other under `mask`. `past`
// is full: as long as its capacity, or filled by an earlier span of the same pass, so that an image
// is read once for all questions about it.
struct Span {
  int64_t num_rows = 0;  // at least 1
  int64_t position = 0;  // of the first row in its sequence
  Mask mask = Mask::kCausal;
  // How many of its last rows the caller wants to see; the others are not computed where only they
  // themselves would be the result.
  int64_t num_wanted = 0;
  const KvCache* past = nullptr;  // may be null
  KvCache* cache = nullptr;       // gets the rows' keys and values; never null
};

// Immutable, share freely. No gradient. LibTorch may throw.
class TextModel {
 public:
  TextModel(const Sizes& sizes, const Weights& weights);

  // Ids -> [ids, D]. REQUIRES: each is a row of the vocabulary.
  at::Tensor Embed(absl::Span<const int64_t> ids) const;

  // x [R, D] -> the wanted rows [sum of num_wanted, D] in their order, before the norm of the head.
  // Afterwards every span's cache is longer by its rows. After an exception the caches are as long
  // as before. `tap` sees what each block gave: all rows, but of the last block the wanted ones.
  at::Tensor Forward(const at::Tensor& x, absl::Span<const Span> spans,
                     const BlockTap& tap = nullptr) const;

  // [rows, D] -> [rows, vocab], fp32.
  at::Tensor Logits(const at::Tensor& hidden) const;

  KvCache MakeCache(int64_t capacity) const { return KvCache(sizes_, capacity, options_); }

 private:
  struct Block {
    NormWeights norm;
    LinearWeights qkv;
    LinearWeights out_proj;
    MlpWeights mlp;
  };
  struct Pass;

  at::Tensor RunBlock(int64_t layer, const at::Tensor& x, const Pass& pass) const;
  at::Tensor RunLastBlock(const at::Tensor& x, const Pass& pass) const;
  at::Tensor AttendSpans(int64_t layer, const at::Tensor& q, const at::Tensor& kv, const Pass& pass,
                         bool wanted_only) const;

  TextSizes sizes_;
  at::TensorOptions options_;
  at::Tensor embedding_;  // [vocab, D]
  std::vector<Block> blocks_;
  NormWeights head_norm_;
  LinearWeights head_;
  RotaryTable rotary_;
};

}  // namespace md2::model

#endif  // MD2_CORE_MODEL_TEXT_MODEL_H_
