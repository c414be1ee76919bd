// Defines LoadedModel, a model folder made ready to compute.

#ifndef MD2_SERVER_WORKER_LOADED_MODEL_H_
#define MD2_SERVER_WORKER_LOADED_MODEL_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "core/base/file_env.h"
#include "core/base/revision.h"
#include "core/image/tiles.h"
#include "core/model/device.h"
#include "core/model/moondream.h"
#include "core/text/tokenizer.h"
#include "server/worker/compute_settings.h"

namespace md2::worker {

// Immutable, share freely.
struct LoadedModel {
  base::Revision revision = base::Revision::k2024_07_23;
  // What it was trained with and is asked with.
  model::AttentionKind attention = model::AttentionKind::kCausal;
  bool tiles = true;
  std::unique_ptr<const model::Moondream> moondream;
  std::unique_ptr<const text::Tokenizer> tokenizer;  // null unless asked for
};

// "cpu", "cuda" or "auto".
model::DeviceChoice ChooseDevice(const std::string& word);

struct ModelSource {
  std::string dir;
  std::string adapter_dir;  // empty: none
  bool with_tokenizer = true;
};

// Sets LibTorch's threads for the whole process. The errors of model::OpenModelFolder,
// Tokenizer::Load, OpenDevice, Moondream::Load, model::ReadAdapter and CheckAdapterFits.
absl::StatusOr<LoadedModel> LoadModel(base::FileEnv& files, const ModelSource& source,
                                      const ComputeOptions& options);

// The picture as the model takes it; the errors of image::DecodeImageFile.
absl::StatusOr<image::Crops> LoadCrops(base::FileEnv& files, const std::string& path,
                                       const LoadedModel& model);

}  // namespace md2::worker

#endif  // MD2_SERVER_WORKER_LOADED_MODEL_H_
