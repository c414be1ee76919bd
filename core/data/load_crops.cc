#include "core/data/load_crops.h"

#include "core/base/status_macros.h"
#include "core/image/decode.h"

namespace md2::data {

absl::StatusOr<image::Crops> LoadCrops(base::FileEnv& env, const std::string& path,
                                       const image::CropOptions& options) {
  MD2_ASSIGN_OR_RETURN(const image::Image image, image::DecodeImageFile(env, path, {}));
  return image::MakeCrops(image, options);
}

}  // namespace md2::data
