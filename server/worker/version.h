// Defines
//   VersionText   what --version prints
//   Versions      the same for manifests

#ifndef MD2_SERVER_WORKER_VERSION_H_
#define MD2_SERVER_WORKER_VERSION_H_

#include <map>
#include <string>

namespace md2::worker {

// Version, commit, compiler and LibTorch, a line each.
std::string VersionText();

// "md2", "commit", "compiler" and "libtorch".
std::map<std::string, std::string> Versions();

}  // namespace md2::worker

#endif  // MD2_SERVER_WORKER_VERSION_H_
