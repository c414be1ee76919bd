// Any text as a config.json, as sizes alone and as an index of shards: refused, or what was read is
// within its limits and can be written and read again.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "absl/strings/string_view.h"
#include "core/model/config.h"
#include "core/model/shard_index.h"
#include "core/model/sizes.h"
#include "core/model/weight_table.h"

namespace {

using md2::model::Sizes;

void Require(bool condition) {
  if (!condition) std::abort();
}

void CheckSizes(const Sizes& sizes) {
  Require(md2::model::ValidateSizes(sizes, "the input").ok());
  const auto again = md2::model::SizesFromJson(md2::model::SizesToJson(sizes), "what was written");
  Require(again.ok() && *again == sizes);
  Require(md2::model::CountParameters(md2::model::WeightTable(sizes)) > 0);
}

void CheckConfig(absl::string_view text) {
  const auto config = md2::model::ParseModelConfig(text, "the input");
  if (!config.ok()) return;
  CheckSizes(config->sizes);
  const std::string written = md2::model::ModelConfigText(config->sizes, config->document);
  // The text may be longer than what it was made from, by white space and the sizes.
  if (written.size() > md2::model::kMaxConfigBytes) return;
  const auto again = md2::model::ParseModelConfig(written, "what was written");
  Require(again.ok() && again->sizes == config->sizes && again->sizes_from_config);
}

void CheckIndex(absl::string_view text) {
  const auto index = md2::model::ParseShardIndex(text, "the input");
  if (!index.ok()) return;
  Require(index->shards.size() <= md2::model::kMaxShards);
  for (const std::string& shard : index->shards) {
    Require(!shard.empty() && shard != "." && shard != "..");
    Require(shard.find_first_of(std::string("/\\\0", 3)) == std::string::npos);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view text(reinterpret_cast<const char*>(data), size);
  CheckConfig(text);
  CheckIndex(text);
  const auto sizes = md2::model::ParseSizesText(text, "the input");
  if (sizes.ok()) CheckSizes(*sizes);
  return 0;
}
