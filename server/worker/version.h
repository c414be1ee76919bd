// Defines VersionText, what --version prints.

#ifndef MD2_SERVER_WORKER_VERSION_H_
#define MD2_SERVER_WORKER_VERSION_H_

#include <string>

namespace md2::worker {

// Version, commit, compiler and LibTorch, a line each.
std::string VersionText();

}  // namespace md2::worker

#endif  // MD2_SERVER_WORKER_VERSION_H_
