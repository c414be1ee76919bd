#include "core/model/model_folder.h"

#include <map>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/status_macros.h"
#include "core/model/revision_table.h"
#include "core/model/weight_check.h"

namespace md2::model {
namespace {

absl::StatusOr<ModelConfig> ReadConfig(base::FileEnv& env, const std::string& dir) {
  const std::string path = absl::StrCat(dir, "/", kConfigFile);
  MD2_ASSIGN_OR_RETURN(const std::string text, base::ReadWholeFile(env, path, kMaxConfigBytes));
  return ParseModelConfig(text, path);
}

absl::Status CheckIsFolder(base::FileEnv& env, const std::string& dir) {
  MD2_ASSIGN_OR_RETURN(const base::FileInfo info, env.Stat(dir));
  if (info.is_directory) return absl::OkStatus();
  return base::MakeError(absl::StatusCode::kFailedPrecondition, base::Reason::kFileNotRegular,
                         absl::StrCat("expected a model folder, found a file: ", dir));
}

absl::Status CheckTokenizerIsThere(base::FileEnv& env, const std::string& path) {
  return env.OpenForRead(path).status();
}

// The entries that the layers read, in the order of the table.
absl::StatusOr<std::vector<TensorEntry>> CanonicalEntries(const SafetensorsReader& weights,
                                                          const std::vector<WeightSpec>& table,
                                                          const std::string& dir) {
  std::vector<TensorEntry> renamed = weights.entries();
  for (TensorEntry& entry : renamed) entry.name = CanonicalName(entry.name);
  MD2_RETURN_IF_ERROR(CheckWeights(renamed, table, dir));
  std::map<absl::string_view, const TensorEntry*> by_name;
  for (const TensorEntry& entry : renamed) by_name.emplace(entry.name, &entry);
  std::vector<TensorEntry> entries;
  entries.reserve(table.size());
  for (const WeightSpec& spec : table) entries.push_back(*by_name.at(spec.name));
  return entries;
}

// The only error as it is; several as one that names all.
absl::Status Combine(const std::vector<absl::Status>& errors, const std::string& dir) {
  if (errors.empty()) return absl::OkStatus();
  if (errors.size() == 1) return errors.front();
  base::ErrorList list;
  for (const absl::Status& error : errors) list.Add(error);
  return list.ToStatus(absl::StatusCode::kInvalidArgument, base::Reason::kModelConfigInvalid,
                       absl::StrCat("a model folder with several problems, ", dir));
}

}  // namespace

absl::StatusOr<ModelFolder> OpenModelFolder(base::FileEnv& env, const std::string& dir,
                                            const ModelParts& parts) {
  MD2_RETURN_IF_ERROR(CheckIsFolder(env, dir));
  ModelFolder folder;
  folder.dir = dir;
  std::vector<absl::Status> errors;
  const auto keep = [&errors](const absl::Status& status) {
    if (!status.ok()) errors.push_back(status);
    return status.ok();
  };

  absl::StatusOr<ModelConfig> config = ReadConfig(env, dir);
  const bool has_config = keep(config.status());
  if (has_config) {
    folder.config = *std::move(config);
    folder.table = WeightTable(folder.config.sizes);
  }
  if (parts.weights) {
    auto weights = SafetensorsReader::OpenFolder(env, dir);
    if (keep(weights.status())) folder.weights = *std::move(weights);
  }
  if (parts.tokenizer) keep(CheckTokenizerIsThere(env, folder.tokenizer_path()));
  // Whether they fit each other can be said once both are there.
  if (has_config && folder.weights != nullptr) {
    const auto revision = DeduceRevision(folder.weights->entries(), folder.config.sizes, dir);
    if (keep(revision.status())) {
      folder.revision = *revision;
      auto entries = CanonicalEntries(*folder.weights, folder.table, dir);
      if (keep(entries.status())) folder.entries = *std::move(entries);
    }
  }
  MD2_RETURN_IF_ERROR(Combine(errors, dir));
  return folder;
}

ModelDescription Describe(const ModelFolder& folder) {
  ModelDescription description;
  description.revision = std::string(base::RevisionName(folder.revision));
  description.sizes = folder.config.sizes;
  description.image_tokens = folder.config.sizes.image_tokens();
  std::set<std::string> dtypes;
  for (const TensorEntry& entry : folder.weights->entries()) {
    ++description.tensors;
    description.parameters += entry.num_elements();
    description.bytes += static_cast<int64_t>(entry.num_bytes);
    dtypes.insert(absl::AsciiStrToLower(DtypeName(entry.dtype)));
  }
  description.dtype = absl::StrJoin(dtypes, "+");
  return description;
}

base::Json DescriptionToJson(const ModelDescription& description) {
  return {{"revision", description.revision},
          {"parameters", description.parameters},
          {"tensors", description.tensors},
          {"bytes", description.bytes},
          {"dtype", description.dtype},
          {"image_tokens", description.image_tokens},
          {"sizes", SizesToJson(description.sizes)}};
}

}  // namespace md2::model
