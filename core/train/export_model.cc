#include "core/train/export_model.h"

#include <ATen/ops/addmm.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/isfinite.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "core/base/atomic_folder.h"
#include "core/base/error.h"
#include "core/base/folder_of.h"
#include "core/base/json.h"
#include "core/base/quoted.h"
#include "core/base/status_macros.h"
#include "core/model/config.h"
#include "core/model/revision_table.h"
#include "core/model/safetensors_writer.h"
#include "core/model/torch_status.h"
#include "core/model/weights.h"
#include "core/train/fresh_tensor.h"

namespace md2::train {
namespace {

using base::AtomicFolder;
using base::Json;
using model::Dtype;
using model::SafetensorsReader;
using model::SafetensorsWriter;
using model::TensorEntry;

constexpr uint64_t kPieceBytes = uint64_t{4} << 20;
constexpr char kWeightEnding[] = ".weight";

// Of a weight dtype.
at::ScalarType FileType(Dtype dtype) {
  if (dtype == Dtype::kF16) return at::kHalf;
  return dtype == Dtype::kBF16 ? at::kBFloat16 : at::kFloat;
}

at::Tensor ReadTensor(const SafetensorsReader& reader, const TensorEntry& entry,
                      absl::Status& status) {
  const at::Tensor tensor = at::empty(entry.shape, FileType(entry.dtype));
  auto* bytes = static_cast<uint8_t*>(tensor.mutable_data_ptr());
  status = reader.Read(entry, 0, absl::MakeSpan(bytes, entry.num_bytes));
  return tensor;
}

absl::Status CannotExport(const base::ErrorList& problems) {
  return problems.ToStatus(absl::StatusCode::kFailedPrecondition, base::Reason::kCheckpointInvalid,
                           "trained tensors that the base model cannot take");
}

// Masters by name, and which tensor of the base each belongs to. Must not outlive its source.
class MasterTable {
 public:
  explicit MasterTable(const ExportSource& source)
      : base_(*source.base),
        is_fresh_(source.state.run.config.init == Init::kRandom),
        seed_(static_cast<uint64_t>(source.state.run.config.seed)),
        rank_(source.state.run.config.lora_rank),
        scale_(source.state.run.config.lora_alpha / static_cast<double>(rank_)) {
    for (const StateTensor& state : source.masters) by_name_[state.name] = state.tensor;
  }

  // OK when every master has its place among the entries.
  absl::Status Check(const std::vector<TensorEntry>& entries) const {
    base::ErrorList problems;
    std::set<std::string, std::less<>> used;
    for (const TensorEntry& entry : entries) CheckOne(entry, used, problems);
    for (const auto& [name, tensor] : by_name_) {
      if (used.count(name) == 0) problems.Add(absl::StrCat(base::Quoted(name), ": no such tensor"));
    }
    return CannotExport(problems);
  }

  // What the entry's tensor became, fp32, on the CPU; undefined when it is the base's. Throws as
  // LibTorch. REQUIRES: Check found nothing.
  at::Tensor Trained(const TensorEntry& entry, const SafetensorsReader& reader,
                     absl::Status& status) const {
    const std::string name = model::CanonicalName(entry.name);
    if (const at::Tensor* const master = Find(name); master != nullptr) return master->cpu();
    const at::Tensor* const a = FindAdapter(name, model::kAdapterA);
    const at::Tensor* const b = FindAdapter(name, model::kAdapterB);
    at::Tensor fresh = is_fresh_ ? FreshTensor(base_, name, seed_) : at::Tensor();
    if (a == nullptr || b == nullptr) return fresh;
    const at::Tensor start =
        fresh.defined() ? fresh.to(FileType(entry.dtype)) : ReadTensor(reader, entry, status);
    return at::addmm(start.to(at::kFloat), b->cpu(), a->cpu(), 1, scale_);
  }

 private:
  const at::Tensor* Find(const std::string& name) const {
    const auto found = by_name_.find(name);
    return found == by_name_.end() ? nullptr : &found->second;
  }

