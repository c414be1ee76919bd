#include "server/worker/loaded_model.h"

#include <ATen/Parallel.h>

#include "core/base/status_macros.h"
#include "core/data/load_crops.h"
#include "core/model/adapter_folder.h"
#include "core/model/device.h"
#include "core/model/model_folder.h"
#include "core/model/precision.h"
#include "core/model/weight_table.h"

namespace md2::worker {
namespace {

model::Precision ChoosePrecision(const std::string& word, const model::ModelFolder& folder) {
  return model::FindPrecision(word).value_or(
      model::AutoPrecision(model::CountParameters(folder.table)));
}

}  // namespace

model::DeviceChoice ChooseDevice(const std::string& word) {
  if (word == "cpu") return model::DeviceChoice::kCpu;
  return word == "cuda" ? model::DeviceChoice::kCuda : model::DeviceChoice::kAuto;
}

absl::StatusOr<LoadedModel> LoadModel(base::FileEnv& files, const ModelSource& source,
                                      const ComputeOptions& options) {
  at::set_num_threads(options.num_threads);
  MD2_ASSIGN_OR_RETURN(
      const model::ModelFolder folder,
      model::OpenModelFolder(files, source.dir, {.tokenizer = source.with_tokenizer}));
  LoadedModel loaded;
  loaded.revision = folder.revision;
  loaded.tiles = folder.config.tiles;
  if (folder.config.prefix_attention) loaded.attention = model::AttentionKind::kPrefix;
  if (source.with_tokenizer) {
    MD2_ASSIGN_OR_RETURN(loaded.tokenizer, text::Tokenizer::Load(files, folder.tokenizer_path()));
  }
  MD2_ASSIGN_OR_RETURN(const c10::Device device, model::OpenDevice(ChooseDevice(options.device)));
  const model::ModelOptions compute = {.precision = ChoosePrecision(options.precision, folder),
                                       .device = device};
  if (source.adapter_dir.empty()) {
    MD2_ASSIGN_OR_RETURN(loaded.moondream, model::Moondream::Load(folder, compute));
    return loaded;
  }
  MD2_ASSIGN_OR_RETURN(const model::Adapter adapter, model::ReadAdapter(files, source.adapter_dir));
  MD2_RETURN_IF_ERROR(model::CheckAdapterFits(adapter, folder.table, source.adapter_dir));
  MD2_ASSIGN_OR_RETURN(loaded.moondream,
                       model::Moondream::LoadWithAdapter(folder, adapter, compute));
  return loaded;
}

absl::StatusOr<image::Crops> LoadCrops(base::FileEnv& files, const std::string& path,
                                       const LoadedModel& model) {
  const auto crop = static_cast<int>(model.moondream->sizes().vision.crop);
  return data::LoadCrops(files, path, {.crop = crop, .tiles = model.tiles});
}

}  // namespace md2::worker
