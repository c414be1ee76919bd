#include "core/model/kv_cache.h"

#include <ATen/ops/empty.h>

namespace md2::model {

KvCache::KvCache(const TextSizes& sizes, int64_t capacity, const at::TensorOptions& options)
    : capacity_(capacity) {
  layers_.reserve(sizes.layers);
  for (int64_t i = 0; i < sizes.layers; ++i) {
    const at::Tensor both = at::empty({2, sizes.heads, capacity, sizes.head_dim()}, options);
    layers_.push_back({both[0], both[1]});
  }
}

int64_t KvCache::num_bytes() const {
  int64_t total = 0;
  for (const KeyValues& layer : layers_) total += 2 * static_cast<int64_t>(layer.k.nbytes());
  return total;
}

void KvCache::Append(int64_t layer, const KeyValues& kv) {
  const int64_t tokens = kv.k.size(1);
  layers_[layer].k.narrow(1, length_, tokens).copy_(kv.k);
  layers_[layer].v.narrow(1, length_, tokens).copy_(kv.v);
}

KeyValues KvCache::Get(int64_t layer, int64_t length) const {
  return {layers_[layer].k.narrow(1, 0, length), layers_[layer].v.narrow(1, 0, length)};
}

}  // namespace md2::model
