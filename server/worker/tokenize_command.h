// Defines `md2-worker tokenize`: lines of text to lists of ids, and back.

#ifndef MD2_SERVER_WORKER_TOKENIZE_COMMAND_H_
#define MD2_SERVER_WORKER_TOKENIZE_COMMAND_H_

#include "server/worker/command.h"

namespace md2::worker {

Command TokenizeCommand();

}  // namespace md2::worker

#endif  // MD2_SERVER_WORKER_TOKENIZE_COMMAND_H_
