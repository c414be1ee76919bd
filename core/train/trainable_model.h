// Defines
//   TrainScope       which tensors a job trains
//   TrainedTensor    one of them
//   TrainableModel     a model whose weights change

#ifndef MD2_CORE_TRAIN_TRAINABLE_MODEL_H_
#define MD2_CORE_TRAIN_TRAINABLE_MODEL_H_

#include <ATen/core/Tensor.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "core/model/model_folder.h"
#include "core/model/moondream.h"
#include "core/model/precision.h"
#include "core/train/loss_pass.h"
#include "core/train/state_tensor.h"
#include "core/train/train_config.h"

namespace md2::train {

struct TrainScope {
  Method method = Method::kFull;
  int64_t lora_rank = 32;
  double lora_alpha = 64;
  TrainVision train_vision = TrainVision::kNone;
  Init init = Init::kBase;
  uint64_t seed = 0;  // of adapters and fresh weights

  static TrainScope Of(const TrainConfig& config);
};

// All of one shape, on one device. `model` is what the model computes with, in its precision;
// `master` is the truth, fp32, and the same memory as `model` where that is fp32.
struct TrainedTensor {
  std::string name;
  at::Tensor model;
  at::Tensor master;
  at::Tensor gradient;  // fp32
  bool is_vision = false;
};

// Owns weights, masters and gradients. One thread at a time; the caller is alone in changing them.
class TrainableModel {
 public:
  // Masters come from the files in fp32, whatever the model computes in. The errors of
  // model::LoadWeights; OUT_OF_MEMORY. REQUIRES: folder.weights is there.
  static absl::StatusOr<std::unique_ptr<TrainableModel>> Load(const model::ModelFolder& folder,
                                                              const TrainScope& scope,
                                                              const model::ModelOptions& options);

  const model::Moondream& moondream() const { return *moondream_; }
  // In a fixed order.
  const std::vector<TrainedTensor>& tensors() const { return tensors_; }
  const Gradients& gradients() const { return gradients_; }

  // As a checkpoint holds them; they share memory with the model's.
  std::vector<StateTensor> Masters() const;

  void ZeroGradients();
  // Model tensors from the masters, after those were changed.
  void CopyMastersToModel();
  // Rounds what the model computes with to the dtype in which the base's files hold each tensor, as
  // an export does. Adapters stay as they are. In fp32 masters are rounded with it.
  void RoundAsStored(const model::ModelFolder& base);

 private:
  TrainableModel() = default;

  std::vector<TrainedTensor> tensors_;
  Gradients gradients_;
  std::unique_ptr<const model::Moondream> moondream_;
};

}  // namespace md2::train

#endif  // MD2_CORE_TRAIN_TRAINABLE_MODEL_H_
