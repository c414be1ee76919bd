#include "core/model/safetensors_reader.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/error.h"
#include "core/base/quoted.h"
#include "core/base/status_macros.h"
#include "core/model/shard_index.h"

namespace md2::model {

absl::StatusOr<std::unique_ptr<SafetensorsReader>> SafetensorsReader::OpenFile(
    base::FileEnv& env, const std::string& path) {
  auto reader = std::unique_ptr<SafetensorsReader>(new SafetensorsReader);
  MD2_RETURN_IF_ERROR(reader->AddFile(env, path));
  return reader;
}

absl::StatusOr<std::unique_ptr<SafetensorsReader>> SafetensorsReader::OpenFolder(
    base::FileEnv& env, const std::string& dir) {
  const std::string single = absl::StrCat(dir, "/", kWeightsFile);
  const std::string index_path = absl::StrCat(dir, "/", kWeightsIndexFile);
  absl::StatusOr<std::unique_ptr<SafetensorsReader>> one = OpenFile(env, single);
  if (one.ok() || base::ReasonOf(one.status()) != base::Reason::kFileNotFound) return one;
  const absl::StatusOr<std::string> text = base::ReadWholeFile(env, index_path, kMaxIndexBytes);
  if (base::ReasonOf(text.status()) == base::Reason::kFileNotFound) {
    return base::MakeError(absl::StatusCode::kNotFound, base::Reason::kFileNotFound,
                           absl::StrCat("no weights: expected ", kWeightsFile, " or ",
                                        kWeightsIndexFile, " in the folder ", dir));
  }
  MD2_RETURN_IF_ERROR(text.status());
  MD2_ASSIGN_OR_RETURN(const ShardIndex index, ParseShardIndex(*text, index_path));

  auto reader = std::unique_ptr<SafetensorsReader>(new SafetensorsReader);
  base::ErrorList problems;
  std::vector<std::string> opened;
  for (const std::string& shard : index.shards) {
    const size_t num_files = reader->paths_.size();
    const absl::Status added = reader->AddFile(env, absl::StrCat(dir, "/", shard));
    if (!added.ok()) problems.Add(added);
    if (reader->paths_.size() > num_files) opened.push_back(shard);
  }
  CompareWithIndex(index, reader->entries_, opened, problems);
  MD2_RETURN_IF_ERROR(
      problems.ToStatus(absl::StatusCode::kInvalidArgument, base::Reason::kModelWeightsInvalid,
                        absl::StrCat("shards that do not fit their index ", index_path)));
  return reader;
}

absl::Status SafetensorsReader::AddFile(base::FileEnv& env, const std::string& path) {
  MD2_ASSIGN_OR_RETURN(std::unique_ptr<base::ReadableFile> file, env.OpenForRead(path));
  MD2_ASSIGN_OR_RETURN(std::unique_ptr<base::MappedRegion> region, file->Map());
  MD2_ASSIGN_OR_RETURN(SafetensorsHeader header, ParseSafetensorsHeader(region->bytes(), path));
  const size_t file_index = paths_.size();
  if (file_index == 0) metadata_ = std::move(header.metadata);
  paths_.push_back(path);
  files_.push_back(std::move(file));
  regions_.push_back(std::move(region));
  base::ErrorList problems;
  for (TensorEntry& entry : header.entries) {
    entry.file_index = file_index;
    const auto [at, is_new] = index_by_name_.emplace(entry.name, entries_.size());
    if (is_new) {
      entries_.push_back(std::move(entry));
    } else {
      problems.Add(absl::StrCat(base::Quoted(entry.name), ", also in ",
                                paths_[entries_[at->second].file_index]));
    }
  }
  return problems.ToStatus(absl::StatusCode::kInvalidArgument, base::Reason::kModelWeightsInvalid,
                           absl::StrCat("tensors that another shard holds in ", path));
}

const TensorEntry* SafetensorsReader::Find(absl::string_view name) const {
  const auto found = index_by_name_.find(name);
  return found == index_by_name_.end() ? nullptr : &entries_[found->second];
}

absl::Span<const uint8_t> SafetensorsReader::Bytes(const TensorEntry& entry) const {
  return regions_[entry.file_index]->bytes().subspan(entry.offset, entry.num_bytes);
}

absl::Status SafetensorsReader::Read(const TensorEntry& entry, uint64_t first,
                                     absl::Span<uint8_t> out) const {
  return files_[entry.file_index]->ReadAt(entry.offset + first, out);
}

}  // namespace md2::model
