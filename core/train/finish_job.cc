#include "core/train/finish_job.h"

#include <vector>

#include "core/base/status_macros.h"
#include "core/model/moondream.h"
#include "core/train/export_adapter.h"
#include "core/train/export_model.h"
#include "core/train/gate.h"

namespace md2::train {
namespace {

// Merging an adapter in another precision than the one that trained rounds its products.
constexpr SameAnswersLimits kMerged = {.max_logit_difference = 0.1, .max_different_answers = 2};

absl::StatusOr<Evaluation> PassGate(const FinishParts& parts, const EvaluatorOptions& ask) {
  parts.observer.OnPhase({Phase::kGate, 0, 0});
  MD2_RETURN_IF_ERROR(CheckFiniteWeights(parts.model.Masters()));
  Evaluator evaluator(parts.model.moondream(), *parts.inputs.tokenizer, parts.loader, ask);
  MD2_ASSIGN_OR_RETURN(Evaluation evaluation, evaluator.Run(/*keep_first_logits=*/true));
  MD2_RETURN_IF_ERROR(
      CheckLossBelowChance(evaluation.report.loss, parts.inputs.folder.config.sizes.text.vocab));
  MD2_RETURN_IF_ERROR(CheckAnswered(evaluation.answers));
  return evaluation;
}

absl::Status Compare(const FinishParts& parts, const EvaluatorOptions& ask,
                     const TrainConfig& config, const Evaluation& trained) {
  MD2_ASSIGN_OR_RETURN(const model::ModelFolder folder,
                       model::OpenModelFolder(parts.files, parts.output.model_dir()));
  MD2_ASSIGN_OR_RETURN(
      const std::unique_ptr<const model::Moondream> exported,
      model::Moondream::Load(folder, {.precision = PrecisionOf(config.precision),
                                      .device = parts.model.tensors()[0].master.device()}));
  // It encodes the pictures itself: stored features would hide what its vision sees.
  const RowLoader loader = parts.loader.WithoutStore();
  Evaluator evaluator(*exported, *parts.inputs.tokenizer, loader, ask);
  MD2_ASSIGN_OR_RETURN(const Evaluation answered, evaluator.Run(/*keep_first_logits=*/true));
  const bool is_exact =
      config.method == Method::kFull || (config.precision == ComputePrecision::kFp32 &&
                                         model::Describe(parts.inputs.folder).dtype == "f32");
  return CheckSameAnswers(trained.answers, answered.answers,
                          is_exact ? SameAnswersLimits() : kMerged);
}

}  // namespace

absl::StatusOr<std::string> FinishJob(const FinishParts& parts, const TrainState& state,
                                      const EvaluatorOptions& ask) {
  TrainState taken = state;
  const std::optional<int64_t> best = state.best.best_update;
  if (best.has_value() && *best != state.update) {
    MD2_ASSIGN_OR_RETURN(taken, parts.saver.Restore(parts.model, *best));
  }
  const TrainConfig& config = state.run.config;
  // What the export rounds, the model that it is compared to rounds too.
  parts.model.RoundAsStored(parts.inputs.folder);
  MD2_ASSIGN_OR_RETURN(const Evaluation trained, PassGate(parts, ask));
  parts.observer.OnPhase({Phase::kExport, 0, 0});
  const ExportSource source = {&parts.inputs.folder, parts.model.Masters(), taken, parts.versions};
  MD2_RETURN_IF_ERROR(
      ExportModel(parts.files, parts.output.model_dir(), source, {.may_replace = true}));
  if (config.method == Method::kLora && config.init == Init::kRandom) {
    parts.observer.OnWarning(
        {state.update, "no_adapter",
         "the run began with fresh weights, which its base does not have, so that an adapter "
         "beside the base would answer otherwise than the run; only the model is exported"});
  } else if (config.method == Method::kLora && config.train_vision == TrainVision::kNone) {
    MD2_RETURN_IF_ERROR(
        ExportAdapter(parts.files, parts.output.adapter_dir(), source, {.may_replace = true}));
  }
  MD2_RETURN_IF_ERROR(Compare(parts, ask, config, trained));
  return parts.output.model_dir();
}

}  // namespace md2::train
