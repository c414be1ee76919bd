#include "server/worker/inspect_command.h"

#include "core/base/status_macros.h"
#include "server/worker/model_report.h"

namespace md2::worker {
namespace {

absl::Status Run(const base::ResolvedSettings& settings, Surroundings& surroundings) {
  MD2_ASSIGN_OR_RETURN(const std::string model_dir, settings.GetString("model"));
  MD2_ASSIGN_OR_RETURN(const bool as_json, WantsJson(settings));
  return WriteModelReport(model_dir, as_json, surroundings);
}

}  // namespace

Command InspectCommand() {
  return {
      .name = "inspect",
      .summary = "says what a model folder holds",
      .description =
          "Says of a model folder its revision, parameters, tensors, bytes, dtype, image tokens\n"
          "and sizes, having compared every tensor with the sizes. tokenizer.json is not needed.\n",
      .examples = {"md2-worker inspect --model base", "md2-worker inspect --model base -o json"},
      .settings = {ModelSetting("config.json and weights are read"), OutputSetting()},
      .run = Run,
  };
}

}  // namespace md2::worker
