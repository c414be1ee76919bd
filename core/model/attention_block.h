// Defines BlockAttention, attention of many queries: keys and values are first laid out for
// products of tiles. Internal to the attention kernel.

#ifndef MD2_CORE_MODEL_ATTENTION_BLOCK_H_
#define MD2_CORE_MODEL_ATTENTION_BLOCK_H_

#include <algorithm>
#include <cstdint>
#include <vector>

#include "core/model/attention_head.h"
#include "core/model/avx512.h"
#include "core/model/product_tiles.h"
#include "core/model/transpose.h"

namespace md2::model {

inline constexpr int64_t kBlockRows = 16;   // queries whose scores are held at a time
inline constexpr int64_t kBlockGroups = 4;  // registers of keys in a tile
inline constexpr int64_t kBlockKeys = kBlockGroups * kLanes;

constexpr int64_t RoundUp(int64_t count, int64_t to) { return (count + to - 1) / to * to; }

// Holds the scratch of one thread, for any number of heads of one width and at most so many keys.
template <typename Units>
class BlockAttention {
 public:
  using Storage = typename Units::Storage;

  BlockAttention(int64_t max_keys, int64_t width)
      : keys_(RoundUp(max_keys, kBlockKeys)),
        width_units_(RoundUp(width, Units::kPerUnit) / Units::kPerUnit),
        row_units_(RoundUp(width_units_, kLanes)),
        columns_(RoundUp(width, kLanes)),
        packed_k_(keys_ * row_units_),
        packed_v_(keys_ / Units::kPerUnit * columns_),
        packed_q_(kBlockRows * row_units_),
        rows_(kLanes * row_units_),
        scores_(kBlockRows * keys_),
        shares_(kBlockRows * keys_ / Units::kPerUnit),
        sums_(kBlockRows * columns_) {}

  // Queries [begin, end) of a head; `begin` is a multiple of kBlockRows.
  MD2_AVX512 void Attend(const AttentionHead<Storage>& head, int64_t begin, int64_t end) {
    PackKeys(head);
    PackValues(head);
    for (int64_t first = begin; first < end; first += kBlockRows) {
      AttendBlock(head, first, std::min(kBlockRows, end - first));
    }
  }

 private:
  MD2_AVX512 void PackKeys(const AttentionHead<Storage>& head) {
    int64_t t = 0;
    for (const auto& stretch : *head.stretches) {
      for (int64_t i = 0; i < stretch.k.count; ++i, ++t) {
        Units::PackRow(stretch.k.row(i), head.width, row_units_,
                       rows_.data() + t % kLanes * row_units_);
        const int64_t filled = t % kLanes + 1;
        if (filled < kLanes && t + 1 < head.num_keys) continue;
        Transpose({rows_.data(), row_units_, filled, width_units_},
                  packed_k_.data() + t / kLanes * kLanes * width_units_);
      }
    }
  }

  MD2_AVX512 void PackValues(const AttentionHead<Storage>& head) {
    value_rows_.clear();
    for (const auto& stretch : *head.stretches) {
      for (int64_t i = 0; i < stretch.v.count; ++i) value_rows_.push_back(stretch.v.row(i));
    }
    const auto count = static_cast<int64_t>(value_rows_.size());
    for (int64_t t = 0; t < count; t += Units::kPerUnit) {
      // A last row without a partner is paired with itself; its share is zero.
      const Storage* partner = value_rows_[std::min(t + Units::kPerUnit - 1, count - 1)];
      Units::PackValues(value_rows_[t], partner, head.width, columns_,
                        packed_v_.data() + t / Units::kPerUnit * columns_);
    }
    // Of an earlier head, whatever it was.
    const int64_t filled = RoundUp(count, Units::kPerUnit) / Units::kPerUnit;
    const int64_t read = RoundUp(count, kBlockKeys) / Units::kPerUnit;
    std::fill_n(packed_v_.data() + filled * columns_, (read - filled) * columns_, 0);
  }

  MD2_AVX512 void AttendBlock(const AttentionHead<Storage>& head, int64_t first, int64_t count) {
    const int64_t tiled = RoundUp(count, kTileRows);
    for (int64_t r = 0; r < tiled; ++r) {
      const int64_t query = first + std::min(r, count - 1);
      Units::PackRow(head.q.row(query), head.width, row_units_, packed_q_.data() + r * row_units_);
    }
    // Keys beyond those that the last query sees are not looked at.
    const int64_t keys = RoundUp(head.visible(first + count - 1), kBlockKeys);
    for (int64_t t = 0; t < keys; t += kBlockKeys) {
      for (int64_t r = 0; r < tiled; r += kTileRows) {
        MultiplyTile<Units>(kBlockGroups, {packed_q_.data() + r * row_units_, row_units_},
                            {packed_k_.data() + t * width_units_, kLanes, kLanes * width_units_},
                            width_units_, scores_.data() + r * keys_ + t, keys_);
      }
    }
    float totals[kBlockRows];
    for (int64_t r = 0; r < tiled; ++r) {
      float* scores = scores_.data() + r * keys_;
      const int64_t visible = head.visible(first + std::min(r, count - 1));
      totals[r] = SoftmaxRow(scores, visible, keys, head.scale);
      Units::PackShares(scores, keys, shares_.data() + r * (keys_ / Units::kPerUnit));
    }
    MultiplyByValues(keys / Units::kPerUnit, tiled);
    for (int64_t r = 0; r < count; ++r) StoreRow(head, first + r, r, 1 / totals[r]);
  }

  MD2_AVX512 void MultiplyByValues(int64_t num_units, int64_t tiled) {
    const int64_t stride = keys_ / Units::kPerUnit;
    const int64_t groups = columns_ / kLanes;
    for (int64_t g = 0; g < groups; g += kMaxGroups) {
      for (int64_t r = 0; r < tiled; r += kTileRows) {
        MultiplyTile<Units>(std::min(kMaxGroups, groups - g), {shares_.data() + r * stride, stride},
                            {packed_v_.data() + g * kLanes, columns_, kLanes}, num_units,
                            sums_.data() + r * columns_ + g * kLanes, columns_);
      }
    }
  }

  MD2_AVX512 void StoreRow(const AttentionHead<Storage>& head, int64_t query, int64_t r,
                           float share) {
    const __m512 by = _mm512_set1_ps(share);
    Storage* out = head.out + query * head.out_stride;
    for (int64_t i = 0; i < head.width; i += kLanes) {
      const __mmask16 lanes = FirstLanes(std::min(kLanes, head.width - i));
      const __m512 sum = _mm512_loadu_ps(sums_.data() + r * columns_ + i);
      Units::Store(out + i, lanes, _mm512_mul_ps(sum, by));
    }
  }

  const int64_t keys_;         // padded
  const int64_t width_units_;  // of a row of q or k
  const int64_t row_units_;    // padded
  const int64_t columns_;      // of v, padded
  std::vector<uint32_t> packed_k_;
  std::vector<uint32_t> packed_v_;
  std::vector<uint32_t> packed_q_;
  std::vector<uint32_t> rows_;  // of one register of keys
  std::vector<float> scores_;
  std::vector<uint32_t> shares_;
  std::vector<float> sums_;
  std::vector<const Storage*> value_rows_;
};

}  // namespace md2::model

#endif  // MD2_CORE_MODEL_ATTENTION_BLOCK_H_
