// Defines WeightArena, the memory in which a model's weights lie.

#ifndef MD2_CORE_MODEL_WEIGHT_ARENA_H_
#define MD2_CORE_MODEL_WEIGHT_ARENA_H_

#include <cstddef>
#include <cstdint>
#include <memory>

#include "absl/status/statusor.h"

namespace md2::model {

// Where every tensor begins: at a multiple of this many bytes. A product's last bit may depend on
// it.
inline constexpr uint64_t kWeightAlignment = 64;

constexpr uint64_t AlignedBytes(uint64_t bytes) {
  return (bytes + kWeightAlignment - 1) / kWeightAlignment * kWeightAlignment;
}

// One stretch of zeroed memory; from 64 MiB on, on huge pages where the system grants them: a
// decoded token reads all of it, and small pages cost a third of the speed. Given back when
// destroyed. One thread at a time writes; constant, share freely.
class WeightArena {
 public:
  // OUT_OF_MEMORY (ResourceExhausted).
  static absl::StatusOr<std::shared_ptr<WeightArena>> Create(uint64_t num_bytes);

  ~WeightArena();
  WeightArena(const WeightArena&) = delete;
  WeightArena& operator=(const WeightArena&) = delete;

  uint8_t* data() { return data_; }

 private:
  WeightArena(uint8_t* data, size_t mapped_bytes) : data_(data), mapped_bytes_(mapped_bytes) {}

  uint8_t* data_;
  size_t mapped_bytes_;
};

}  // namespace md2::model

#endif  // MD2_CORE_MODEL_WEIGHT_ARENA_H_
