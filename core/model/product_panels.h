// Defines the laying out of a matrix for products of tiles; internal to the kernels.
//   Panel              where 16 columns of it come from
//   PackPanel          -> [units][16], zeros where there is no column or row
//   AddColumnSums
//
// A product sums over the rows of a panel, a unit of them at a time.

#ifndef MD2_CORE_MODEL_PRODUCT_PANELS_H_
#define MD2_CORE_MODEL_PRODUCT_PANELS_H_

#include <algorithm>
#include <cstdint>

#include "core/model/avx512.h"
#include "core/model/product_tiles.h"

namespace md2::model {

template <typename Storage>
struct Panel {
  const Storage* data;  // of the first row and column
  int64_t stride;       // from row to row
  int64_t num_rows;
  int64_t num_columns;  // 1 to 16
};

template <typename Units>
MD2_AVX512 void PackPanel(const Panel<typename Units::Storage>& from, uint32_t* to) {
  const typename Units::Storage zeros[kLanes] = {};
  for (int64_t r = 0; r < from.num_rows; r += Units::kPerUnit) {
    const int64_t partner = r + Units::kPerUnit - 1;
    Units::PackValues(from.data + r * from.stride,
                      partner < from.num_rows ? from.data + partner * from.stride : zeros,
                      from.num_columns, kLanes, to + r / Units::kPerUnit * kLanes);
  }
}

// sums[c] += the sum of column c, in fp32.
template <typename Type>
MD2_AVX512 void AddColumnSums(const Panel<typename Type::Storage>& from, float* sums) {
  const __mmask16 lanes = FirstLanes(from.num_columns);
  __m512 even = _mm512_maskz_loadu_ps(lanes, sums), odd = _mm512_setzero_ps();
  int64_t r = 0;
  for (; r + 1 < from.num_rows; r += 2) {
    even = _mm512_add_ps(even, Type::Load(from.data + r * from.stride, lanes));
    odd = _mm512_add_ps(odd, Type::Load(from.data + (r + 1) * from.stride, lanes));
  }
  if (r < from.num_rows) {
    even = _mm512_add_ps(even, Type::Load(from.data + r * from.stride, lanes));
  }
  _mm512_mask_storeu_ps(sums, lanes, _mm512_add_ps(even, odd));
}

}  // namespace md2::model

#endif  // MD2_CORE_MODEL_PRODUCT_PANELS_H_
