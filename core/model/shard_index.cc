#include "core/model/shard_index.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "core/base/json.h"
#include "core/base/quoted.h"
#include "core/base/status_macros.h"

namespace md2::model {
namespace {

using base::Json;
using base::Quoted;

constexpr char kMapKey[] = "weight_map";

bool IsPlainFileName(absl::string_view name) {
  return !name.empty() && name != "." && name != ".." &&
         name.find_first_of(absl::string_view("/\\\0", 3)) == absl::string_view::npos;
}

void ReadMap(const Json& map, ShardIndex& index, base::ErrorList& problems) {
  std::set<std::string> shards;
  for (const auto& [name, shard] : map.items()) {
    if (!shard.is_string()) {
      problems.Add(
          absl::StrCat("tensor ", Quoted(name), ": expected the file of a shard as string"));
      continue;
    }
    const std::string& file = shard.get_ref<const std::string&>();
    index.shard_of_name[name] = file;
    if (shards.insert(file).second && !IsPlainFileName(file)) {
      problems.Add(absl::StrCat("expected the plain name of a file in the same folder, found ",
                                Quoted(file)));
    }
  }
  if (shards.size() > kMaxShards) {
    problems.Add(absl::StrCat("expected at most ", kMaxShards, " shards, found ", shards.size()));
  }
  index.shards.assign(shards.begin(), shards.end());
}

}  // namespace

absl::StatusOr<ShardIndex> ParseShardIndex(absl::string_view text, absl::string_view what) {
  base::JsonLimits limits;
  limits.max_bytes = kMaxIndexBytes;
  limits.max_values = 2 * kMaxTensors;
  const absl::StatusOr<Json> json = base::ParseJson(text, limits, "it");
  ShardIndex index;
  base::ErrorList problems;
  if (!json.ok()) {
    problems.Add(std::string(json.status().message()));
  } else if (!json->is_object() || !json->contains(kMapKey) || !json->at(kMapKey).is_object()) {
    problems.Add(absl::StrCat("expected an object with an object ", kMapKey,
                              " of tensors and the files that hold them, found none"));
  } else {
    ReadMap(json->at(kMapKey), index, problems);
  }
  MD2_RETURN_IF_ERROR(problems.ToStatus(absl::StatusCode::kInvalidArgument,
                                        base::Reason::kModelWeightsInvalid,
                                        absl::StrCat("invalid index of shards ", what)));
  return index;
}

void CompareWithIndex(const ShardIndex& index, const std::vector<TensorEntry>& entries,
                      const std::vector<std::string>& opened, base::ErrorList& problems) {
  std::map<std::string, std::string> rest = index.shard_of_name;
  for (const TensorEntry& entry : entries) {
    const std::string& shard = opened[entry.file_index];
    const auto placed = rest.find(entry.name);
    if (placed == rest.end()) {
      problems.Add(absl::StrCat("tensor ", Quoted(entry.name),
                                ": in no shard by the index, found in ", Quoted(shard)));
      continue;
    }
    if (placed->second != shard) {
      problems.Add(absl::StrCat("tensor ", Quoted(entry.name), ": expected in ",
                                Quoted(placed->second), ", found in ", Quoted(shard)));
    }
    rest.erase(placed);
  }
  for (const auto& [name, shard] : rest) {
    // What lies in a shard that could not be read is not known to be missing.
    if (std::find(opened.begin(), opened.end(), shard) == opened.end()) continue;
    problems.Add(
        absl::StrCat("tensor ", Quoted(name), ": expected in ", Quoted(shard), ", found nowhere"));
  }
}

}  // namespace md2::model
