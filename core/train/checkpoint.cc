#include "core/train/checkpoint.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/from_blob.h>

#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/atomic_folder.h"
#include "core/base/error.h"
#include "core/base/folder_of.h"
#include "core/base/json.h"
#include "core/base/manifest.h"
#include "core/base/quoted.h"
#include "core/base/status_macros.h"
#include "core/model/safetensors_reader.h"
#include "core/model/safetensors_writer.h"
#include "core/model/torch_status.h"
#include "core/train/checkpoint_folder.h"

namespace md2::train {
namespace {

using model::Dtype;
using model::SafetensorsReader;
using model::SafetensorsWriter;
using model::TensorEntry;

// For state, manifest and headers.
constexpr uint64_t kRoomBesideTensors = uint64_t{4} << 20;

std::optional<Dtype> DtypeOf(const at::Tensor& tensor) {
  if (tensor.scalar_type() == at::kFloat) return Dtype::kF32;
  if (tensor.scalar_type() == at::kByte) return Dtype::kU8;
  return std::nullopt;
}

absl::Status WriteTensors(base::AtomicFolder& folder, const std::string& file_name,
                          const std::vector<StateTensor>& tensors) {
  std::vector<model::TensorDeclaration> declarations;
  for (const StateTensor& state : tensors) {
    const std::optional<Dtype> dtype = DtypeOf(state.tensor);
    if (!dtype.has_value() || !state.tensor.is_contiguous()) {
      return base::MakeError(absl::StatusCode::kInternal, base::Reason::kInternal,
                             absl::StrCat("a tensor that no checkpoint holds: ", state.name));
    }
    declarations.push_back({state.name, *dtype, state.tensor.sizes().vec()});
  }
  MD2_ASSIGN_OR_RETURN(std::unique_ptr<base::AtomicFile> file, folder.CreateFile(file_name));
  MD2_ASSIGN_OR_RETURN(const std::unique_ptr<SafetensorsWriter> writer,
                       SafetensorsWriter::Create(std::move(file), std::move(declarations)));
  for (const StateTensor& state : tensors) {
    const at::Tensor host = state.tensor.cpu();
    MD2_RETURN_IF_ERROR(writer->Append(
        state.name, {static_cast<const uint8_t*>(host.const_data_ptr()), host.nbytes()}));
  }
  return writer->Finish();
}

absl::Status CheckRoom(base::FileEnv& env, const std::string& dir,
                       const CheckpointContents& contents) {
  uint64_t needed = kRoomBesideTensors;
  for (const StateTensor& state : contents.masters) needed += state.tensor.nbytes();
  for (const StateTensor& state : contents.moments) needed += state.tensor.nbytes();
  MD2_ASSIGN_OR_RETURN(const uint64_t free, env.FreeBytes(base::FolderOf(dir)));
  if (free >= needed) return absl::OkStatus();
  return base::MakeError(
      absl::StatusCode::kResourceExhausted, base::Reason::kStorageFull,
      absl::StrCat("no room for a checkpoint (free some, or set a smaller keep_last): expected ",
                   needed, " free bytes, found ", free, ": ", dir));
}

// Compares with what a file holds; problems go to the list.
class TensorMatcher {
 public:
  TensorMatcher(const SafetensorsReader& reader, const std::string& what, base::ErrorList& problems)
      : reader_(reader), what_(what), problems_(problems) {}

  void Match(const std::vector<StateTensor>& expected) {
    std::map<absl::string_view, const at::Tensor*> by_name;
    for (const StateTensor& state : expected) {
      by_name.emplace(state.name, &state.tensor);
      if (reader_.Find(state.name) == nullptr) Problem("missing", state.name);
    }
    for (const TensorEntry& entry : reader_.entries()) {
      const auto found = by_name.find(entry.name);
      if (found == by_name.end()) {
        Problem("not expected", entry.name);
      } else {
        MatchOne(entry, *found->second);
      }
    }
  }

 private:
  void MatchOne(const TensorEntry& entry, const at::Tensor& tensor) {
    const std::string dtype(model::DtypeName(DtypeOf(tensor).value_or(Dtype::kF64)));
    if (tensor.sizes().vec() == entry.shape && dtype == model::DtypeName(entry.dtype)) return;
    Problem(absl::StrCat("expected ", dtype, " ", model::ShapeText(tensor.sizes()), ", found ",
                         model::DtypeName(entry.dtype), " ", model::ShapeText(entry.shape)),
            entry.name);
  }

  void Problem(absl::string_view text, absl::string_view name) {
    problems_.Add(absl::StrCat(what_, ": ", base::Quoted(name), ": ", text));
  }