  // Of the layer that the weight belongs to.
  const at::Tensor* FindAdapter(absl::string_view weight, const char* ending) const {
    if (!absl::ConsumeSuffix(&weight, kWeightEnding)) return nullptr;
    return Find(absl::StrCat(weight, ending));
  }

  void CheckOne(const TensorEntry& entry, std::set<std::string, std::less<>>& used,
                base::ErrorList& problems) const {
    const std::string name = model::CanonicalName(entry.name);
    CheckShape(name, Find(name), entry.shape, used, problems);
    const at::Tensor* const a = FindAdapter(name, model::kAdapterA);
    const at::Tensor* const b = FindAdapter(name, model::kAdapterB);
    if (a == nullptr || b == nullptr || entry.shape.size() != 2) return;
    const std::string layer(absl::StripSuffix(name, kWeightEnding));
    CheckShape(layer + model::kAdapterA, a, {rank_, entry.shape[1]}, used, problems);
    CheckShape(layer + model::kAdapterB, b, {entry.shape[0], rank_}, used, problems);
  }

  static void CheckShape(const std::string& name, const at::Tensor* tensor,
                         const std::vector<int64_t>& expected,
                         std::set<std::string, std::less<>>& used, base::ErrorList& problems) {
    if (tensor == nullptr) return;
    used.insert(name);
    const std::vector<int64_t> found = tensor->sizes().vec();
    if (found == expected) return;
    problems.Add(absl::StrCat(base::Quoted(name), ": expected ", model::ShapeText(expected),
                              ", found ", model::ShapeText(found)));
  }

