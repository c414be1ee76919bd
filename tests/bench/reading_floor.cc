#include "tests/bench/reading_floor.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <atomic>
#include <cstring>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/model/avx512.h"
#include "core/model/weight_table.h"
#include "tests/bench/bench_input.h"

namespace md2::bench {
namespace {

constexpr int64_t kLine = 64;  // bytes
// Sums that do not wait for each other.
constexpr int64_t kSums = 8;

MD2_AVX512 uint64_t SumLinesAvx512(const uint8_t* data, int64_t lines) {
  __m512i sums[kSums];
  for (__m512i& sum : sums) sum = _mm512_setzero_si512();
  int64_t i = 0;
  for (; i + kSums <= lines; i += kSums) {
#pragma GCC unroll 8
    for (int64_t j = 0; j < kSums; ++j) {
      sums[j] = _mm512_add_epi64(sums[j], _mm512_load_si512(data + (i + j) * kLine));
    }
  }
  for (; i < lines; ++i) {
    sums[0] = _mm512_add_epi64(sums[0], _mm512_load_si512(data + i * kLine));
  }
  for (int64_t j = 1; j < kSums; ++j) sums[0] = _mm512_add_epi64(sums[0], sums[j]);
  alignas(kLine) uint64_t lanes[kSums];
  _mm512_store_si512(lanes, sums[0]);
  uint64_t total = 0;
  for (const uint64_t lane : lanes) total += lane;
  return total;
}

uint64_t SumLinesPlain(const uint8_t* data, int64_t lines) {
  uint64_t sums[kSums] = {};
  for (int64_t i = 0; i < lines; ++i) {
    uint64_t line[kSums];
    std::memcpy(line, data + i * kLine, kLine);
    for (int64_t j = 0; j < kSums; ++j) sums[j] += line[j];
  }
  uint64_t total = 0;
  for (const uint64_t sum : sums) total += sum;
  return total;
}

// Whole lines only. REQUIRES: data begin at a line.
uint64_t Sum(absl::Span<const uint8_t> data) {
  static const bool has_avx512 = model::HasAvx512();
  std::atomic<uint64_t> total = 0;
  const int64_t lines = static_cast<int64_t>(data.size()) / kLine;
  const int64_t grain = std::max<int64_t>(1, (int64_t{1} << 16) / kLine);
  at::parallel_for(0, lines, grain, [&](int64_t begin, int64_t end) {
    const uint8_t* first = data.data() + begin * kLine;
    total += has_avx512 ? SumLinesAvx512(first, end - begin) : SumLinesPlain(first, end - begin);
  });
  return total;
}

// From the first block of the text model to the end of its head.
absl::Span<const uint8_t> TextBytes(const model::Weights& weights) {
  const std::string embedding = absl::StrCat(model::names::kText, "transformer.embd.");
  const uint8_t* first = nullptr;
  const uint8_t* last = nullptr;
  for (const auto& [name, tensor] : weights.all()) {
    if (!absl::StartsWith(name, model::names::kText) || absl::StartsWith(name, embedding)) continue;
    const auto* begin = static_cast<const uint8_t*>(tensor.const_data_ptr());
    if (first == nullptr || begin < first) first = begin;
    last = std::max(last, begin + tensor.nbytes());
  }
  return {first, static_cast<size_t>(last - first)};
}

}  // namespace

ReadingFloor::ReadingFloor(const model::Sizes& sizes, const model::Weights& weights, int64_t tokens)
    : weights_(weights), text_(TextBytes(weights_)) {
  const at::Tensor& any = weights_.all().begin()->second;
  const size_t cache_bytes =
      2 * sizes.text.layers * sizes.text.dim * tokens * static_cast<int64_t>(any.element_size());
  keys_values_ = OrExit(model::WeightArena::Create(cache_bytes));
  std::memset(keys_values_->data(), 1, cache_bytes);
  cache_ = {keys_values_->data(), cache_bytes};
  num_bytes_ = static_cast<int64_t>(text_.size() + cache_.size());
}

double ReadingFloor::Measure() const {
  volatile uint64_t kept = 0;  // so that nothing is left out
  return Seconds([&] { kept = Sum(text_) + Sum(cache_); });
}

}  // namespace md2::bench
