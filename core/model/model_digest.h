// Defines DigestOfModel, by which a base model is recognised wherever it lies.

#ifndef MD2_CORE_MODEL_MODEL_DIGEST_H_
#define MD2_CORE_MODEL_MODEL_DIGEST_H_

#include <string>

#include "absl/status/statusor.h"
#include "core/base/file_env.h"
#include "core/model/model_folder.h"

namespace md2::model {

// SHA-256, in lower-case digits, of a text with a line for config.json and for each file of
// weights: its name, a space, its own SHA-256. Reads all of them, about a gigabyte a second. The
// disk's errors. REQUIRES: weights were asked for.
absl::StatusOr<std::string> DigestOfModel(base::FileEnv& env, const ModelFolder& folder);

}  // namespace md2::model

#endif  // MD2_CORE_MODEL_MODEL_DIGEST_H_
