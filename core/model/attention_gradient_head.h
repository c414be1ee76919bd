// Defines HeadGradient, the gradient of one head of one sequence; internal to AttendBackward.

#ifndef MD2_CORE_MODEL_ATTENTION_GRADIENT_HEAD_H_
#define MD2_CORE_MODEL_ATTENTION_GRADIENT_HEAD_H_

#include <algorithm>
#include <cstdint>
#include <vector>

#include "core/model/attention_head.h"
#include "core/model/avx512.h"
#include "core/model/product_tiles.h"
#include "core/model/transpose.h"

namespace md2::model {

template <typename Storage>
struct GradientRows {
  Storage* data;
  int64_t stride;
};

// Rows of one head: queries are the last of the keys' positions.
template <typename Storage>
struct HeadSequence {
  HeadRows<Storage> q, k, v, grad_out;
  GradientRows<Storage> grad_q, grad_k, grad_v;
  int64_t width;
  int64_t prefix;
  float scale;

  int64_t visible(int64_t query) const { return std::max(prefix, k.count - q.count + 1 + query); }
};

// Holds the scratch of one thread for any number of heads. Every product is of rows of units, each
// broadcast, by registers of columns: MultiplyTile says how both lie.
template <typename Units>
class HeadGradient {
 public:
  using Storage = typename Units::Storage;

  MD2_AVX512 void Run(const HeadSequence<Storage>& head) {
    Resize(head);
    PackTransposed(head.k, head.width, keys_t_);
    PackTransposed(head.v, head.width, values_t_);
    PackColumns(head.k, head.width, keys_);
    PackColumns(head.q, head.width, queries_);
    PackColumns(head.grad_out, head.width, grads_);
    for (int64_t q = 0; q < head.q.count; q += kTileRows) ScoreQueries(head, q);
    // dS k
    PackShareRows(d_scores_.data(), num_queries_, num_keys_);
    Multiply(head.q.count, num_keys_, keys_, head.width, head.grad_q);
    // dS^T q
    TransposeScores(d_scores_.data());
    PackShareRows(transposed_.data(), num_keys_, num_queries_);
    Multiply(head.k.count, num_queries_, queries_, head.width, head.grad_k);
    // P^T grad_out
    TransposeScores(shares_.data());
    PackShareRows(transposed_.data(), num_keys_, num_queries_);
    Multiply(head.k.count, num_queries_, grads_, head.width, head.grad_v);
  }

 private:
  // Multiples of these leave no register and no tile half full.
  static constexpr int64_t kStep = 4 * kLanes;

  static int64_t RoundUp(int64_t count, int64_t to) { return (count + to - 1) / to * to; }

  void Resize(const HeadSequence<Storage>& head) {
    num_queries_ = RoundUp(head.q.count, kLanes);
    num_keys_ = RoundUp(head.k.count, kStep);
    width_units_ = RoundUp(head.width, Units::kPerUnit) / Units::kPerUnit;
    row_units_ = RoundUp(width_units_, kLanes);
    columns_ = RoundUp(head.width, kLanes);
    keys_t_.resize(num_keys_ * width_units_);
    values_t_.resize(num_keys_ * width_units_);
    keys_.resize(num_keys_ / Units::kPerUnit * columns_);
    queries_.resize(num_queries_ / Units::kPerUnit * columns_);
    grads_.resize(num_queries_ / Units::kPerUnit * columns_);
    shares_.resize(num_queries_ * num_keys_);
    d_scores_.resize(num_queries_ * num_keys_);
    transposed_.resize(num_queries_ * num_keys_);
    packed_.resize(num_queries_ * num_keys_ / Units::kPerUnit);
    rows_.resize(kLanes * row_units_);
    // Rows of no query.
    std::fill(shares_.begin() + head.q.count * num_keys_, shares_.end(), 0.0f);
    std::fill(d_scores_.begin() + head.q.count * num_keys_, d_scores_.end(), 0.0f);
  }

  // Rows -> [count / 16][E units][16 rows], zeros where there is no row.
  MD2_AVX512 void PackTransposed(const HeadRows<Storage>& from, int64_t width,
                                 std::vector<uint32_t>& to) {
    std::fill(to.begin() + from.count / kLanes * kLanes * width_units_, to.end(), 0);
    for (int64_t first = 0; first < from.count; first += kLanes) {
      const int64_t count = std::min(kLanes, from.count - first);
      for (int64_t r = 0; r < count; ++r) {
        Units::PackRow(from.row(first + r), width, row_units_, rows_.data() + r * row_units_);
      }
      Transpose({rows_.data(), row_units_, count, width_units_}, to.data() + first * width_units_,
                kLanes);
    }
  }

  // Rows -> [count units][columns], zeros where there is no row.
  MD2_AVX512 void PackColumns(const HeadRows<Storage>& from, int64_t width,
                              std::vector<uint32_t>& to) {
    const Storage zeros[kMaxHeadWidth] = {};
    int64_t t = 0;
    for (; t < from.count; t += Units::kPerUnit) {
      const int64_t partner = t + Units::kPerUnit - 1;
      Units::PackValues(from.row(t), partner < from.count ? from.row(partner) : zeros, width,
                        columns_, to.data() + t / Units::kPerUnit * columns_);
    }
    std::fill(to.begin() + t / Units::kPerUnit * columns_, to.end(), 0);
  }

