// Defines `md2-worker check`: whether data can be trained on, and what that would take.
//   CheckMachine    what the prediction needs to know of the machine
//   CheckCommand

#ifndef MD2_SERVER_WORKER_CHECK_COMMAND_H_
#define MD2_SERVER_WORKER_CHECK_COMMAND_H_

#include <cstdint>
#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "core/train/train_config.h"
#include "server/worker/command.h"

namespace md2::worker {

// None may be null.
struct CheckMachine {
  // Operations a second in a product of matrices; 0 when it cannot be told.
  std::function<double(train::ComputePrecision precision, int num_threads)> products_per_second;
  // Of memory that a job could use; 0 when it cannot be told.
  std::function<uint64_t()> available_bytes;
  // Of "cpu", "cuda" or "auto". DEVICE_UNAVAILABLE (FailedPrecondition) when it is not there.
  std::function<absl::StatusOr<bool>(const std::string& device)> device_has_bf16;
};

Command CheckCommand(CheckMachine machine);

}  // namespace md2::worker

#endif  // MD2_SERVER_WORKER_CHECK_COMMAND_H_
