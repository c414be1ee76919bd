#include "core/train/checkpoint_folder.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "core/base/atomic_folder.h"
#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/json_fields.h"
#include "core/base/manifest.h"
#include "core/base/status_macros.h"

namespace md2::train {
namespace {

using base::Json;

constexpr char kIndexFile[] = "index.json";
constexpr char kPinFile[] = ".pinned";
constexpr uint64_t kMaxJsonBytes = uint64_t{1} << 20;

std::string Join(absl::string_view dir, absl::string_view name) {
  return absl::StrCat(dir, "/", name);
}

// Whether the file or folder is there.
absl::StatusOr<bool> Exists(base::FileEnv& env, const std::string& path) {
  const absl::Status status = env.Stat(path).status();
  if (base::ReasonOf(status) == base::Reason::kFileNotFound) return false;
  MD2_RETURN_IF_ERROR(status);
  return true;
}

std::optional<int64_t> ReadUpdate(base::FieldReader& fields, const char* key) {
  const Json* const value = fields.Optional(key);
  if (value == nullptr || value->is_null()) return std::nullopt;
  return fields.RequiredCount(key);
}

Json UpdateToJson(const std::optional<int64_t>& update) {
  return update.has_value() ? Json(*update) : Json(nullptr);
}

}  // namespace

std::string CheckpointName(int64_t update) { return absl::StrFormat("%06d", update); }

std::optional<int64_t> ParseCheckpointName(absl::string_view name) {
  int64_t update = 0;
  const bool is_number =
      std::all_of(name.begin(), name.end(), absl::ascii_isdigit) && absl::SimpleAtoi(name, &update);
  if (!is_number || CheckpointName(update) != name) return std::nullopt;
  return update;
}

std::string CheckpointFolder::PathOf(int64_t update) const {
  return Join(dir_, CheckpointName(update));
}

absl::StatusOr<std::vector<int64_t>> CheckpointFolder::List() const {
  std::vector<int64_t> updates;
  const absl::StatusOr<std::vector<std::string>> names = env_.ListDirectory(dir_);
  if (base::ReasonOf(names.status()) == base::Reason::kFileNotFound) return updates;
  MD2_RETURN_IF_ERROR(names.status());
  for (const std::string& name : *names) {
    const std::optional<int64_t> update = ParseCheckpointName(name);
    if (!update.has_value()) continue;
    MD2_ASSIGN_OR_RETURN(const bool is_complete,
                         Exists(env_, Join(PathOf(*update), base::kManifestFile)));
    if (is_complete) updates.push_back(*update);
  }
  std::sort(updates.begin(), updates.end());
  return updates;
}

absl::StatusOr<CheckpointIndex> CheckpointFolder::ReadIndex() const {
  const std::string path = Join(dir_, kIndexFile);
  CheckpointIndex index;
  const auto text = base::ReadWholeFile(env_, path, kMaxJsonBytes);
  if (base::ReasonOf(text.status()) == base::Reason::kFileNotFound) return index;
  MD2_RETURN_IF_ERROR(text.status());
  base::ErrorList problems;
  const absl::StatusOr<Json> json = base::ParseJson(*text, {}, path);
  if (json.ok()) {
    base::FieldReader fields(*json, "", problems);
    index.last = ReadUpdate(fields, "last");
    index.best = ReadUpdate(fields, "best");
  } else {
    problems.Add(json.status());
  }
  MD2_RETURN_IF_ERROR(problems.ToStatus(absl::StatusCode::kInvalidArgument,
                                        base::Reason::kCheckpointInvalid,
                                        absl::StrCat("a damaged index of checkpoints, ", path)));
  return index;
}

absl::Status CheckpointFolder::WriteIndex(const CheckpointIndex& index) {
  const Json json = {{"last", UpdateToJson(index.last)}, {"best", UpdateToJson(index.best)}};
  return base::WriteFileAtomically(env_, Join(dir_, kIndexFile), json.dump() + "\n");
}

absl::StatusOr<CheckpointInUse> CheckpointFolder::Use(int64_t update) const {
  CheckpointInUse in_use;
  in_use.path = PathOf(update);
  auto lock = env_.LockShared(Join(in_use.path, base::kFolderLockFile));
  const base::Reason reason = base::ReasonOf(lock.status());
  // Held alone, it is about to be removed.
  if (reason == base::Reason::kFileExists || reason == base::Reason::kFileNotFound) {
    return base::MakeError(absl::StatusCode::kNotFound, base::Reason::kFileNotFound,
                           absl::StrCat("no such checkpoint: ", in_use.path));
  }
  MD2_RETURN_IF_ERROR(lock.status());
  in_use.lock = *std::move(lock);
  return in_use;
}

absl::Status CheckpointFolder::Pin(int64_t update) {
  MD2_ASSIGN_OR_RETURN(const CheckpointInUse in_use, Use(update));
  return base::WriteFileAtomically(env_, Join(in_use.path, kPinFile), "");
}

absl::Status CheckpointFolder::Unpin(int64_t update) {
  const absl::Status removed = env_.RemoveFile(Join(PathOf(update), kPinFile));
  if (base::ReasonOf(removed) == base::Reason::kFileNotFound) return absl::OkStatus();
  MD2_RETURN_IF_ERROR(removed);
  return env_.SyncDirectory(PathOf(update));
}

absl::Status CheckpointFolder::Prune(const Retention& retention) {
  MD2_ASSIGN_OR_RETURN(std::vector<int64_t> updates, List());
  const int64_t num_kept = std::max<int64_t>(retention.keep_last, 1);
  if (static_cast<int64_t>(updates.size()) <= num_kept) return absl::OkStatus();
  updates.resize(updates.size() - num_kept);
  for (const int64_t update : updates) {
    if (update == retention.best) continue;
    MD2_ASSIGN_OR_RETURN(const bool is_pinned, Exists(env_, Join(PathOf(update), kPinFile)));
    if (is_pinned) continue;
    const absl::Status removed = base::RemoveFolderAtomically(env_, PathOf(update));
    if (base::ReasonOf(removed) != base::Reason::kFileExists) MD2_RETURN_IF_ERROR(removed);
  }
  return absl::OkStatus();
}

absl::Status CheckpointFolder::RemoveUnfinished() { return base::RemoveUnfinished(env_, dir_); }

absl::StatusOr<TrainState> ReadState(base::FileEnv& env, const std::string& checkpoint_dir) {
  const std::string path = Join(checkpoint_dir, kStateFile);
  MD2_ASSIGN_OR_RETURN(const std::string text, base::ReadWholeFile(env, path, kMaxJsonBytes));
  return ParseState(text, path);
}

}  // namespace md2::train
