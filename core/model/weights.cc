#include "core/model/weights.h"

#include <ATen/Parallel.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/from_blob.h>

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "absl/types/span.h"
#include "core/base/mutex.h"
#include "core/base/status_macros.h"
#include "core/model/half_to_bf16.h"
#include "core/model/torch_status.h"
#include "core/model/weight_arena.h"

namespace md2::model {
namespace {

// What one thread reads at a time: what it converts stays in its cache.
constexpr int64_t kChunkElements = int64_t{1} << 15;

// Elements [first, first + count) of one tensor.
struct Chunk {
  const TensorEntry* entry;
  int64_t first;
  int64_t count;
  uint8_t* target;
};

void Convert(uint8_t* source, at::ScalarType from, int64_t count, at::ScalarType to,
             uint8_t* target) {
  if (HalfToBf16Fits(from, to)) return HalfToBf16(source, count, target);
  at::from_blob(target, {count}, to).copy_(at::from_blob(source, {count}, from));
}

// `scratch` has room for a chunk of the widest type.
absl::Status LoadChunk(const SafetensorsReader& reader, const Chunk& chunk, at::ScalarType to,
                       uint8_t* scratch) {
  const at::ScalarType from = ScalarTypeOf(chunk.entry->dtype);
  const uint64_t size = DtypeBytes(chunk.entry->dtype);
  uint8_t* out = from == to ? chunk.target : scratch;
  MD2_RETURN_IF_ERROR(
      reader.Read(*chunk.entry, chunk.first * size, absl::MakeSpan(out, chunk.count * size)));
  if (from != to) Convert(scratch, from, chunk.count, to, chunk.target);
  return absl::OkStatus();
}

// In the order of `entries`, each tensor at the next aligned place from `arena` on.
std::vector<Chunk> CutIntoChunks(const std::vector<TensorEntry>& entries, at::ScalarType to,
                                 uint8_t* arena) {
  std::vector<Chunk> chunks;
  const auto size = static_cast<int64_t>(c10::elementSize(to));
  for (const TensorEntry& entry : entries) {
    const int64_t total = entry.num_elements();
    for (int64_t first = 0; first < total; first += kChunkElements) {
      chunks.push_back(
          {&entry, first, std::min(kChunkElements, total - first), arena + first * size});
    }
    arena += AlignedBytes(total * size);
  }
  return chunks;
}

absl::Status LoadChunks(const SafetensorsReader& reader, const std::vector<Chunk>& chunks,
                        at::ScalarType to) {
  base::Mutex mutex;
  absl::Status status;  // of the first chunk that failed, in no order
  at::parallel_for(0, static_cast<int64_t>(chunks.size()), 1, [&](int64_t begin, int64_t end) {
    const at::Tensor scratch = at::empty({kChunkElements}, at::kFloat);
    absl::Status mine;
    for (int64_t i = begin; i < end && mine.ok(); ++i) {
      mine = LoadChunk(reader, chunks[i], to, static_cast<uint8_t*>(scratch.mutable_data_ptr()));
    }
    base::MutexLock lock(mutex);
    status.Update(mine);
  });
  return status;
}

absl::StatusOr<Weights> LoadToHost(const SafetensorsReader& reader,
                                   const std::vector<TensorEntry>& entries, at::ScalarType type) {
  const uint64_t size = c10::elementSize(type);
  uint64_t num_bytes = 0;
  for (const TensorEntry& entry : entries) {
    num_bytes += AlignedBytes(entry.num_elements() * size);
  }
  MD2_ASSIGN_OR_RETURN(const std::shared_ptr<WeightArena> arena, WeightArena::Create(num_bytes));
  std::map<std::string, at::Tensor, std::less<>> tensors;
  MD2_RETURN_IF_ERROR(CatchTorch("loading weights", [&] {
    uint8_t* place = arena->data();
    for (const TensorEntry& entry : entries) {
      tensors[entry.name] = at::from_blob(place, entry.shape, [arena](void*) {}, type);
      place += AlignedBytes(entry.num_elements() * size);
    }
    return LoadChunks(reader, CutIntoChunks(entries, type, arena->data()), type);
  }));
  return Weights(std::move(tensors));
}

absl::StatusOr<Weights> LoadToDevice(const SafetensorsReader& reader,
                                     const std::vector<TensorEntry>& entries, at::ScalarType type,
                                     c10::Device device) {
  std::map<std::string, at::Tensor, std::less<>> tensors;
  absl::Status loaded = CatchTorch("loading weights", [&] {
    absl::Status read;
    for (const TensorEntry& entry : entries) {
      at::Tensor host = at::empty(entry.shape, ScalarTypeOf(entry.dtype));
      auto* bytes = static_cast<uint8_t*>(host.mutable_data_ptr());
      read.Update(reader.Read(entry, 0, absl::MakeSpan(bytes, entry.num_bytes)));
      if (!read.ok()) break;
      tensors[entry.name] = host.to(at::TensorOptions(device).dtype(type));
    }
    return read;
  });
  if (!loaded.ok()) return loaded;
  return Weights(std::move(tensors));
}

}  // namespace

const at::Tensor& Weights::Get(absl::string_view name) const { return tensors_.find(name)->second; }

at::Tensor Weights::Find(absl::string_view name) const {
  const auto found = tensors_.find(name);
  return found == tensors_.end() ? at::Tensor() : found->second;
}

at::ScalarType ScalarTypeOf(Dtype dtype) {
  switch (dtype) {
    case Dtype::kF16:
      return at::kHalf;
    case Dtype::kBF16:
      return at::kBFloat16;
    default:
      return at::kFloat;
  }
}

at::ScalarType ScalarTypeOf(Precision precision) { return ScalarTypeOf(DtypeOf(precision)); }

absl::StatusOr<Weights> LoadWeights(const ModelFolder& folder, Precision precision,
                                    c10::Device device) {
  return LoadWeights(folder, folder.entries, precision, device);
}

absl::StatusOr<Weights> LoadWeights(const ModelFolder& folder,
                                    const std::vector<TensorEntry>& entries, Precision precision,
                                    c10::Device device) {
  const at::ScalarType type = ScalarTypeOf(precision);
  return device.is_cpu() ? LoadToHost(*folder.weights, entries, type)
                         : LoadToDevice(*folder.weights, entries, type, device);
}

}  // namespace md2::model
