#include "server/worker/opened_folder.h"

#include "absl/strings/str_cat.h"
#include "core/base/error.h"
#include "core/base/status_macros.h"

namespace md2::worker {

absl::StatusOr<model::ModelFolder> OpenFolder(base::FileEnv& files, const std::string& model_dir,
                                              const model::ModelParts& parts) {
  MD2_ASSIGN_OR_RETURN(const base::FileInfo info, files.Stat(model_dir));
  if (!info.is_directory) {
    return base::MakeError(absl::StatusCode::kFailedPrecondition, base::Reason::kFileNotRegular,
                           absl::StrCat("expected a model folder, found a file: ", model_dir));
  }
  return model::OpenModelFolder(files, model_dir, parts);
}

}  // namespace md2::worker
