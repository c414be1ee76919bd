// Defines the index of a model that is split into shards.
//   ShardIndex         which shard holds which tensor
//   ParseShardIndex    model.safetensors.index.json, strict
//   CompareWithIndex   whether shards hold what the index says

#ifndef MD2_CORE_MODEL_SHARD_INDEX_H_
#define MD2_CORE_MODEL_SHARD_INDEX_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/base/error.h"
#include "core/model/safetensors_header.h"

namespace md2::model {

inline constexpr size_t kMaxIndexBytes = size_t{16} << 20;
inline constexpr size_t kMaxShards = 1024;

struct ShardIndex {
  std::vector<std::string> shards;                   // file names, sorted, each once
  std::map<std::string, std::string> shard_of_name;  // by tensor
};

// MODEL_WEIGHTS_INVALID names every problem: no `weight_map`, an entry that is no string, a shard
// that is no plain name of a file ("..", one with "/"), more than kMaxShards; malformed JSON too.
absl::StatusOr<ShardIndex> ParseShardIndex(absl::string_view text, absl::string_view what);

// Adds a problem for every tensor that the index places in a shard that does not hold it, and every
// one that it does not name. `opened` has the shards that could be read, by
// TensorEntry::file_index.
void CompareWithIndex(const ShardIndex& index, const std::vector<TensorEntry>& entries,
                      const std::vector<std::string>& opened, base::ErrorList& problems);

}  // namespace md2::model

#endif  // MD2_CORE_MODEL_SHARD_INDEX_H_
