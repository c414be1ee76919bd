// Defines what --help says, of the program, of a group of commands, and of one command.

#ifndef MD2_SERVER_WORKER_HELP_H_
#define MD2_SERVER_WORKER_HELP_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "server/worker/command.h"

namespace md2::worker {

std::string ProgramHelp(absl::string_view program, const std::vector<Command>& commands);

// Of the commands whose first of two words is `group`.
std::string GroupHelp(absl::string_view program, absl::string_view group,
                      const std::vector<Command>& commands);

std::string CommandHelp(absl::string_view program, const Command& command);

}  // namespace md2::worker

#endif  // MD2_SERVER_WORKER_HELP_H_
