// Defines the strict comparison of a file's tensors with the weight table.

#ifndef MD2_CORE_MODEL_WEIGHT_CHECK_H_
#define MD2_CORE_MODEL_WEIGHT_CHECK_H_

#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "core/model/safetensors_header.h"
#include "core/model/weight_table.h"

namespace md2::model {

// OK when `entries`, named as in 2024, hold exactly the tensors of `table` in a weight dtype;
// tensors of the region model are ignored. Else MODEL_WEIGHTS_INVALID: one line for every missing,
// surplus and misshapen tensor and wrong dtype with what was expected and found, the first 50
// written out and the rest counted.
absl::Status CheckWeights(const std::vector<TensorEntry>& entries,
                          const std::vector<WeightSpec>& table, absl::string_view what);

}  // namespace md2::model

#endif  // MD2_CORE_MODEL_WEIGHT_CHECK_H_
