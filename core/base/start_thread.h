// Defines StartThread, the one way in which threads are started where failing to must be survived.

#ifndef MD2_CORE_BASE_START_THREAD_H_
#define MD2_CORE_BASE_START_THREAD_H_

#include <functional>
#include <thread>

#include "absl/status/statusor.h"

namespace md2::base {

// A thread that calls `run`, which must not throw; the caller joins it. OUT_OF_MEMORY
// (ResourceExhausted) when the system starts none; `run` is not called then.
absl::StatusOr<std::thread> StartThread(std::function<void()> run);

}  // namespace md2::base

#endif  // MD2_CORE_BASE_START_THREAD_H_
