#include "server/worker/version.h"

#include <torch/version.h>

#include "absl/strings/str_cat.h"
#include "md2_commit.h"

namespace md2::worker {

std::string VersionText() {
  return absl::StrCat("md2-worker ", MD2_VERSION, "\ncommit ", MD2_COMMIT, "\ncompiler ",
                      MD2_COMPILER, "\nLibTorch ", TORCH_VERSION, "\n");
}

std::map<std::string, std::string> Versions() {
  return {{"md2", MD2_VERSION},
          {"commit", MD2_COMMIT},
          {"compiler", MD2_COMPILER},
          {"libtorch", TORCH_VERSION}};
}

}  // namespace md2::worker