  std::map<std::string, at::Tensor, std::less<>> by_name_;
  const model::ModelFolder& base_;
  bool is_fresh_;
  uint64_t seed_;
  int64_t rank_;
  double scale_;
};

absl::Status CopyTensor(const SafetensorsReader& reader, const TensorEntry& entry,
                        SafetensorsWriter& writer) {
  std::vector<uint8_t> piece;
  for (uint64_t first = 0; first < entry.num_bytes; first += piece.size()) {
    piece.resize(std::min(kPieceBytes, entry.num_bytes - first));
    MD2_RETURN_IF_ERROR(reader.Read(entry, first, absl::MakeSpan(piece)));
    MD2_RETURN_IF_ERROR(writer.Append(entry.name, piece));
  }
  return absl::OkStatus();
}

absl::Status WriteTrained(const at::Tensor& trained, const TensorEntry& entry,
                          SafetensorsWriter& writer) {
  const at::Tensor cast = trained.to(FileType(entry.dtype)).contiguous();
  if (!at::isfinite(cast).all().item<bool>()) {
    base::ErrorList problems;
    problems.Add(absl::StrCat(base::Quoted(entry.name), ": a value that ",
                              model::DtypeName(entry.dtype), " cannot hold"));
    return CannotExport(problems);
  }
  return writer.Append(entry.name,
                       {static_cast<const uint8_t*>(cast.const_data_ptr()), cast.nbytes()});
}

absl::Status WriteWeights(AtomicFolder& folder, const ExportSource& source) {
  const SafetensorsReader& reader = *source.base->weights;
  const MasterTable masters(source);
  MD2_RETURN_IF_ERROR(masters.Check(reader.entries()));
  std::vector<model::TensorDeclaration> declarations;
  for (const TensorEntry& entry : reader.entries()) {
    declarations.push_back({entry.name, entry.dtype, entry.shape});
  }
  MD2_ASSIGN_OR_RETURN(std::unique_ptr<base::AtomicFile> file,
                       folder.CreateFile(model::kWeightsFile));
  MD2_ASSIGN_OR_RETURN(const std::unique_ptr<SafetensorsWriter> writer,
                       SafetensorsWriter::Create(std::move(file), std::move(declarations)));
  for (const TensorEntry& entry : reader.entries()) {
    absl::Status status;
    const at::Tensor trained = masters.Trained(entry, reader, status);
    MD2_RETURN_IF_ERROR(status);
    MD2_RETURN_IF_ERROR(trained.defined() ? WriteTrained(trained, entry, *writer)
                                          : CopyTensor(reader, entry, *writer));
  }
  return writer->Finish();
}

std::string ConfigText(const ExportSource& source) {
  const TrainConfig& config = source.state.run.config;
  Json document = source.base->config.document;
  if (config.tiles == Tiles::kOff) document[model::kTilesKey] = "off";
  if (config.attention == Attention::kPrefix) document[model::kAttentionKey] = "prefix";
  if (config.attention == Attention::kCausal) document.erase(model::kAttentionKey);
  return model::ModelConfigText(source.base->config.sizes, document);
}

// What the export writes itself, or what is no part of the base.
bool IsCopied(const std::string& name, const std::set<std::string>& weight_files) {
  return weight_files.count(name) == 0 && name != model::kWeightsFile &&
         name != model::kWeightsIndexFile && name != model::kConfigFile &&
         name != base::kManifestFile && name != base::kFolderLockFile &&
         !base::IsUnfinishedName(name);
}

// `below` is the path within the base, empty or with its slash.
absl::Status CopyOthers(base::FileEnv& env, const std::string& base_dir, const std::string& below,
                        const std::set<std::string>& weight_files, AtomicFolder& folder) {
  MD2_ASSIGN_OR_RETURN(const std::vector<std::string> names,
                       env.ListDirectory(absl::StrCat(base_dir, "/", below)));
  for (const std::string& name : names) {
    const std::string within = absl::StrCat(below, name);
    const std::string from = absl::StrCat(base_dir, "/", within);
    if (below.empty() && !IsCopied(name, weight_files)) continue;
    MD2_ASSIGN_OR_RETURN(const base::FileInfo info, env.Stat(from));
    if (info.is_regular) MD2_RETURN_IF_ERROR(folder.CopyFile(from, within));
    if (info.is_directory && !absl::StartsWith(name, ".")) {
      MD2_RETURN_IF_ERROR(
          CopyOthers(env, base_dir, absl::StrCat(within, "/"), weight_files, folder));
    }
  }
  return absl::OkStatus();
}

absl::Status CheckRoom(base::FileEnv& env, const std::string& dir, const ExportSource& source) {
  constexpr uint64_t kRoomBesideWeights = uint64_t{16} << 20;
  uint64_t needed = kRoomBesideWeights;
  for (const TensorEntry& entry : source.base->weights->entries()) needed += entry.num_bytes;
  MD2_ASSIGN_OR_RETURN(const uint64_t free, env.FreeBytes(base::FolderOf(dir)));
  if (free >= needed) return absl::OkStatus();
  return base::MakeError(absl::StatusCode::kResourceExhausted, base::Reason::kStorageFull,
                         absl::StrCat("no room for an exported model (free some and try again): "
                                      "expected ",
                                      needed, " free bytes, found ", free, ": ", dir));
}

std::set<std::string> WeightFiles(const ExportSource& source) {
  std::set<std::string> names;
  for (const std::string& path : source.base->weights->paths()) {
    names.insert(path.substr(path.rfind('/') + 1));
  }
  return names;
}

}  // namespace

absl::Status ExportModel(base::FileEnv& env, const std::string& dir, const ExportSource& source,
                         const ExportOptions& options) {
  MD2_ASSIGN_OR_RETURN(
      const std::unique_ptr<AtomicFolder> folder,
      AtomicFolder::Create(env, dir, {.kind = kModelKind, .may_replace = options.may_replace}));
  MD2_RETURN_IF_ERROR(CheckRoom(env, folder->path(), source));
  MD2_RETURN_IF_ERROR(
      model::CatchTorch("exporting a model", [&] { return WriteWeights(*folder, source); }));
  MD2_RETURN_IF_ERROR(folder->WriteFile(model::kConfigFile, ConfigText(source)));
  MD2_RETURN_IF_ERROR(CopyOthers(env, source.base->dir, "", WeightFiles(source), *folder));
  return folder->Commit(AboutExport(source));
}

}  // namespace md2::train
