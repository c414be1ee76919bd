#include "core/model/model_digest.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/base/file_digest.h"
#include "core/base/sha256.h"
#include "core/base/status_macros.h"

namespace md2::model {

absl::StatusOr<std::string> DigestOfModel(base::FileEnv& env, const ModelFolder& folder) {
  std::vector<std::string> paths = folder.weights->paths();
  paths.push_back(absl::StrCat(folder.dir, "/", kConfigFile));
  std::sort(paths.begin(), paths.end());
  std::string lines;
  for (const std::string& path : paths) {
    MD2_ASSIGN_OR_RETURN(const base::FileDigest digest, base::DigestOfFile(env, path));
    absl::StrAppend(&lines, path.substr(path.rfind('/') + 1), " ", digest.sha256, "\n");
  }
  return base::HexOf(
      base::Sha256Of({reinterpret_cast<const uint8_t*>(lines.data()), lines.size()}));
}

}  // namespace md2::model
