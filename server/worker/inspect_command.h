// Defines `md2-worker inspect`: what a model folder holds.

#ifndef MD2_SERVER_WORKER_INSPECT_COMMAND_H_
#define MD2_SERVER_WORKER_INSPECT_COMMAND_H_

#include "server/worker/command.h"

namespace md2::worker {

Command InspectCommand();

}  // namespace md2::worker

#endif  // MD2_SERVER_WORKER_INSPECT_COMMAND_H_
