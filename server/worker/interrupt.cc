#include "server/worker/interrupt.h"

#include <csignal>

namespace md2::worker {
namespace {

// Lives for ever: a signal may come at any time.
base::CancelSource* source = nullptr;

void OnSignal(int) { source->Cancel(); }

base::CancelSource* Install() {
  source = new base::CancelSource;
  struct sigaction action = {};
  action.sa_handler = OnSignal;
  action.sa_flags = SA_RESTART | static_cast<int>(SA_RESETHAND);
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  return source;
}

}  // namespace

base::CancelToken CatchInterrupt() {
  static base::CancelSource* const installed = Install();
  return installed->token();
}

}  // namespace md2::worker
