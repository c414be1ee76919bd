// Defines the making of a model folder with random weights, so that any size can be tried without
// published weights.

#ifndef MD2_CORE_MODEL_RANDOM_MODEL_H_
#define MD2_CORE_MODEL_RANDOM_MODEL_H_

#include <cstdint>
#include <functional>
#include <string>

#include "absl/status/status.h"
#include "core/base/cancel.h"
#include "core/base/file_env.h"
#include "core/model/dtype.h"
#include "core/model/sizes.h"

namespace md2::model {

struct RandomModelOptions {
  Sizes sizes;
  uint64_t seed = 0;
  Dtype dtype = Dtype::kF16;   // kF16 or kF32
  std::string tokenizer_json;  // content of the folder's tokenizer.json
  // Speed only; the bytes do not depend on it. 1 to 256; with fewer than that when the process may
  // not have so many.
  int num_threads = 2;
  // Called from the calling thread, now and then, with bytes written and bytes in all.
  std::function<void(uint64_t done_bytes, uint64_t total_bytes)> progress;
  // Looked at every few million values, and for the last time when the weights are complete.
  base::CancelToken cancel;
};

// Writes model.safetensors (see random_values.h), tokenizer.json and last config.json with
// `md2_sizes`, whose presence makes `dir` a model folder. After an error none of the three is left
// behind, as far as the disk still lets files be removed; the folder itself may stay. FILE_EXISTS,
// and nothing touched, when one of them is there already, MODEL_CONFIG_INVALID for bad sizes,
// MODEL_UNSUPPORTED for another dtype, SETTING_INVALID for another number of threads, CANCELLED,
// else the disk's errors. Blocks until done or cancelled.
absl::Status WriteRandomModel(base::FileEnv& env, const std::string& dir,
                              const RandomModelOptions& options);

}  // namespace md2::model

#endif  // MD2_CORE_MODEL_RANDOM_MODEL_H_
