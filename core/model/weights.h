// Defines
//   Weights       the tensors of a model by name, in the precision in which it computes
//   kAdapterA, kAdapterB   what names of adapters end with
//   LoadWeights   from an opened model folder

#ifndef MD2_CORE_MODEL_WEIGHTS_H_
#define MD2_CORE_MODEL_WEIGHTS_H_

#include <ATen/core/Tensor.h>

#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/model/model_folder.h"
#include "core/model/precision.h"

namespace md2::model {

inline constexpr char kAdapterA[] = ".lora_A.weight";
inline constexpr char kAdapterB[] = ".lora_B.weight";

// Immutable, share freely; tensors keep their memory alive.
class Weights {
 public:
  explicit Weights(std::map<std::string, at::Tensor, std::less<>> tensors)
      : tensors_(std::move(tensors)) {}

  // Shapes as in WeightTable, no gradient. REQUIRES: `name` is in the table the weights were made
  // from.
  const at::Tensor& Get(absl::string_view name) const;

  // In the order of names.
  const std::map<std::string, at::Tensor, std::less<>>& all() const { return tensors_; }

 private:
  std::map<std::string, at::Tensor, std::less<>> tensors_;
};

at::ScalarType ScalarTypeOf(Precision precision);

// Converts while it reads, so that beside the weights in `precision` only a few MB are in use. On
// the CPU every tensor begins at a multiple of kWeightAlignment. OUT_OF_MEMORY, or the device's
// errors. REQUIRES: folder.weights is there. Blocks; uses LibTorch's threads.
absl::StatusOr<Weights> LoadWeights(const ModelFolder& folder, Precision precision,
                                    c10::Device device);

}  // namespace md2::model

#endif  // MD2_CORE_MODEL_WEIGHTS_H_