  // P and dS of four queries.
  MD2_AVX512 void ScoreQueries(const HeadSequence<Storage>& head, int64_t first) {
    const int64_t last = std::min(first + kTileRows, head.q.count) - 1;
    const int64_t seen = RoundUp(head.visible(last), kStep);
    float* shares = shares_.data() + first * num_keys_;
    float* d_scores = d_scores_.data() + first * num_keys_;
    MultiplyByTransposed(head.q, head.width, first, keys_t_, seen, shares);
    MultiplyByTransposed(head.grad_out, head.width, first, values_t_, seen, d_scores);
    for (int64_t q = first; q < first + kTileRows; ++q) {
      if (q > last) {
        std::fill_n(shares, num_keys_, 0.0f);
        std::fill_n(d_scores, num_keys_, 0.0f);
      } else {
        const float sum = SoftmaxRow(shares, head.visible(q), num_keys_, head.scale);
        SoftmaxBackwardRow(shares, d_scores, seen, 1 / sum, head.scale);
        std::fill(d_scores + seen, d_scores + num_keys_, 0.0f);
      }
      shares += num_keys_;
      d_scores += num_keys_;
    }
  }

  // Four rows from `first` on by all keys seen.
  MD2_AVX512 void MultiplyByTransposed(const HeadRows<Storage>& from, int64_t width, int64_t first,
                                       const std::vector<uint32_t>& by, int64_t seen, float* out) {
    for (int64_t r = 0; r < kTileRows; ++r) {
      Units::PackRow(from.row(std::min(first + r, from.count - 1)), width, row_units_,
                     rows_.data() + r * row_units_);
    }
    for (int64_t t = 0; t < seen; t += kStep) {
      MultiplyTile<Units>(kStep / kLanes, {rows_.data(), row_units_},
                          {by.data() + t * width_units_, kLanes, kLanes * width_units_},
                          width_units_, out + t, num_keys_);
    }
  }

  // shares: softmax before its division; afterwards P. d_scores: dP; afterwards dS.
  MD2_AVX512 static void SoftmaxBackwardRow(float* shares, float* d_scores, int64_t count,
                                            float share, float scale) {
    const __m512 by = _mm512_set1_ps(share);
    __m512 sum = _mm512_setzero_ps();
    for (int64_t t = 0; t < count; t += kLanes) {
      const __m512 p = _mm512_mul_ps(_mm512_loadu_ps(shares + t), by);
      _mm512_storeu_ps(shares + t, p);
      sum = _mm512_fmadd_ps(p, _mm512_loadu_ps(d_scores + t), sum);
    }
    const __m512 mean = _mm512_set1_ps(_mm512_reduce_add_ps(sum));
    const __m512 scales = _mm512_set1_ps(scale);
    for (int64_t t = 0; t < count; t += kLanes) {
      const __m512 difference = _mm512_sub_ps(_mm512_loadu_ps(d_scores + t), mean);
      const __m512 p = _mm512_mul_ps(_mm512_loadu_ps(shares + t), scales);
      _mm512_storeu_ps(d_scores + t, _mm512_mul_ps(p, difference));
    }
  }

  // [queries, keys] -> transposed_ [keys, queries].
  MD2_AVX512 void TransposeScores(const float* scores) {
    const auto* units = reinterpret_cast<const uint32_t*>(scores);
    auto* to = reinterpret_cast<uint32_t*>(transposed_.data());
    for (int64_t q = 0; q < num_queries_; q += kLanes) {
      Transpose({units + q * num_keys_, num_keys_, kLanes, num_keys_}, to + q, num_queries_);
    }
  }

  MD2_AVX512 void PackShareRows(const float* from, int64_t rows, int64_t row_size) {
    Units::PackShares(from, rows * row_size, packed_.data());
  }

  // packed_ [count, inner] by columns [inner units][E] -> rows of `out`.
  MD2_AVX512 void Multiply(int64_t count, int64_t inner, const std::vector<uint32_t>& by,
                           int64_t width, const GradientRows<Storage>& out) {
    const int64_t units = inner / Units::kPerUnit, groups = columns_ / kLanes;
    for (int64_t first = 0; first < count; first += kTileRows) {
      float sums[kTileRows * kMaxHeadWidth];
      for (int64_t g = 0; g < groups; g += kMaxGroups) {
        MultiplyTile<Units>(
            std::min(kMaxGroups, groups - g), {packed_.data() + first * units, units},
            {by.data() + g * kLanes, columns_, kLanes}, units, sums + g * kLanes, columns_);
      }
      const int64_t rows = std::min(kTileRows, count - first);
      for (int64_t r = 0; r < rows; ++r) {
        for (int64_t i = 0; i < width; i += kLanes) {
          Units::Store(out.data + (first + r) * out.stride + i,
                       FirstLanes(std::min(kLanes, width - i)),
                       _mm512_loadu_ps(sums + r * columns_ + i));
        }
      }
    }
  }

  // Padded.
  int64_t num_queries_ = 0;
  int64_t num_keys_ = 0;
  int64_t width_units_ = 0;
  int64_t row_units_ = 0;
  int64_t columns_ = 0;
  std::vector<uint32_t> keys_t_, values_t_;
  std::vector<uint32_t> keys_, queries_, grads_;
  std::vector<float> shares_, d_scores_;  // [queries, keys]
  std::vector<float> transposed_;
  std::vector<uint32_t> packed_;
  std::vector<uint32_t> rows_;
};

}  // namespace md2::model

#endif  // MD2_CORE_MODEL_ATTENTION_GRADIENT_HEAD_H_
