// Defines the table of commands of md2-worker.

#ifndef MD2_SERVER_WORKER_COMMANDS_H_
#define MD2_SERVER_WORKER_COMMANDS_H_

#include <vector>

#include "server/worker/command.h"

namespace md2::worker {

// In the order in which --help lists them.
std::vector<Command> AllCommands();

}  // namespace md2::worker

#endif  // MD2_SERVER_WORKER_COMMANDS_H_
