// Defines what a pass of the text model knows of its rows:
//   Span, ToDevice
//   TextPass    internal to TextModel

#ifndef MD2_CORE_MODEL_TEXT_PASS_H_
#define MD2_CORE_MODEL_TEXT_PASS_H_

#include <ATen/core/Tensor.h>

#include <vector>

#include "absl/types/span.h"
#include "core/model/attention.h"
#include "core/model/kv_cache.h"

namespace md2::model {

// Some rows of one sequence within a pass. They see, before each other under `mask`: the keys of
// `past`; what `cache` holds already; the `past_rows` rows that lie before them in this pass.
struct Span {
  int64_t num_rows = 0;  // at least 1
  int64_t position = 0;  // of the first row in its sequence
  Mask mask = Mask::kCausal;
  // How many of its last rows the caller wants to see; the others are not computed where only they
  // themselves would be the result.
  int64_t num_wanted = 0;
  // Full: as long as its capacity, or filled by an earlier span of the same pass, so that an image
  // is read once for all questions about it. May be null.
  const KvCache* past = nullptr;
  KvCache* cache = nullptr;  // gets the rows' keys and values; null where nobody asks on
  int64_t past_rows = 0;     // only without `past` and `cache`
};

struct TextPass {
  TextPass(absl::Span<const Span> spans, c10::Device device);

  absl::Span<const Span> spans;
  at::Tensor positions;         // [R]
  at::Tensor wanted;            // [W], rows
  at::Tensor wanted_positions;  // [W]
  bool wants_all = false;
};

// Ids, rows or positions on a device.
at::Tensor ToDevice(absl::Span<const int64_t> values, c10::Device device);

}  // namespace md2::model

#endif  // MD2_CORE_MODEL_TEXT_PASS_H_
