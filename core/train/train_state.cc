#include "core/train/train_state.h"

#include "absl/strings/str_cat.h"
#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/json_fields.h"
#include "core/base/status_macros.h"

namespace md2::train {
namespace {

using base::ErrorList;
using base::FieldReader;
using base::Json;

constexpr int64_t kVersion = 1;

LossScaleState ReadLossScale(const Json& json, ErrorList& problems) {
  FieldReader fields(json, "loss_scale", problems);
  LossScaleState state;
  state.scale = fields.RequiredNumber("scale");
  state.updates_since_change = fields.RequiredCount("updates_since_change");
  fields.RefuseOthers();
  return state;
}

BestState ReadBest(const Json& json, ErrorList& problems) {
  FieldReader fields(json, "best", problems);
  BestState state;
  const Json* const update = fields.Optional("update");
  if (update != nullptr && !update->is_null()) state.best_update = fields.RequiredCount("update");
  state.best_value = fields.RequiredNumber("value");
  state.patience_value = fields.RequiredNumber("patience_value");
  state.stale = fields.RequiredCount("stale");
  fields.RefuseOthers();
  return state;
}

TrainState ReadState(const Json& json, ErrorList& problems) {
  FieldReader fields(json, "", problems);
  fields.OnlySupported("version", {kVersion});
  TrainState state;
  state.update = fields.RequiredCount("update");
  state.micro_batch_rows = fields.RequiredCount("micro_batch_rows");
  state.skipped_updates = fields.RequiredCount("skipped_updates");
  state.skipped_in_a_row = fields.RequiredCount("skipped_in_a_row");
  if (const Json* const scale = fields.Required("loss_scale"); scale != nullptr) {
    state.loss_scale = ReadLossScale(*scale, problems);
  }
  if (const Json* const best = fields.Required("best"); best != nullptr) {
    state.best = ReadBest(*best, problems);
  }
  if (const Json* const run = fields.Required("run"); run != nullptr) {
    state.run = ReadIdentity(*run, "run", problems);
  }
  fields.RefuseOthers();
  return state;
}

}  // namespace

std::string StateText(const TrainState& state) {
  Json best = {{"update", nullptr},
               {"value", state.best.best_value},
               {"patience_value", state.best.patience_value},
               {"stale", state.best.stale}};
  if (state.best.best_update.has_value()) best["update"] = *state.best.best_update;
  const Json json = {{"version", kVersion},
                     {"update", state.update},
                     {"micro_batch_rows", state.micro_batch_rows},
                     {"skipped_updates", state.skipped_updates},
                     {"skipped_in_a_row", state.skipped_in_a_row},
                     {"loss_scale",
                      {{"scale", state.loss_scale.scale},
                       {"updates_since_change", state.loss_scale.updates_since_change}}},
                     {"best", best},
                     {"run", IdentityToJson(state.run)}};
  return json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

absl::StatusOr<TrainState> ParseState(absl::string_view text, absl::string_view what) {
  ErrorList problems;
  TrainState state;
  const absl::StatusOr<Json> json = base::ParseJson(text, {}, what);
  if (json.ok()) {
    state = ReadState(*json, problems);
  } else {
    problems.Add(json.status());
  }
  MD2_RETURN_IF_ERROR(
      problems.ToStatus(absl::StatusCode::kInvalidArgument, base::Reason::kCheckpointInvalid,
                        absl::StrCat("a state that this build cannot go on from, ", what)));
  return state;
}

}  // namespace md2::train
