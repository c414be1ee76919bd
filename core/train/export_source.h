// Defines what an export is made from:
//   ExportSource
//   LayersWithAdapter   of the trained tensors
//   AboutExport         what its manifest says

#ifndef MD2_CORE_TRAIN_EXPORT_SOURCE_H_
#define MD2_CORE_TRAIN_EXPORT_SOURCE_H_

#include <map>
#include <string>
#include <vector>

#include "core/base/json_fwd.h"
#include "core/model/model_folder.h"
#include "core/train/checkpoint.h"
#include "core/train/train_state.h"

namespace md2::train {

// Kinds of manifests.
inline constexpr char kModelKind[] = "model";
inline constexpr char kAdapterKind[] = "adapter";

// What it points to must outlive it.
struct ExportSource {
  const model::ModelFolder* base = nullptr;  // opened with weights; what the run began with
  // fp32, on any device: trained tensors under their names of 2024, or LAYER.lora_A.weight and
  // LAYER.lora_B.weight of layers that got an adapter. Every tensor in which the trained model
  // differs from what it began with is among them.
  std::vector<StateTensor> masters;
  TrainState state;                             // of the same moment
  std::map<std::string, std::string> versions;  // of what the result depends on, by name
};

// LAYER of every master that is an adapter's, each once, in their order.
std::vector<std::string> LayersWithAdapter(const std::vector<StateTensor>& masters);

// {"base", "tokenizer", "data", "val", "config", "update", "versions"}
base::Json AboutExport(const ExportSource& source);

}  // namespace md2::train

#endif  // MD2_CORE_TRAIN_EXPORT_SOURCE_H_
