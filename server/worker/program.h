// Defines RunProgram: from arguments to the exit code of md2-worker.

#ifndef MD2_SERVER_WORKER_PROGRAM_H_
#define MD2_SERVER_WORKER_PROGRAM_H_

#include <string>
#include <vector>

#include "absl/types/span.h"
#include "server/worker/command.h"
#include "server/worker/surroundings.h"

namespace md2::worker {

struct Program {
  std::string name;
  std::string version;  // what --version prints, lines ended by "\n"
  std::vector<Command> commands;
};

// `arguments` are those after the program's name. The exit code is base::ExitCodeOf of what went
// wrong, which `notes` are told; nothing is thrown.
int RunProgram(const Program& program, absl::Span<const std::string> arguments,
               Surroundings& surroundings);

}  // namespace md2::worker

#endif  // MD2_SERVER_WORKER_PROGRAM_H_
