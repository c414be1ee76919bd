#include "core/model/weights.h"

#include <ATen/Parallel.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/from_blob.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/base/status_macros.h"
#include "core/model/torch_status.h"
#include "core/model/weight_arena.h"

namespace md2::model {
namespace {

// What one thread converts at a time.
constexpr int64_t kChunkElements = int64_t{1} << 20;

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

// Elements [first, first + count) of one tensor.
struct Chunk {
  const TensorEntry* entry;
  const uint8_t* source;  // unaligned
  uint8_t* target;
  int64_t count;
};

// `count` elements of the file as a tensor; copied only when they do not lie as their type asks.
at::Tensor AsTensor(const uint8_t* source, int64_t count, at::ScalarType type) {
  const size_t size = c10::elementSize(type);
  if (reinterpret_cast<uintptr_t>(source) % size == 0) {
    return at::from_blob(const_cast<uint8_t*>(source), {count}, type);
  }
  at::Tensor aligned = at::empty({count}, type);
  std::memcpy(aligned.mutable_data_ptr(), source, count * size);
  return aligned;
}

void Convert(const Chunk& chunk, at::ScalarType to) {
  const at::ScalarType from = ScalarTypeOf(chunk.entry->dtype);
  if (from == to) {
    std::memcpy(chunk.target, chunk.source, chunk.count * c10::elementSize(to));
    return;
  }
  at::from_blob(chunk.target, {chunk.count}, to).copy_(AsTensor(chunk.source, chunk.count, from));
}

std::vector<Chunk> CutIntoChunks(const ModelFolder& folder, uint8_t* arena, at::ScalarType to) {
  std::vector<Chunk> chunks;
  uint64_t offset = 0;
  for (const TensorEntry& entry : folder.entries) {
    const uint8_t* source = folder.weights->Bytes(entry).data();
    const int64_t total = entry.num_elements();
    for (int64_t first = 0; first < total; first += kChunkElements) {
      chunks.push_back({&entry, source + first * DtypeBytes(entry.dtype),
                        arena + offset + first * c10::elementSize(to),
                        std::min(kChunkElements, total - first)});
    }
    offset += AlignedBytes(total * c10::elementSize(to));
  }
  return chunks;
}

absl::StatusOr<Weights> LoadToHost(const ModelFolder& folder, at::ScalarType type) {
  uint64_t num_bytes = 0;
  for (const TensorEntry& entry : folder.entries) {
    num_bytes += AlignedBytes(entry.num_elements() * c10::elementSize(type));
  }
  MD2_ASSIGN_OR_RETURN(const std::shared_ptr<WeightArena> arena, WeightArena::Create(num_bytes));
  const std::vector<Chunk> chunks = CutIntoChunks(folder, arena->data(), type);
  std::map<std::string, at::Tensor, std::less<>> tensors;
  MD2_RETURN_IF_ERROR(CatchTorch("loading weights", [&] {
    at::parallel_for(0, static_cast<int64_t>(chunks.size()), 1, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) Convert(chunks[i], type);
    });
    uint64_t offset = 0;
    for (const TensorEntry& entry : folder.entries) {
      tensors[entry.name] =
          at::from_blob(arena->data() + offset, entry.shape, [arena](void*) {}, at::dtype(type));
      offset += AlignedBytes(entry.num_elements() * c10::elementSize(type));
    }
    return absl::OkStatus();
  }));
  return Weights(std::move(tensors));
}

absl::StatusOr<Weights> LoadToDevice(const ModelFolder& folder, at::ScalarType type,
                                     c10::Device device) {
  std::map<std::string, at::Tensor, std::less<>> tensors;
  MD2_RETURN_IF_ERROR(CatchTorch("loading weights", [&] {
    for (const TensorEntry& entry : folder.entries) {
      const at::Tensor source = AsTensor(folder.weights->Bytes(entry).data(), entry.num_elements(),
                                         ScalarTypeOf(entry.dtype));
      tensors[entry.name] = source.to(at::TensorOptions(device).dtype(type)).view(entry.shape);
    }
    return absl::OkStatus();
  }));
  return Weights(std::move(tensors));
}

}  // namespace

const at::Tensor& Weights::Get(absl::string_view name) const { return tensors_.find(name)->second; }

at::ScalarType ScalarTypeOf(Precision precision) { return ScalarTypeOf(DtypeOf(precision)); }

absl::StatusOr<Weights> LoadWeights(const ModelFolder& folder, Precision precision,
                                    c10::Device device) {
  const at::ScalarType type = ScalarTypeOf(precision);
  return device.is_cpu() ? LoadToHost(folder, type) : LoadToDevice(folder, type, device);
}

}  // namespace md2::model
