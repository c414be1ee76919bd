// Defines LoadCrops, the picture of a row as the model takes it.

#ifndef MD2_CORE_DATA_LOAD_CROPS_H_
#define MD2_CORE_DATA_LOAD_CROPS_H_

#include <string>

#include "absl/status/statusor.h"
#include "core/base/file_env.h"
#include "core/image/tiles.h"

namespace md2::data {

// Reads and decodes the file whole. The errors of image::DecodeImageFile and image::MakeCrops.
// Blocks on the disk.
absl::StatusOr<image::Crops> LoadCrops(base::FileEnv& env, const std::string& path,
                                       const image::CropOptions& options);

}  // namespace md2::data

#endif  // MD2_CORE_DATA_LOAD_CROPS_H_
