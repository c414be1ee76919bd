#include "core/train/export_source.h"

#include <set>

#include "absl/strings/strip.h"
#include "core/base/json.h"
#include "core/model/weights.h"

namespace md2::train {

std::vector<std::string> LayersWithAdapter(const std::vector<StateTensor>& masters) {
  std::vector<std::string> layers;
  std::set<absl::string_view> seen;
  for (const StateTensor& state : masters) {
    absl::string_view layer = state.name;
    const bool is_adapter = absl::ConsumeSuffix(&layer, model::kAdapterA) ||
                            absl::ConsumeSuffix(&layer, model::kAdapterB);
    if (is_adapter && seen.insert(layer).second) layers.emplace_back(layer);
  }
  return layers;
}

base::Json AboutExport(const ExportSource& source) {
  base::Json about = IdentityToJson(source.state.run);
  about["update"] = source.state.update;
  about["versions"] = source.versions;
  return about;
}

}  // namespace md2::train
