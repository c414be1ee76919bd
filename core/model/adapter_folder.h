// Defines a folder with a low-rank adapter (Hu et al., LoRA, 2021), by the names of the library
// PEFT: adapter_config.json and adapter_model.safetensors.
//   names of files and tensors
//   Adapter, ReadAdapter
//   CheckAdapterFits   whether it belongs to a model

#ifndef MD2_CORE_MODEL_ADAPTER_FOLDER_H_
#define MD2_CORE_MODEL_ADAPTER_FOLDER_H_

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/base/file_env.h"
#include "core/model/weight_table.h"

namespace md2::model {

inline constexpr char kAdapterConfigFile[] = "adapter_config.json";
inline constexpr char kAdapterWeightsFile[] = "adapter_model.safetensors";
// Before the name of every tensor in the file.
inline constexpr char kPeftPrefix[] = "base_model.model.";

// A layer of weight W [out, in] computes W + scale * B A. Immutable, share freely.
struct Adapter {
  int64_t rank = 0;
  double scale = 0;  // lora_alpha / r
  // LAYER.lora_A.weight [rank, in] and LAYER.lora_B.weight [out, rank] of each layer, LAYER as in
  // WeightTable; fp32, on the CPU, in memory of its own, no gradient.
  std::map<std::string, at::Tensor, std::less<>> tensors;
};

// The disk's errors; ADAPTER_INVALID (InvalidArgument) naming everything in both files that is
// missing, not an adapter's or of another shape, and everything in the config that changes what the
// adapter means and that this build does not compute.
absl::StatusOr<Adapter> ReadAdapter(base::FileEnv& env, const std::string& dir);

// ADAPTER_INVALID (FailedPrecondition) with a line for each layer that the table does not have, or
// has in other sizes. `what` names the adapter.
absl::Status CheckAdapterFits(const Adapter& adapter, const std::vector<WeightSpec>& table,
                              absl::string_view what);

}  // namespace md2::model

#endif  // MD2_CORE_MODEL_ADAPTER_FOLDER_H_
