// Defines KvCache, the keys and values of one stretch of a sequence, layer by layer.

#ifndef MD2_CORE_MODEL_KV_CACHE_H_
#define MD2_CORE_MODEL_KV_CACHE_H_

#include <ATen/core/Tensor.h>

#include <vector>

#include "core/model/attention.h"
#include "core/model/sizes.h"

namespace md2::model {

// Keys are kept after their rotation. Room for `capacity` tokens is taken at once: 2 * layers *
// dim values a token. One thread at a time; constant, share freely. LibTorch may throw.
class KvCache {
 public:
  // `options`: dtype and device of the weights.
  KvCache(const TextSizes& sizes, int64_t capacity, const at::TensorOptions& options);

  int64_t length() const { return length_; }  // tokens
  int64_t capacity() const { return capacity_; }
  int64_t num_bytes() const;

  // Copies k and v [H, T, E] behind the tokens that are there; length() stays until Advance.
  // REQUIRES: length() + T <= capacity().
  void Append(int64_t layer, const KeyValues& kv);
  // Every layer got `tokens` more.
  void Advance(int64_t tokens) { length_ += tokens; }

  // Views of the first `length` tokens, [H, length, E].
  KeyValues Get(int64_t layer, int64_t length) const;

 private:
  int64_t capacity_;
  int64_t length_ = 0;
  std::vector<KeyValues> layers_;  // [H, capacity, E]
};

}  // namespace md2::model

#endif  // MD2_CORE_MODEL_KV_CACHE_H_
