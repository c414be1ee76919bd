#include "core/train/trainable_model.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/from_blob.h>

#include <map>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/base/status_macros.h"
#include "core/model/torch_status.h"
#include "core/model/weight_table.h"
#include "core/model/weights.h"
#include "core/train/fresh_tensor.h"
#include "core/train/start_values.h"
#include "core/train/state_block.h"

namespace md2::train {
namespace {

using TensorMap = std::map<std::string, at::Tensor, std::less<>>;

constexpr absl::string_view kAdaptedLayers[] = {"mixer.Wqkv", "mixer.out_proj", "mlp.fc1",
                                                "mlp.fc2"};
constexpr absl::string_view kVisionPart = "vision_encoder.";

bool IsTrained(absl::string_view name, const TrainScope& scope) {
  if (absl::StartsWith(name, model::names::kText)) return scope.method == Method::kFull;
  if (absl::StartsWith(name, model::names::kProjector)) {
    return scope.train_vision != TrainVision::kNone;
  }
  return absl::StartsWith(name, kVisionPart) && scope.train_vision == TrainVision::kAll;
}

std::vector<model::TensorEntry> TrainedEntries(const model::ModelFolder& folder,
                                               const TrainScope& scope) {
  std::vector<model::TensorEntry> entries;
  for (const model::TensorEntry& entry : folder.entries) {
    if (IsTrained(entry.name, scope)) entries.push_back(entry);
  }
  return entries;
}

at::TensorOptions Fp32On(c10::Device device) { return at::TensorOptions(device).dtype(at::kFloat); }

at::Tensor TensorOf(std::vector<float>& values, at::IntArrayRef shape) {
  return at::from_blob(values.data(), shape, at::kFloat);
}

// As an export will hold them: what is not trained stays so.
void FillFreshAsStored(const model::ModelFolder& folder, uint64_t seed, const TensorMap& weights) {
  for (const model::TensorEntry& entry : folder.entries) {
    const at::ScalarType stored = model::ScalarTypeOf(entry.dtype);
    weights.find(entry.name)->second.copy_(FreshTensor(folder, entry.name, seed).to(stored));
  }
}

// Masters of the adapters: A random, B zero.
absl::Status AddAdapters(const model::Sizes& sizes, const TrainScope& scope,
                         const model::Weights& weights, c10::Device device, TensorMap& masters) {
  std::vector<std::string> names;
  std::vector<std::vector<int64_t>> shapes;
  for (int64_t i = 0; i < sizes.text.layers; ++i) {
    for (const absl::string_view layer : kAdaptedLayers) {
      const std::string name = absl::StrCat(model::names::kTextBlocks, i, ".", layer);
      const at::Tensor& weight = weights.Get(name + ".weight");
      names.push_back(name + model::kAdapterA);
      shapes.push_back({scope.lora_rank, weight.size(1)});
      names.push_back(name + model::kAdapterB);
      shapes.push_back({weight.size(0), scope.lora_rank});
    }
  }
  MD2_ASSIGN_OR_RETURN(const std::vector<at::Tensor> tensors,
                       MakeStateBlock(shapes, Fp32On(device)));
  for (size_t i = 0; i < names.size(); i += 2) {
    std::vector<float> values = AdapterStart(names[i], shapes[i][0], shapes[i][1], scope.seed);
    tensors[i].copy_(TensorOf(values, shapes[i]));
    masters[names[i]] = tensors[i];
    masters[names[i + 1]] = tensors[i + 1];
  }
  return absl::OkStatus();
}

// In fp32 the model's own tensors.
absl::StatusOr<TensorMap> LoadMasters(const model::ModelFolder& folder, const TrainScope& scope,
                                      const model::ModelOptions& options,
                                      const model::Weights& weights) {
  const std::vector<model::TensorEntry> entries = TrainedEntries(folder, scope);
  TensorMap masters;
  if (options.precision == model::Precision::kFp32) {
    for (const model::TensorEntry& entry : entries) masters[entry.name] = weights.Get(entry.name);
  } else if (!entries.empty()) {
    MD2_ASSIGN_OR_RETURN(
        const model::Weights loaded,
        model::LoadWeights(folder, entries, model::Precision::kFp32, options.device));
    masters = loaded.all();
  }
  if (scope.init == Init::kRandom) {
    for (const auto& [name, master] : masters) {
      master.copy_(FreshTensor(folder, name, scope.seed));
    }
  }
  if (scope.method == Method::kLora) {
    MD2_RETURN_IF_ERROR(AddAdapters(folder.config.sizes, scope, weights, options.device, masters));
  }
  return masters;
}

// What computes: the weights, and the adapters in the same precision.
absl::StatusOr<model::Weights> JoinAdapters(const model::Weights& weights, const TensorMap& masters,
                                            at::ScalarType type, double scale) {
  TensorMap all = weights.all();
  MD2_RETURN_IF_ERROR(model::CatchTorch("making adapters", [&] {
    for (const auto& [name, master] : masters) {
      if (all.count(name) == 0) all[name] = master.to(type);
    }
    return absl::OkStatus();
  }));
  return model::Weights(std::move(all), scale);
}

}  // namespace

TrainScope TrainScope::Of(const TrainConfig& config) {
  return {config.method,       config.lora_rank, config.lora_alpha,
          config.train_vision, config.init,      static_cast<uint64_t>(config.seed)};
}

absl::StatusOr<std::unique_ptr<TrainableModel>> TrainableModel::Load(
    const model::ModelFolder& folder, const TrainScope& scope, const model::ModelOptions& options) {
  MD2_ASSIGN_OR_RETURN(const model::Weights base,
                       model::LoadWeights(folder, options.precision, options.device));
  if (scope.init == Init::kRandom) FillFreshAsStored(folder, scope.seed, base.all());
  MD2_ASSIGN_OR_RETURN(const TensorMap masters, LoadMasters(folder, scope, options, base));
  const at::ScalarType type = model::ScalarTypeOf(options.precision);
  const double scale = scope.lora_alpha / static_cast<double>(scope.lora_rank);
  MD2_ASSIGN_OR_RETURN(const model::Weights weights, JoinAdapters(base, masters, type, scale));

  std::vector<std::vector<int64_t>> shapes;
  for (const auto& [name, master] : masters) shapes.push_back(master.sizes().vec());
  MD2_ASSIGN_OR_RETURN(const std::vector<at::Tensor> blocks,
                       MakeStateBlock(shapes, Fp32On(options.device)));
  std::unique_ptr<TrainableModel> trained(new TrainableModel);
  TensorMap gradients;
  for (const auto& [name, master] : masters) {
    const at::Tensor& gradient = blocks[trained->tensors_.size()];
    gradients[name] = gradient;
    trained->tensors_.push_back(
        {name, weights.Get(name), master, gradient, absl::StartsWith(name, kVisionPart)});
  }
  const model::Weights found(std::move(gradients), scale);
  const model::Sizes& sizes = folder.config.sizes;
  trained->gradients_ = {
      model::TextLayers::Find(sizes.text, found), model::VisionLayers::Find(sizes.vision, found),
      scope.train_vision != TrainVision::kNone, scope.train_vision == TrainVision::kAll};
  if (scope.init == Init::kRandom) trained->CopyMastersToModel();
  MD2_ASSIGN_OR_RETURN(trained->moondream_, model::Moondream::Create(sizes, weights));
  return trained;
}

std::vector<StateTensor> TrainableModel::Masters() const {
  std::vector<StateTensor> masters;
  for (const TrainedTensor& tensor : tensors_) masters.push_back({tensor.name, tensor.master});
  return masters;
}

void TrainableModel::ZeroGradients() {
  for (const TrainedTensor& tensor : tensors_) tensor.gradient.zero_();
}

void TrainableModel::CopyMastersToModel() {
  for (const TrainedTensor& tensor : tensors_) {
    if (!tensor.model.is_same(tensor.master)) tensor.model.copy_(tensor.master);
  }
}

void TrainableModel::RoundAsStored(const model::ModelFolder& base) {
  std::map<std::string, model::Dtype, std::less<>> stored;
  for (const model::TensorEntry& entry : base.entries) stored[entry.name] = entry.dtype;
  for (const TrainedTensor& tensor : tensors_) {
    const auto found = stored.find(tensor.name);
    if (found == stored.end()) continue;
    tensor.model.copy_(tensor.master.to(model::ScalarTypeOf(found->second)));
  }
}

}  // namespace md2::train
