#include "server/worker/probe_command.h"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "core/base/json.h"
#include "core/base/status_macros.h"
#include "core/model/safetensors_writer.h"
#include "core/text/prompt.h"
#include "server/worker/compute_settings.h"
#include "server/worker/fields.h"
#include "server/worker/json_line.h"
#include "server/worker/loaded_model.h"
#include "server/worker/probe.h"

namespace md2::worker {
namespace {

using base::SettingKind;

struct ProbeOptions {
  std::string model_dir;
  std::string image;
  std::string question;                           // empty: none
  std::vector<int64_t> tokens;                    // instead of a question
  std::optional<model::AttentionKind> attention;  // the folder's own without one
  std::string out;
  ComputeOptions compute;
};

using NamedTensors = std::vector<std::pair<std::string, at::Tensor>>;

bool ParseTokens(absl::string_view text, std::vector<int64_t>* tokens) {
  for (const absl::string_view part : absl::StrSplit(text, ',')) {
    int64_t token = 0;
    if (!absl::SimpleAtoi(part, &token) || token < 0) return false;
    tokens->push_back(token);
  }
  return true;
}

SettingKind TokensKind() {
  return SettingKind::Checked("token ids with commas between, such as 1,2,3",
                              [](absl::string_view text) {
                                std::vector<int64_t> tokens;
                                return ParseTokens(text, &tokens);
                              });
}

absl::StatusOr<ProbeOptions> ReadOptions(const base::ResolvedSettings& settings) {
  ProbeOptions options;
  MD2_ASSIGN_OR_RETURN(options.model_dir, settings.GetString("model"));
  MD2_ASSIGN_OR_RETURN(options.image, settings.GetString("image"));
  MD2_ASSIGN_OR_RETURN(options.question, settings.GetString("question"));
  MD2_ASSIGN_OR_RETURN(const std::string tokens, settings.GetString("tokens"));
  if (!tokens.empty()) ParseTokens(tokens, &options.tokens);
  MD2_ASSIGN_OR_RETURN(const std::string attention, settings.GetString("attention"));
  if (attention == "prefix") options.attention = model::AttentionKind::kPrefix;
  if (attention == "causal") options.attention = model::AttentionKind::kCausal;
  MD2_ASSIGN_OR_RETURN(options.out, settings.GetString("out"));
  MD2_ASSIGN_OR_RETURN(options.compute, ReadComputeOptions(settings));
  return options;
}

absl::StatusOr<std::vector<int64_t>> IdsAfterImage(const ProbeOptions& options,
                                                   const LoadedModel& model) {
  if (options.question.empty()) return options.tokens;
  MD2_ASSIGN_OR_RETURN(const std::vector<text::TokenId> prompt,
                       text::BuildPrompt(*model.tokenizer, model.revision, options.question));
  return std::vector<int64_t>(prompt.begin(), prompt.end());
}

absl::StatusOr<NamedTensors> Compute(const ProbeOptions& options, Surroundings& surroundings) {
  const base::CancelToken cancel = surroundings.catch_interrupt();
  const bool with_tokenizer = !options.question.empty();
  MD2_ASSIGN_OR_RETURN(
      const LoadedModel model,
      LoadModel(surroundings.files, {options.model_dir, "", with_tokenizer}, options.compute));
  MD2_RETURN_IF_ERROR(cancel.ToStatus());
  MD2_ASSIGN_OR_RETURN(const std::vector<int64_t> ids, IdsAfterImage(options, model));
  MD2_ASSIGN_OR_RETURN(const image::Crops crops,
                       LoadCrops(surroundings.files, options.image, model));
  MD2_ASSIGN_OR_RETURN(
      const ProbeTensors probe,
      Probe(*model.moondream, crops, ids, options.attention.value_or(model.attention)));
  MD2_RETURN_IF_ERROR(cancel.ToStatus());
  return NamedTensors{{"crops", probe.crops},   {"tiles", probe.tiles},
                      {"vit", probe.vit},       {"features", probe.features},
                      {"hidden", probe.hidden}, {"last_logits", probe.last_logits}};
}

absl::Status WriteTensors(const NamedTensors& tensors, const std::string& path,
                          base::FileEnv& files) {
  std::vector<model::TensorDeclaration> declarations;
  for (const auto& [name, tensor] : tensors) {
    const bool is_integer = tensor.scalar_type() == at::kLong;
    declarations.push_back(
        {name, is_integer ? model::Dtype::kI64 : model::Dtype::kF32, tensor.sizes().vec()});
  }
  MD2_ASSIGN_OR_RETURN(const std::unique_ptr<model::SafetensorsWriter> writer,
                       model::SafetensorsWriter::Create(files, path, std::move(declarations)));
  for (const auto& [name, tensor] : tensors) {
    MD2_RETURN_IF_ERROR(writer->Append(
        name, {static_cast<const uint8_t*>(tensor.const_data_ptr()), tensor.nbytes()}));
  }
  return writer->Finish();
}

void WriteShapes(const NamedTensors& tensors, const std::string& path, bool as_json,
                 Surroundings& surroundings) {
  base::Json shapes = base::Json::object();
  std::vector<Field> fields = {{.name = "out", .value = path}};
  for (const auto& [name, tensor] : tensors) {
    shapes[name] = tensor.sizes().vec();
    fields.push_back({.name = name, .value = absl::StrJoin(tensor.sizes().vec(), "x")});
  }
  if (as_json) {
    surroundings.out << JsonLine({{"out", path}, {"shapes", shapes}});
  } else {
    surroundings.out << FieldsText(fields, surroundings.out_is_terminal);
  }
}

absl::Status Run(const base::ResolvedSettings& settings, Surroundings& surroundings) {
  MD2_ASSIGN_OR_RETURN(const ProbeOptions options, ReadOptions(settings));
  MD2_ASSIGN_OR_RETURN(const bool as_json, WantsJson(settings));
  MD2_ASSIGN_OR_RETURN(const NamedTensors tensors, Compute(options, surroundings));
  MD2_RETURN_IF_ERROR(WriteTensors(tensors, options.out, surroundings.files));
  WriteShapes(tensors, options.out, as_json, surroundings);
  return absl::OkStatus();
}

}  // namespace

Command ProbeCommand() {
  std::vector<CommandSetting> settings = {
      ModelSetting("tokenizer.json is read for --question alone"),
      Required(Flag("image", "FILE", "a JPEG or PNG")),
      Excluding({"tokens"}, Flag("question", "TEXT", "asked in the revision's template")),
      Flag("tokens", "1,2,3", TokensKind(), "the ids after the image, as they are"),
      WithDefault(
          "auto",
          Flag("attention", "causal|prefix|auto", SettingKind::Choice({"causal", "prefix", "auto"}),
               "prefix: BOS and the image see each other; auto: as the model was trained")),
      Required(Flag("out", "FILE", "a safetensors file, replaced when it is there")),
  };
  for (CommandSetting& setting : ComputeSettings()) settings.push_back(std::move(setting));
  settings.push_back(OutputSetting());
  return {
      .name = "probe",
      .summary = "writes what a model computes, to compare it with another implementation",
      .description =
          "Reads BOS, the image and the tokens that follow, and writes what the model saw and "
          "computed:\n"
          "crops [N,3,S,S], tiles [2] (rows, columns), vit [N,P,V], features [P,D], hidden [T,D] "
          "(before\n"
          "the norm of the head), last_logits [vocabulary]; float32, tiles int64. On stdout go the "
          "shapes.\n",
      .examples = {"md2-worker probe --model base --image a.png --question 'What is this?' --out "
                   "a.safetensors",
                   "md2-worker probe --model base --image a.png --tokens 1,2,3 --precision fp32 "
                   "--out a.safetensors"},
      .settings = std::move(settings),
      .run = Run,
  };
}

}  // namespace md2::worker
