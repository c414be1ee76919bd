#include "core/model/random_model.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "core/base/error.h"
#include "core/base/status_macros.h"
#include "core/model/config.h"
#include "core/model/model_folder.h"
#include "core/model/random_values.h"
#include "core/model/safetensors_writer.h"
#include "core/model/weight_table.h"

namespace md2::model {
namespace {

constexpr int kMaxThreads = 256;
constexpr uint64_t kBlockValues = uint64_t{1} << 22;      // made, then written, at a time
constexpr uint64_t kMinThreadValues = uint64_t{1} << 16;  // fewer are not worth a thread
constexpr uint64_t kChunkValues = 1024;                   // converted while they are in the cache

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
    absl::Status status = env.Stat(PathOf(dir, file)).status();
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

// The bytes of the values from `first` on.
void FillBytes(const RandomTensor& tensor, Dtype dtype, uint64_t first, absl::Span<uint8_t> out) {
  std::array<float, kChunkValues> values;
  std::array<uint16_t, kChunkValues> halves;
  const size_t value_bytes = DtypeBytes(dtype);
  while (!out.empty()) {
    const size_t count = std::min<size_t>(kChunkValues, out.size() / value_bytes);
    tensor.Fill(first, absl::MakeSpan(values.data(), count));
    if (dtype == Dtype::kF16) {
      std::transform(values.begin(), values.begin() + count, halves.begin(), FloatToHalf);
      std::memcpy(out.data(), halves.data(), count * value_bytes);
    } else {
      std::memcpy(out.data(), values.data(), count * value_bytes);
    }
    first += count;
    out.remove_prefix(count * value_bytes);
  }
}

// As FillBytes, each thread a part of it. A value depends on its place alone, so that the parts may
// be cut anywhere.
void FillBytesWithThreads(const RandomTensor& tensor, Dtype dtype, uint64_t first, int num_threads,
                          absl::Span<uint8_t> out) {
  const size_t value_bytes = DtypeBytes(dtype);
  const uint64_t count = out.size() / value_bytes;
  const uint64_t part = std::max(kMinThreadValues, (count + num_threads - 1) / num_threads);
  std::vector<std::jthread> threads;  // joined when it goes
  for (uint64_t begin = part; begin < count; begin += part) {
    const auto fill = [&tensor, dtype, first, begin,
                       bytes = out.subspan(begin * value_bytes, part * value_bytes)] {
      FillBytes(tensor, dtype, first + begin, bytes);
    };
    try {
      threads.emplace_back(fill);
    } catch (const std::system_error&) {  // the process has as many threads as it may have
      fill();
    }
  }
  FillBytes(tensor, dtype, first, out.subspan(0, part * value_bytes));
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
  uint64_t done_bytes = 0;
  std::vector<uint8_t> bytes;
  for (const WeightSpec& spec : table) {
    const RandomTensor tensor(spec, options.seed);
    const auto count = static_cast<uint64_t>(CountElements(spec));
    for (uint64_t first = 0; first < count; first += kBlockValues) {
      MD2_RETURN_IF_ERROR(options.cancel.ToStatus());
      bytes.resize(std::min(kBlockValues, count - first) * DtypeBytes(options.dtype));
      FillBytesWithThreads(tensor, options.dtype, first, options.num_threads,
                           absl::MakeSpan(bytes));
      MD2_RETURN_IF_ERROR(writer->Append(spec.name, bytes));
      done_bytes += bytes.size();
      if (options.progress) options.progress(done_bytes, total_bytes);
    }
  }
  return writer->Finish();
}

absl::Status WriteFiles(base::FileEnv& env, const std::string& dir,
                        const RandomModelOptions& options) {
  MD2_RETURN_IF_ERROR(WriteWeights(env, PathOf(dir, kWeightsFile), options));
  MD2_RETURN_IF_ERROR(options.cancel.ToStatus());
  MD2_RETURN_IF_ERROR(
      base::WriteFileAtomically(env, PathOf(dir, kTokenizerFile), options.tokenizer_json));
  return base::WriteFileAtomically(env, PathOf(dir, kConfigFile),
                                   ModelConfigText(options.sizes, nullptr));
}

// The mark of completeness goes first, and for good. Nobody is left to hear of a failure.
void RemoveFiles(base::FileEnv& env, const std::string& dir) {
  for (auto file = kFiles.rbegin(); file != kFiles.rend(); ++file) {
    env.RemoveFile(PathOf(dir, *file)).IgnoreError();
    env.SyncDirectory(dir).IgnoreError();
  }
}

}  // namespace

absl::Status WriteRandomModel(base::FileEnv& env, const std::string& dir,
                              const RandomModelOptions& options) {
  MD2_RETURN_IF_ERROR(CheckOptions(options));
  MD2_RETURN_IF_ERROR(CheckNothingIsThere(env, dir));
  MD2_RETURN_IF_ERROR(env.CreateDirectories(dir));
  absl::Status written = WriteFiles(env, dir, options);
  if (!written.ok()) RemoveFiles(env, dir);
  return written;
}

}  // namespace md2::model
