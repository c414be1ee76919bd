#include "server/worker/loaded_model.h"

#include <ATen/Parallel.h>

#include "core/base/status_macros.h"
#include "core/image/decode.h"
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

absl::StatusOr<LoadedModel> LoadModel(base::FileEnv& files, const std::string& model_dir,
                                      const ComputeOptions& options, bool with_tokenizer) {
  at::set_num_threads(options.num_threads);
  MD2_ASSIGN_OR_RETURN(const model::ModelFolder folder,
                       model::OpenModelFolder(files, model_dir, {.tokenizer = with_tokenizer}));
  LoadedModel loaded;
  loaded.revision = folder.revision;
  if (with_tokenizer) {
    MD2_ASSIGN_OR_RETURN(loaded.tokenizer, text::Tokenizer::Load(files, folder.tokenizer_path()));
  }
  MD2_ASSIGN_OR_RETURN(const c10::Device device, model::OpenDevice(ChooseDevice(options.device)));
  MD2_ASSIGN_OR_RETURN(
      loaded.moondream,
      model::Moondream::Load(
          folder, {.precision = ChoosePrecision(options.precision, folder), .device = device}));
  return loaded;
}

absl::StatusOr<image::Crops> LoadCrops(base::FileEnv& files, const std::string& path,
                                       const model::Sizes& sizes) {
  MD2_ASSIGN_OR_RETURN(const image::Image picture, image::DecodeImageFile(files, path, {}));
  return image::MakeCrops(picture, {.crop = static_cast<int>(sizes.vision.crop), .tiles = true});
}

}  // namespace md2::worker
