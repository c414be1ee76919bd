// Defines Probe, what a model sees and computes on the way to its first token, for comparison with
// another implementation.
//
// Legend: N crops, S pixels on each side of a crop, P patches of a crop, V width of the tower,
// D width of the text model, T tokens of the sequence.

#ifndef MD2_SERVER_WORKER_PROBE_H_
#define MD2_SERVER_WORKER_PROBE_H_

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "core/image/tiles.h"
#include "core/model/moondream.h"

namespace md2::worker {

// All on the CPU; fp32 but `tiles`, whatever the model computes in.
struct ProbeTensors {
  at::Tensor crops;        // [N, 3, S, S]
  at::Tensor tiles;        // [2], int64: rows and columns, 0 without tiles
  at::Tensor vit;          // [N, P, V]
  at::Tensor features;     // [P, D]
  at::Tensor hidden;       // [T, D], before the norm of the head
  at::Tensor last_logits;  // [vocab]
};

// The sequence is BOS, the image, and `ids`, perhaps none. CONTEXT_OVERFLOW when it is longer than
// the context; USAGE_INVALID when an id is no row of the vocabulary; OUT_OF_MEMORY or INTERNAL.
absl::StatusOr<ProbeTensors> Probe(const model::Moondream& moondream, const image::Crops& crops,
                                   absl::Span<const int64_t> ids, model::AttentionKind attention);

}  // namespace md2::worker

#endif  // MD2_SERVER_WORKER_PROBE_H_
