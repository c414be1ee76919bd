// Defines OpenFolder, the model folder that a person named.

#ifndef MD2_SERVER_WORKER_OPENED_FOLDER_H_
#define MD2_SERVER_WORKER_OPENED_FOLDER_H_

#include <string>

#include "absl/status/statusor.h"
#include "core/base/file_env.h"
#include "core/model/model_folder.h"

namespace md2::worker {

// As model::OpenModelFolder, but what is no folder at all is FILE_NOT_FOUND or FILE_NOT_REGULAR and
// not a folder that lacks everything.
absl::StatusOr<model::ModelFolder> OpenFolder(base::FileEnv& files, const std::string& model_dir,
                                              const model::ModelParts& parts);

}  // namespace md2::worker

#endif  // MD2_SERVER_WORKER_OPENED_FOLDER_H_
