// Defines `md2-worker train`, a whole job without a daemon.

#ifndef MD2_SERVER_WORKER_TRAIN_COMMAND_H_
#define MD2_SERVER_WORKER_TRAIN_COMMAND_H_

#include "server/worker/command.h"

namespace md2::worker {

Command TrainCommand();

}  // namespace md2::worker

#endif  // MD2_SERVER_WORKER_TRAIN_COMMAND_H_
