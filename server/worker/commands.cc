#include "server/worker/commands.h"

#include "server/worker/answer_command.h"
#include "server/worker/check_command.h"
#include "server/worker/datagen_captcha_command.h"
#include "server/worker/datagen_model_command.h"
#include "server/worker/export_command.h"
#include "server/worker/inspect_command.h"
#include "server/worker/machine.h"
#include "server/worker/probe_command.h"
#include "server/worker/tokenize_command.h"
#include "server/worker/train_command.h"

namespace md2::worker {

std::vector<Command> AllCommands() {
  return {InspectCommand(),
          TokenizeCommand(),
          ProbeCommand(),
          AnswerCommand(),
          CheckCommand({ProductsPerSecond, AvailableBytes, DeviceHasBf16}),
          TrainCommand(),
          ExportCommand(),
          DatagenModelCommand(),
          DatagenCaptchaCommand()};
}

}  // namespace md2::worker
