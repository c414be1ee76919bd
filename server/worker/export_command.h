// Defines the command `export`: a checkpoint as a model folder or as an adapter.

#ifndef MD2_SERVER_WORKER_EXPORT_COMMAND_H_
#define MD2_SERVER_WORKER_EXPORT_COMMAND_H_

#include "server/worker/command.h"

namespace md2::worker {

Command ExportCommand();

}  // namespace md2::worker

#endif  // MD2_SERVER_WORKER_EXPORT_COMMAND_H_
