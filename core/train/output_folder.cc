#include "core/train/output_folder.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/base/atomic_folder.h"
#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/status_macros.h"

namespace md2::train {
namespace {

using base::Json;

constexpr char kConfigFile[] = "config.json";
constexpr char kMetricsFile[] = "metrics.jsonl";
constexpr char kEvalsFile[] = "evals.jsonl";
constexpr char kCheckpoints[] = "checkpoints";
constexpr char kVersionsKey[] = "versions";
constexpr char kConfigKey[] = "config";
constexpr uint64_t kMaxConfigBytes = uint64_t{1} << 20;

std::string WithoutTrailingSlashes(std::string path) {
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  return path;
}

std::string Join(absl::string_view dir, absl::string_view name) {
  return absl::StrCat(dir, "/", name);
}

absl::StatusOr<std::unique_ptr<base::FileLock>> LockFolder(base::FileEnv& env,
                                                           const std::string& dir) {
  auto lock = env.Lock(Join(dir, base::kFolderLockFile));
  if (base::ReasonOf(lock.status()) != base::Reason::kFileExists) return lock;
  return base::MakeError(
      absl::StatusCode::kAlreadyExists, base::Reason::kOutputInUse,
      absl::StrCat("another run writes to this output folder; wait for it, stop it, or give "
                   "another output_dir: ",
                   dir));
}

// Touches nothing. A folder with nothing but leftovers counts as empty.
absl::Status CheckIsEmpty(base::FileEnv& env, const std::string& dir) {
  const absl::StatusOr<std::vector<std::string>> names = env.ListDirectory(dir);
  if (base::ReasonOf(names.status()) == base::Reason::kFileNotFound) return absl::OkStatus();
  MD2_RETURN_IF_ERROR(names.status());
  std::string first;
  size_t num_others = 0;
  bool has_lock = false;
  for (const std::string& name : *names) {
    if (name == base::kFolderLockFile) {
      has_lock = true;
    } else if (!base::IsUnfinishedName(name)) {
      ++num_others;
      if (first.empty()) first = name;
    }
  }
  if (num_others == 0) return absl::OkStatus();
  // A run at work is the better answer.
  if (has_lock) MD2_RETURN_IF_ERROR(LockFolder(env, dir).status());
  const std::string more = num_others == 1 ? "" : absl::StrCat(" and ", num_others - 1, " more");
  return base::MakeError(
      absl::StatusCode::kAlreadyExists, base::Reason::kFileExists,
      absl::StrCat("expected an output folder that is empty or absent (give --resume to go on with "
                   "the run in it, or another output_dir), found ",
                   first, more, ": ", dir));
}

}  // namespace

OutputFolder::OutputFolder(base::FileEnv& env, std::string dir)
    : env_(env), dir_(std::move(dir)), checkpoints_(env, Join(dir_, kCheckpoints)) {}

absl::StatusOr<std::unique_ptr<OutputFolder>> OutputFolder::Open(base::FileEnv& env,
                                                                 const std::string& dir,
                                                                 Start start) {
  auto folder = std::unique_ptr<OutputFolder>(new OutputFolder(env, WithoutTrailingSlashes(dir)));
  if (start == Start::kNew) MD2_RETURN_IF_ERROR(CheckIsEmpty(env, folder->dir_));
  MD2_RETURN_IF_ERROR(env.CreateDirectories(folder->dir_));
  MD2_ASSIGN_OR_RETURN(folder->lock_, LockFolder(env, folder->dir_));
  MD2_RETURN_IF_ERROR(base::RemoveUnfinished(env, folder->dir_));
  MD2_RETURN_IF_ERROR(folder->checkpoints_.RemoveUnfinished());
  return folder;
}

absl::Status OutputFolder::WriteConfig(const RunIdentity& run,
                                       const std::map<std::string, std::string>& versions) {
  Json json = IdentityToJson(run);
  json.update(Json(json[kConfigKey]));
  json.erase(kConfigKey);
  json[kVersionsKey] = versions;
  return base::WriteFileAtomically(env_, Join(dir_, kConfigFile),
                                   json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n");
}

absl::Status OutputFolder::OpenLines(int64_t update) {
  MD2_ASSIGN_OR_RETURN(metrics_, LineFile::Open(env_, Join(dir_, kMetricsFile), update + 1));
  MD2_ASSIGN_OR_RETURN(evals_, LineFile::Open(env_, Join(dir_, kEvalsFile), update));
  return absl::OkStatus();
}

absl::Status OutputFolder::SyncLines() {
  MD2_RETURN_IF_ERROR(metrics_->Sync());
  return evals_->Sync();
}

absl::StatusOr<RunIdentity> ReadRunConfig(base::FileEnv& env, const std::string& dir) {
  const std::string path = Join(dir, kConfigFile);
  MD2_ASSIGN_OR_RETURN(const std::string text, base::ReadWholeFile(env, path, kMaxConfigBytes));
  MD2_ASSIGN_OR_RETURN(Json json, base::ParseJson(text, {}, path));
  Json identity = Json::object();
  if (json.is_object()) {
    json.erase(kVersionsKey);
    for (const char* key : {"base", "tokenizer", "data", "val"}) {
      const auto found = json.find(key);
      if (found == json.end()) continue;
      identity[key] = *found;
      json.erase(found);
    }
  }
  identity[kConfigKey] = std::move(json);
  base::ErrorList problems;
  RunIdentity run = ReadIdentity(identity, "run", problems);
  MD2_RETURN_IF_ERROR(problems.ToStatus(absl::StatusCode::kInvalidArgument,
                                        base::Reason::kSettingInvalid,
                                        absl::StrCat("not the configuration of a run, ", path)));
  return run;
}

}  // namespace md2::train
