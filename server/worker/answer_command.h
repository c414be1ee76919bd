// Defines `md2-worker answer`: greedy answers to questions about images.

#ifndef MD2_SERVER_WORKER_ANSWER_COMMAND_H_
#define MD2_SERVER_WORKER_ANSWER_COMMAND_H_

#include "server/worker/command.h"

namespace md2::worker {

Command AnswerCommand();

}  // namespace md2::worker

#endif  // MD2_SERVER_WORKER_ANSWER_COMMAND_H_
