// Defines TextModel: embeddings, blocks and head, and the way back through them.
//
// A pass runs over R rows: spans (core/model/text_pass.h) of any number of sequences, one after
// another, without padding.
// Legend: R rows, W wanted ones, D width, H heads, E width of a head.

#ifndef MD2_CORE_MODEL_TEXT_MODEL_H_
#define MD2_CORE_MODEL_TEXT_MODEL_H_

#include <ATen/core/Tensor.h>

#include "absl/types/span.h"
#include "core/model/kv_cache.h"
#include "core/model/rotary.h"
#include "core/model/sizes.h"
#include "core/model/text_layers.h"
#include "core/model/text_pass.h"
#include "core/model/vision.h"
#include "core/model/weights.h"

namespace md2::model {

// Immutable, share freely; whoever trains the weights runs no pass meanwhile. Takes no part in
// autograd. LibTorch may throw.
class TextModel {
 public:
  TextModel(const Sizes& sizes, const Weights& weights);

  // Ids -> [ids, D]. REQUIRES: each is a row of the vocabulary.
  at::Tensor Embed(absl::Span<const int64_t> ids) const;

  // x [R, D] -> the wanted rows [W, D] in their order, before the norm of the head. Afterwards
  // every span's cache is longer by its rows; after an exception the caches are as long as before.
  // `tap` sees what each block gave: all rows, but of the last block the wanted ones. Fills `tape`
  // as its `kept` says.
  at::Tensor Forward(const at::Tensor& x, absl::Span<const Span> spans,
                     const BlockTap& tap = nullptr, TextTape* tape = nullptr) const;

  // [rows, D] -> [rows, vocab], fp32.
  at::Tensor Logits(const at::Tensor& hidden, TextTape* tape = nullptr) const;

  // The way back, of a pass whose spans have no caches. Gradients are fp32 and are added to; what
  // is undefined among them is not trained.
  //   LogitsBackward   d_logits [rows, vocab], in the dtype of the weights -> [rows, D]
  //   Backward         d_hidden [W, D] -> [R, D]; frees the tape's blocks on its way
  //   EmbedBackward    d [ids, D], what the rows of Embed(ids) got
  at::Tensor LogitsBackward(const TextTape& tape, const at::Tensor& d_logits,
                            const TextLayers& gradients) const;
  at::Tensor Backward(TextTape& tape, absl::Span<const Span> spans, const at::Tensor& d_hidden,
                      const TextLayers& gradients) const;
  void EmbedBackward(absl::Span<const int64_t> ids, const at::Tensor& d,
                     const TextLayers& gradients) const;

  KvCache MakeCache(int64_t capacity) const { return KvCache(sizes_, capacity, options_); }

 private:
  struct Projected {
    at::Tensor q;
    at::Tensor kv;
  };

  // The last block computes keys and values of all rows, everything else of the wanted ones.
  bool Prunes(int64_t layer, const TextPass& pass) const {
    return layer + 1 == sizes_.layers && !pass.wants_all;
  }
  at::Tensor RunBlock(int64_t layer, const at::Tensor& x, const TextPass& pass,
                      const DropoutKey& dropout, TextBlockTape* tape) const;
  Projected ProjectAll(const TextBlock& block, const at::Tensor& n, const TextPass& pass,
                       const DropoutKey& dropout) const;
  Projected ProjectWanted(const TextBlock& block, const at::Tensor& n, const at::Tensor& n_wanted,
                          const TextPass& pass, const DropoutKey& dropout) const;
  at::Tensor AttendSpans(int64_t layer, const Projected& rows, const TextPass& pass) const;

  void Recompute(int64_t layer, const TextPass& pass, const TextTape& tape,
                 TextBlockTape& block) const;
  at::Tensor BlockBackward(int64_t layer, const TextBlockTape& tape, const at::Tensor& dy,
                           const TextPass& pass, const TextBlock& gradients,
                           const DropoutKey& dropout) const;
  // d [rows of q, D] of what attention gave -> gradients before the rotation, into `out`.
  void AttendBackward(const TextBlockTape& tape, const at::Tensor& d, const TextPass& pass,
                      const Projected& out) const;

  TextSizes sizes_;
  at::TensorOptions options_;
  TextLayers layers_;
  RotaryTable rotary_;
};

}  // namespace md2::model

#endif  // MD2_CORE_MODEL_TEXT_MODEL_H_
