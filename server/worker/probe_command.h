// Defines `md2-worker probe`: what a model sees and computes, as a safetensors file.

#ifndef MD2_SERVER_WORKER_PROBE_COMMAND_H_
#define MD2_SERVER_WORKER_PROBE_COMMAND_H_

#include "server/worker/command.h"

namespace md2::worker {

Command ProbeCommand();

}  // namespace md2::worker

#endif  // MD2_SERVER_WORKER_PROBE_COMMAND_H_
