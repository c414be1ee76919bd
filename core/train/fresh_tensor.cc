#include "core/train/fresh_tensor.h"

#include <ATen/ops/from_blob.h>

#include <algorithm>
#include <vector>

#include "core/model/weight_table.h"
#include "core/train/start_values.h"

namespace md2::train {

at::Tensor FreshTensor(const model::ModelFolder& base, const std::string& name, uint64_t seed) {
  const auto spec =
      std::find_if(base.table.begin(), base.table.end(),
                   [&](const model::WeightSpec& candidate) { return candidate.name == name; });
  if (spec == base.table.end()) return {};
  std::vector<float> values = FreshValues(*spec, base.config.sizes, seed);
  return at::from_blob(values.data(), spec->shape, at::kFloat).clone();
}

}  // namespace md2::train