  const SafetensorsReader& reader_;
  const std::string what_;
  base::ErrorList& problems_;
};

absl::Status Fill(const SafetensorsReader& reader, const std::vector<StateTensor>& tensors) {
  for (const StateTensor& state : tensors) {
    const TensorEntry& entry = *reader.Find(state.name);
    at::Tensor host = state.tensor.is_cpu()
                          ? state.tensor
                          : at::empty(state.tensor.sizes(), state.tensor.scalar_type());
    auto* bytes = static_cast<uint8_t*>(host.mutable_data_ptr());
    MD2_RETURN_IF_ERROR(reader.Read(entry, 0, absl::MakeSpan(bytes, entry.num_bytes)));
    if (!state.tensor.is_cpu()) state.tensor.copy_(host);
  }
  return absl::OkStatus();
}

std::string Join(const std::string& dir, const char* file) { return absl::StrCat(dir, "/", file); }

absl::Status FillFromFiles(base::FileEnv& env, const std::string& dir,
                           const std::vector<StateTensor>& masters,
                           const std::vector<StateTensor>& moments) {
  MD2_ASSIGN_OR_RETURN(const auto master_file,
                       SafetensorsReader::OpenFile(env, Join(dir, kMastersFile)));
  MD2_ASSIGN_OR_RETURN(const auto moment_file,
                       SafetensorsReader::OpenFile(env, Join(dir, kMomentsFile)));
  base::ErrorList problems;
  TensorMatcher(*master_file, kMastersFile, problems).Match(masters);
  TensorMatcher(*moment_file, kMomentsFile, problems).Match(moments);
  MD2_RETURN_IF_ERROR(problems.ToStatus(
      absl::StatusCode::kInvalidArgument, base::Reason::kCheckpointInvalid,
      absl::StrCat("a checkpoint that does not hold what this run trains, ", dir)));
  MD2_RETURN_IF_ERROR(Fill(*master_file, masters));
  return Fill(*moment_file, moments);
}

}  // namespace

absl::StatusOr<uint64_t> WriteCheckpoint(base::FileEnv& env, const std::string& dir,
                                         const CheckpointContents& contents) {
  MD2_ASSIGN_OR_RETURN(
      const std::unique_ptr<base::AtomicFolder> folder,
      base::AtomicFolder::Create(
          env, dir, {.kind = kCheckpointKind, .may_replace = true, .keeps_lock = true}));
  MD2_RETURN_IF_ERROR(CheckRoom(env, dir, contents));
  MD2_RETURN_IF_ERROR(model::CatchTorch("writing a checkpoint", [&] {
    const absl::Status status = WriteTensors(*folder, kMastersFile, contents.masters);
    return status.ok() ? WriteTensors(*folder, kMomentsFile, contents.moments) : status;
  }));
  MD2_RETURN_IF_ERROR(folder->WriteFile(kStateFile, StateText(contents.state)));
  base::Json about = IdentityToJson(contents.state.run);
  about["update"] = contents.state.update;
  MD2_RETURN_IF_ERROR(folder->Commit(std::move(about)));
  return folder->size_bytes();
}

absl::StatusOr<TrainState> ReadCheckpoint(base::FileEnv& env, const std::string& dir,
                                          const std::vector<StateTensor>& masters,
                                          const std::vector<StateTensor>& moments) {
  MD2_ASSIGN_OR_RETURN(const base::Manifest manifest,
                       base::ReadManifest(env, dir, kCheckpointKind));
  MD2_RETURN_IF_ERROR(base::VerifyFiles(env, dir, manifest));
  MD2_ASSIGN_OR_RETURN(TrainState state, ReadState(env, dir));
  MD2_RETURN_IF_ERROR(model::CatchTorch("reading a checkpoint",
                                        [&] { return FillFromFiles(env, dir, masters, moments); }));
  return state;
}

absl::StatusOr<std::vector<StateTensor>> MapMasters(base::FileEnv& env, const std::string& dir) {
  MD2_ASSIGN_OR_RETURN(base::Manifest manifest, base::ReadManifest(env, dir, kCheckpointKind));
  manifest.files.erase(kMomentsFile);  // two thirds of the bytes, and not looked at
  MD2_RETURN_IF_ERROR(base::VerifyFiles(env, dir, manifest));
  MD2_ASSIGN_OR_RETURN(auto opened, SafetensorsReader::OpenFile(env, Join(dir, kMastersFile)));
  const std::shared_ptr<const SafetensorsReader> reader = std::move(opened);
  std::vector<StateTensor> masters;
  MD2_RETURN_IF_ERROR(model::CatchTorch("mapping a checkpoint", [&] {
    for (const TensorEntry& entry : reader->entries()) {
      if (entry.dtype != Dtype::kF32) {
        return base::MakeError(
            absl::StatusCode::kInvalidArgument, base::Reason::kCheckpointInvalid,
            absl::StrCat("expected trained tensors in F32, found ", model::DtypeName(entry.dtype),
                         " of ", base::Quoted(entry.name), ": ", dir));
      }
      auto* bytes = const_cast<uint8_t*>(reader->Bytes(entry).data());
      masters.push_back(
          {entry.name, at::from_blob(bytes, entry.shape, [reader](void*) {}, at::kFloat)});
    }
    return absl::OkStatus();
  }));
  return masters;
}

}  // namespace md2::train
