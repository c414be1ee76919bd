#include "core/train/export_adapter.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/base/atomic_folder.h"
#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/quoted.h"
#include "core/base/status_macros.h"
#include "core/model/adapter_folder.h"
#include "core/model/safetensors_writer.h"
#include "core/model/torch_status.h"
#include "core/model/weights.h"

namespace md2::train {
namespace {

using base::Json;

absl::Status CannotExport(absl::string_view why) {
  return base::MakeError(
      absl::StatusCode::kFailedPrecondition, base::Reason::kCheckpointInvalid,
      absl::StrCat("no adapter can be exported, ", why, "; export a model folder instead"));
}

absl::Status CheckMasters(const std::vector<StateTensor>& masters) {
  if (LayersWithAdapter(masters).empty()) return CannotExport("the run trained none");
  for (const StateTensor& state : masters) {
    if (absl::EndsWith(state.name, model::kAdapterA)) continue;
    if (absl::EndsWith(state.name, model::kAdapterB)) continue;
    return CannotExport(
        absl::StrCat("the run trained tensors of the model too, as ", base::Quoted(state.name)));
  }
  return absl::OkStatus();
}

// The last part of each layer's name, each once: "Wqkv".
std::vector<std::string> TargetModules(const std::vector<std::string>& layers) {
  std::vector<std::string> modules;
  for (const std::string& layer : layers) {
    const std::string module = layer.substr(layer.rfind('.') + 1);
    if (std::find(modules.begin(), modules.end(), module) == modules.end()) {
      modules.push_back(module);
    }
  }
  return modules;
}

// The vision tower has layers called fc1 and fc2 too; the pattern, part of the names of text
// blocks alone, keeps PEFT from giving them adapters.
Json ConfigJson(const ExportSource& source) {
  const TrainConfig& config = source.state.run.config;
  std::vector<int64_t> blocks(source.base->config.sizes.text.layers);
  for (size_t i = 0; i < blocks.size(); ++i) blocks[i] = static_cast<int64_t>(i);
  return {{"peft_type", "LORA"},
          {"auto_mapping", nullptr},
          {"base_model_name_or_path", source.state.run.base.path},
          {"bias", "none"},
          {"fan_in_fan_out", false},
          {"inference_mode", true},
          {"init_lora_weights", true},
          {"layers_pattern", "h"},
          {"layers_to_transform", blocks},
          {"lora_alpha", config.lora_alpha},
          {"lora_dropout", config.lora_dropout},
          {"modules_to_save", nullptr},
          {"r", config.lora_rank},
          {"revision", nullptr},
          {"target_modules", TargetModules(LayersWithAdapter(source.masters))},
          {"task_type", "CAUSAL_LM"}};
}

absl::Status WriteTensors(base::AtomicFolder& folder, const std::vector<StateTensor>& masters) {
  std::vector<model::TensorDeclaration> declarations;
  for (const StateTensor& state : masters) {
    declarations.push_back({absl::StrCat(model::kPeftPrefix, state.name), model::Dtype::kF32,
                            state.tensor.sizes().vec()});
  }
  MD2_ASSIGN_OR_RETURN(std::unique_ptr<base::AtomicFile> file,
                       folder.CreateFile(model::kAdapterWeightsFile));
  MD2_ASSIGN_OR_RETURN(const std::unique_ptr<model::SafetensorsWriter> writer,
                       model::SafetensorsWriter::Create(std::move(file), std::move(declarations)));
  for (const StateTensor& state : masters) {
    const at::Tensor host = state.tensor.cpu().contiguous();
    MD2_RETURN_IF_ERROR(
        writer->Append(absl::StrCat(model::kPeftPrefix, state.name),
                       {static_cast<const uint8_t*>(host.const_data_ptr()), host.nbytes()}));
  }
  return writer->Finish();
}

}  // namespace

absl::Status ExportAdapter(base::FileEnv& env, const std::string& dir, const ExportSource& source,
                           const ExportOptions& options) {
  MD2_RETURN_IF_ERROR(CheckMasters(source.masters));
  if (source.state.run.config.init == Init::kRandom) {
    return CannotExport("the run began with fresh weights, which its base does not have");
  }
  MD2_ASSIGN_OR_RETURN(const std::unique_ptr<base::AtomicFolder> folder,
                       base::AtomicFolder::Create(
                           env, dir, {.kind = kAdapterKind, .may_replace = options.may_replace}));
  MD2_RETURN_IF_ERROR(model::CatchTorch("exporting an adapter",
                                        [&] { return WriteTensors(*folder, source.masters); }));
  const std::string config =
      ConfigJson(source).dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
  MD2_RETURN_IF_ERROR(folder->WriteFile(model::kAdapterConfigFile, config));
  return folder->Commit(AboutExport(source));
}

}  // namespace md2::train
