// Defines `md2-worker check`: whether data can be trained on, and what that would take.
//   CheckMachine    what the prediction needs to know of the machine
//   CheckCommand

#ifndef MD2_SERVER_WORKER_CHECK_COMMAND_H_
#define MD2_SERVER_WORKER_CHECK_COMMAND_H_

#include <cstdint>
#include <functional>

#include "core/train/train_config.h"
#include "server/worker/command.h"

namespace md2::worker {

// Neither may be null.
struct CheckMachine {
  // Operations a second in a product of matrices; 0 when it cannot be told.
  std::function<double(train::ComputePrecision precision, int num_threads)> products_per_second;
  // Of memory that a job could use; 0 when it cannot be told.
  std::function<uint64_t()> available_bytes;
};

Command CheckCommand(CheckMachine machine);

}  // namespace md2::worker

#endif  // MD2_SERVER_WORKER_CHECK_COMMAND_H_
