#include "core/train/job_data.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/error.h"
#include "core/base/status_macros.h"
#include "core/data/check.h"

namespace md2::train {
namespace {

data::CheckedModel ModelOf(const model::ModelFolder& folder, const text::Tokenizer& tokenizer) {
  const model::Sizes& sizes = folder.config.sizes;
  data::CheckedModel model;
  model.tokenizer = &tokenizer;
  model.revision = folder.revision;
  model.end_id = static_cast<text::TokenId>(sizes.eos_id);
  model.prefix_tokens = sizes.prefix_tokens();
  model.max_positions = sizes.text.max_positions;
  model.vocab = sizes.text.vocab;
  model.crop = static_cast<int>(sizes.vision.crop);
  return model;
}

data::CheckOptions OptionsOf(const TrainConfig& config, const JobDataOptions& options) {
  data::CheckOptions check;
  check.tiles = config.tiles == Tiles::kAuto;
  if (config.max_new_tokens.has_value()) check.max_new_tokens = *config.max_new_tokens;
  check.val_split = config.val_split;
  check.skip_bad_rows = config.skip_bad_rows;
  check.num_threads = options.num_threads;
  check.cancel = options.cancel;
  check.progress = options.on_progress;
  return check;
}

}  // namespace

TrainConfig AsBaseAsks(const TrainConfig& config, const model::ModelConfig& base) {
  TrainConfig asked = config;
  if (!base.tiles) asked.tiles = Tiles::kOff;
  if (base.prefix_attention && asked.attention == Attention::kAuto) {
    asked.attention = Attention::kPrefix;
  }
  return asked;
}

absl::StatusOr<JobData> OpenJobData(base::FileEnv& env, const DataPaths& paths,
                                    const model::ModelFolder& folder,
                                    const text::Tokenizer& tokenizer, const TrainConfig& config,
                                    const JobDataOptions& options) {
  JobData data;
  MD2_ASSIGN_OR_RETURN(data.train, data::Dataset::Open(env, paths.train));
  if (!paths.val.empty()) {
    MD2_ASSIGN_OR_RETURN(data.val, data::Dataset::Open(env, paths.val));
  }
  MD2_ASSIGN_OR_RETURN(data.report,
                       data::CheckData(env, *data.train, data.val.get(), ModelOf(folder, tokenizer),
                                       OptionsOf(config, options)));
  return data;
}

absl::Status CheckUsable(const JobData& data) {
  const data::CheckReport& report = data.report;
  if (report.num_errors == 0) return absl::OkStatus();
  if (report.num_bad_rows == 0) {
    return base::MakeError(absl::StatusCode::kInvalidArgument, base::Reason::kDataInvalid,
                           absl::StrCat("expected data without errors, found ", report.num_errors,
                                        ", which the report names: ", data.train->path()));
  }
  return base::MakeError(
      absl::StatusCode::kInvalidArgument, base::Reason::kDataInvalid,
      absl::StrCat("expected data without errors, found ", report.num_errors, " in ",
                   report.num_bad_rows,
                   " rows, which the report names: mend them, or leave so many rows out with "
                   "--skip-bad-rows: ",
                   data.train->path()));
}

}  // namespace md2::train
