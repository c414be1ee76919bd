// Defines config.json of a model folder.
//   ModelConfig        what is read from it
//   ParseModelConfig   from text, under limits
//   ModelConfigText    to text, as written into a folder
//   ParseSizesText     sizes alone, for a file given by hand

#ifndef MD2_CORE_MODEL_CONFIG_H_
#define MD2_CORE_MODEL_CONFIG_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/base/json.h"
#include "core/model/sizes.h"

namespace md2::model {

inline constexpr char kConfigFile[] = "config.json";
inline constexpr size_t kMaxConfigBytes = size_t{1} << 20;
// What a model was trained with and must be asked with, where that is not its revision's way.
inline constexpr char kTilesKey[] = "tiles";          // "off", or "auto" as without it
inline constexpr char kAttentionKey[] = "attention";  // "prefix", or "causal" as without it

struct ModelConfig {
  Sizes sizes;
  bool sizes_from_config = false;  // `md2_sizes` was there; else they are the built-in table's
  bool tiles = true;               // false: every image is one crop
  bool prefix_attention = false;   // BOS and the image see each other
  base::Json document;             // the whole file, an object
};

// Sizes are those of `md2_sizes` when it is there; else the built-in ones when `model_type` is
// "moondream1", the word of every published revision. JSON_INVALID for text that is no JSON within
// limits; MODEL_CONFIG_INVALID, naming every problem, for the rest. `what` names the source.
absl::StatusOr<ModelConfig> ParseModelConfig(absl::string_view text, absl::string_view what);

// All keys of `base_document` (an object, or null for none) with `md2_sizes` set to `sizes`.
std::string ModelConfigText(const Sizes& sizes, const base::Json& base_document);

// A JSON object that holds `md2_sizes`, or is one itself. Errors as ParseModelConfig.
absl::StatusOr<Sizes> ParseSizesText(absl::string_view text, absl::string_view what);

}  // namespace md2::model

#endif  // MD2_CORE_MODEL_CONFIG_H_
