#include "core/model/random_blocks.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <system_error>

#include "core/base/error.h"
#include "core/model/random_values.h"

namespace md2::model {
namespace {

constexpr size_t kBlockValues = size_t{1} << 20;
constexpr size_t kSlotsPerThread = 2;  // one being made, one waiting to be written
constexpr size_t kChunkValues = 1024;  // converted while they are in the cache

void MakeBytes(const RandomTensor& tensor, uint64_t first, Dtype dtype, absl::Span<uint8_t> out) {
  std::array<float, kChunkValues> values;
  std::array<uint16_t, kChunkValues> halves;
  const size_t value_bytes = DtypeBytes(dtype);
  while (!out.empty()) {
    const size_t count = std::min(kChunkValues, out.size() / value_bytes);
    tensor.Fill(first, absl::MakeSpan(values.data(), count));
    if (dtype == Dtype::kF16) {
      for (size_t i = 0; i < count; ++i) halves[i] = FloatToHalf(values[i]);
      std::memcpy(out.data(), halves.data(), count * value_bytes);
    } else {
      std::memcpy(out.data(), values.data(), count * value_bytes);
    }
    first += count;
    out.remove_prefix(count * value_bytes);
  }
}

}  // namespace

absl::StatusOr<std::unique_ptr<RandomBlocks>> RandomBlocks::Start(
    const std::vector<WeightSpec>& table, uint64_t seed, Dtype dtype, int num_threads) {
  auto blocks = std::unique_ptr<RandomBlocks>(new RandomBlocks(table, seed, dtype, num_threads));
  for (int i = 0; i < num_threads; ++i) {
    try {
      blocks->threads_.emplace_back([raw = blocks.get()] { raw->RunThread(); });
    } catch (const std::system_error&) {  // the process has as many threads as it may have
      break;
    }
  }
  if (!blocks->threads_.empty()) return blocks;
  return base::MakeError(absl::StatusCode::kResourceExhausted, base::Reason::kOutOfMemory,
                         "cannot start a thread: the process has as many as it may have");
}

RandomBlocks::RandomBlocks(const std::vector<WeightSpec>& table, uint64_t seed, Dtype dtype,
                           int num_threads)
    : table_(table),
      seed_(seed),
      dtype_(dtype),
      slots_(kSlotsPerThread * static_cast<size_t>(num_threads)) {}

RandomBlocks::~RandomBlocks() {
  {
    base::MutexLock lock(mutex_);
    stopping_ = true;
    slot_freed_.SignalAll();
  }
  for (std::thread& thread : threads_) thread.join();
}

std::optional<RandomBlock> RandomBlocks::Next() {
  base::MutexLock lock(mutex_);
  if (holds_block_) {
    slots_[num_consumed_ % slots_.size()].ready = false;
    ++num_consumed_;
    holds_block_ = false;
    slot_freed_.SignalAll();
  }
  const Slot& slot = slots_[num_consumed_ % slots_.size()];
  while (!slot.ready) {
    if (tensor_ == table_.size() && num_consumed_ == num_taken_) return std::nullopt;
    block_made_.Wait(mutex_);
  }
  holds_block_ = true;
  return RandomBlock{slot.spec, slot.bytes};
}

std::optional<RandomBlocks::Work> RandomBlocks::TakeWork() {
  base::MutexLock lock(mutex_);
  while (!stopping_ && tensor_ < table_.size() && num_taken_ - num_consumed_ == slots_.size()) {
    slot_freed_.Wait(mutex_);
  }
  if (stopping_ || tensor_ == table_.size()) return std::nullopt;
  const WeightSpec& spec = table_[tensor_];
  const uint64_t num_left = static_cast<uint64_t>(CountElements(spec)) - first_;
  Work work{num_taken_, &spec, first_,
            static_cast<size_t>(std::min<uint64_t>(num_left, kBlockValues))};
  ++num_taken_;
  first_ += work.num_values;
  if (work.num_values == num_left) {
    ++tensor_;
    first_ = 0;
  }
  return work;
}

void RandomBlocks::RunThread() {
  std::vector<uint8_t> bytes;
  while (const std::optional<Work> work = TakeWork()) {
    bytes.resize(work->num_values * DtypeBytes(dtype_));
    MakeBytes(RandomTensor(*work->spec, seed_), work->first, dtype_, absl::MakeSpan(bytes));
    base::MutexLock lock(mutex_);
    Slot& slot = slots_[work->number % slots_.size()];
    slot.spec = work->spec;
    slot.bytes.swap(bytes);
    slot.ready = true;
    block_made_.Signal();
  }
  // The last block was taken: whoever waits for one that will not come must look again.
  base::MutexLock lock(mutex_);
  block_made_.Signal();
  slot_freed_.SignalAll();
}

}  // namespace md2::model
