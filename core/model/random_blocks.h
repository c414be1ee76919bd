// Defines RandomBlocks, which makes the bytes of random weights on several threads and hands them
// out in file order.

#ifndef MD2_CORE_MODEL_RANDOM_BLOCKS_H_
#define MD2_CORE_MODEL_RANDOM_BLOCKS_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "core/base/mutex.h"
#include "core/model/dtype.h"
#include "core/model/weight_table.h"

namespace md2::model {

// A piece of one tensor.
struct RandomBlock {
  const WeightSpec* spec;
  absl::Span<const uint8_t> bytes;
};

// The blocks depend on table, seed and dtype alone. Holds a few MB a thread. Next is for one thread
// at a time; destroying it at any moment ends its threads.
class RandomBlocks {
 public:
  // OUT_OF_MEMORY when not a single thread can be started; fewer than `num_threads` are made do
  // with. REQUIRES: dtype is kF16 or kF32, num_threads is positive. `table` must outlive the
  // object.
  static absl::StatusOr<std::unique_ptr<RandomBlocks>> Start(const std::vector<WeightSpec>& table,
                                                             uint64_t seed, Dtype dtype,
                                                             int num_threads);
  ~RandomBlocks();
  RandomBlocks(const RandomBlocks&) = delete;
  RandomBlocks& operator=(const RandomBlocks&) = delete;

  // Blocks until the next one is made; nothing after the last. Its bytes are valid until the next
  // call.
  std::optional<RandomBlock> Next() ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  // What a thread makes next.
  struct Work {
    uint64_t number = 0;  // of the block, from 0
    const WeightSpec* spec = nullptr;
    uint64_t first = 0;  // value of the tensor
    size_t num_values = 0;
  };
  // One block, at number % slots_.size().
  struct Slot {
    const WeightSpec* spec = nullptr;
    std::vector<uint8_t> bytes;
    bool ready = false;
  };

  RandomBlocks(const std::vector<WeightSpec>& table, uint64_t seed, Dtype dtype, int num_threads);
  void RunThread() ABSL_LOCKS_EXCLUDED(mutex_);
  // Waits for a free slot. Nothing when all is handed out or the object is being destroyed.
  std::optional<Work> TakeWork() ABSL_LOCKS_EXCLUDED(mutex_);

  const std::vector<WeightSpec>& table_;
  const uint64_t seed_;
  const Dtype dtype_;

  base::Mutex mutex_;
  base::CondVar slot_freed_;
  base::CondVar block_made_;
  std::vector<Slot> slots_ ABSL_GUARDED_BY(mutex_);
  size_t tensor_ ABSL_GUARDED_BY(mutex_) = 0;  // of the next work
  uint64_t first_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t num_taken_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t num_consumed_ ABSL_GUARDED_BY(mutex_) = 0;
  bool holds_block_ ABSL_GUARDED_BY(mutex_) = false;  // Next has handed out number num_consumed_
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<std::thread> threads_;
};

}  // namespace md2::model

#endif  // MD2_CORE_MODEL_RANDOM_BLOCKS_H_
