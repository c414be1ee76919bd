#include "core/model/random_model.h"

#include <array>
#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "core/base/error.h"
#include "core/base/status_macros.h"
#include "core/model/config.h"
#include "core/model/model_folder.h"
#include "core/model/random_blocks.h"
#include "core/model/safetensors_writer.h"
#include "core/model/weight_table.h"

namespace md2::model {
namespace {

constexpr int kMaxThreads = 256;

// In the order in which they are written: config.json says that the others are complete.
constexpr std::array<const char*, 3> kFiles = {kWeightsFile, kTokenizerFile, kConfigFile};

std::string PathOf(const std::string& dir, const char* file) {
  return absl::StrCat(dir, "/", file);
}

absl::Status CheckOptions(const RandomModelOptions& options) {
  MD2_RETURN_IF_ERROR(ValidateSizes(options.sizes, "the model to be made"));
  if (options.dtype != Dtype::kF16 && options.dtype != Dtype::kF32) {
    return base::MakeError(absl::StatusCode::kInvalidArgument, base::Reason::kModelUnsupported,
                           absl::StrCat("expected the dtype f16 or f32 for random weights, found ",
                                        absl::AsciiStrToLower(DtypeName(options.dtype))));
  }
  if (options.num_threads < 1 || options.num_threads > kMaxThreads) {
    return base::MakeError(
        absl::StatusCode::kInvalidArgument, base::Reason::kSettingInvalid,
        absl::StrCat("expected 1 to ", kMaxThreads, " threads, found ", options.num_threads));
  }
  return absl::OkStatus();
}

absl::Status CheckNothingIsThere(base::FileEnv& env, const std::string& dir) {
  base::ErrorList there;
  for (const char* file : kFiles) {
    const absl::Status status = env.Stat(PathOf(dir, file)).status();
    if (status.ok()) {
      there.Add(file);
    } else if (base::ReasonOf(status) != base::Reason::kFileNotFound) {
      return status;
    }
  }
  return there.ToStatus(
      absl::StatusCode::kAlreadyExists, base::Reason::kFileExists,
      absl::StrCat("expected a folder without a model, name another; found in ", dir));
}

absl::Status WriteWeights(base::FileEnv& env, const std::string& path,
                          const RandomModelOptions& options) {
  const std::vector<WeightSpec> table = WeightTable(options.sizes);
  std::vector<TensorDeclaration> tensors;
  tensors.reserve(table.size());
  for (const WeightSpec& spec : table) tensors.push_back({spec.name, options.dtype, spec.shape});
  const uint64_t total_bytes =
      static_cast<uint64_t>(CountParameters(table)) * DtypeBytes(options.dtype);
  MD2_ASSIGN_OR_RETURN(const std::unique_ptr<SafetensorsWriter> writer,
                       SafetensorsWriter::Create(env, path, std::move(tensors)));
  MD2_ASSIGN_OR_RETURN(
      const std::unique_ptr<RandomBlocks> blocks,
      RandomBlocks::Start(table, options.seed, options.dtype, options.num_threads));
  uint64_t done_bytes = 0;
  while (const std::optional<RandomBlock> block = blocks->Next()) {
    MD2_RETURN_IF_ERROR(writer->Append(block->spec->name, block->bytes));
    done_bytes += block->bytes.size();
    if (options.progress) options.progress(done_bytes, total_bytes);
  }
  return writer->Finish();
}

absl::Status WriteFiles(base::FileEnv& env, const std::string& dir,
                        const RandomModelOptions& options) {
  MD2_RETURN_IF_ERROR(WriteWeights(env, PathOf(dir, kWeightsFile), options));
  MD2_RETURN_IF_ERROR(
      base::WriteFileAtomically(env, PathOf(dir, kTokenizerFile), options.tokenizer_json));
  return base::WriteFileAtomically(env, PathOf(dir, kConfigFile),
                                   ModelConfigText(options.sizes, nullptr));
}

// The mark of completeness goes first. Nobody is left to hear of a failure.
void RemoveFiles(base::FileEnv& env, const std::string& dir) {
  for (auto file = kFiles.rbegin(); file != kFiles.rend(); ++file) {
    env.RemoveFile(PathOf(dir, *file)).IgnoreError();
  }
}

}  // namespace

absl::Status WriteRandomModel(base::FileEnv& env, const std::string& dir,
                              const RandomModelOptions& options) {
  MD2_RETURN_IF_ERROR(CheckOptions(options));
  MD2_RETURN_IF_ERROR(CheckNothingIsThere(env, dir));
  MD2_RETURN_IF_ERROR(env.CreateDirectories(dir));
  const absl::Status written = WriteFiles(env, dir, options);
  if (!written.ok()) RemoveFiles(env, dir);
  return written;
}

}  // namespace md2::model
