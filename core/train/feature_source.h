// Defines FeatureSource, from which evaluation takes what the model sees of an image.

#ifndef MD2_CORE_TRAIN_FEATURE_SOURCE_H_
#define MD2_CORE_TRAIN_FEATURE_SOURCE_H_

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace md2::train {

// One thread at a time; may block on the disk or compute.
class FeatureSource {
 public:
  virtual ~FeatureSource() = default;

  // The rows for which Get will be called next, in that order, so that they may be loaded ahead;
  // this replaces what was said before. Other calls of Get are answered as well. OUT_OF_MEMORY when
  // no thread can be started.
  virtual absl::Status Expect(const std::vector<int64_t>& /*rows*/) { return absl::OkStatus(); }

  // The features of the image of `row`, from 0, as Moondream::EncodeImage gives them: [P, D], in
  // the model's dtype and on its device, without gradient. The caller only reads them. An error
  // need not name the row.
  virtual absl::StatusOr<at::Tensor> Get(int64_t row) = 0;
};

}  // namespace md2::train

#endif  // MD2_CORE_TRAIN_FEATURE_SOURCE_H_
