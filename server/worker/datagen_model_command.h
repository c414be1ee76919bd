// Defines `md2-worker datagen model`: a model folder with random weights.

#ifndef MD2_SERVER_WORKER_DATAGEN_MODEL_COMMAND_H_
#define MD2_SERVER_WORKER_DATAGEN_MODEL_COMMAND_H_

#include "server/worker/command.h"

namespace md2::worker {

Command DatagenModelCommand();

}  // namespace md2::worker

#endif  // MD2_SERVER_WORKER_DATAGEN_MODEL_COMMAND_H_
