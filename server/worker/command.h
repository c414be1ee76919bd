// Defines Command: a command of md2-worker as data, its words, its flags and what it does.

#ifndef MD2_SERVER_WORKER_COMMAND_H_
#define MD2_SERVER_WORKER_COMMAND_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "core/base/settings.h"
#include "server/worker/command_setting.h"
#include "server/worker/surroundings.h"

namespace md2::worker {

struct Command {
  std::string name;         // "inspect", or two words: "datagen model"
  std::string summary;      // one line of the program's help
  std::string description;  // paragraphs of its own help, lines ended by "\n"
  std::vector<std::string> examples;
  std::vector<CommandSetting> settings;

  // Writes results to `out`. Only called with settings that were given as they must be.
  std::function<absl::Status(const base::ResolvedSettings& settings, Surroundings& surroundings)>
      run;
};

}  // namespace md2::worker

#endif  // MD2_SERVER_WORKER_COMMAND_H_
