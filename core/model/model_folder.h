// Defines a model folder: config.json, weights, tokenizer.json.
//   ModelParts         which of them a command reads
//   ModelFolder, OpenModelFolder
//   ModelDescription, Describe   what `inspect` says

#ifndef MD2_CORE_MODEL_MODEL_FOLDER_H_
#define MD2_CORE_MODEL_MODEL_FOLDER_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "core/base/file_env.h"
#include "core/base/json_fwd.h"
#include "core/base/revision.h"
#include "core/model/config.h"
#include "core/model/safetensors_reader.h"
#include "core/model/weight_table.h"

namespace md2::model {

inline constexpr char kTokenizerFile[] = "tokenizer.json";

struct ModelParts {
  bool weights = true;     // opened, and compared with the sizes
  bool tokenizer = false;  // must be there; core/text reads it
};

// An opened folder. Immutable, share freely.
struct ModelFolder {
  std::string dir;
  ModelConfig config;
  base::Revision revision = base::Revision::k2024_07_23;
  std::vector<WeightSpec> table;               // of config.sizes
  std::unique_ptr<SafetensorsReader> weights;  // null unless asked for
  // What the layers need, in the order of `table`, each under its name of 2024; no region tensors.
  std::vector<TensorEntry> entries;

  std::string tokenizer_path() const { return dir + "/" + kTokenizerFile; }
};

// Reads config.json and what `parts` asks for. After success the weights fit the sizes exactly and
// the revision is known (2024-07-23 where weights were not asked for). The disk's error when `dir`
// cannot be looked up, FILE_NOT_REGULAR when it is no folder; the error of the only part that
// failed; or MODEL_CONFIG_INVALID, naming every part that is missing and everything that
// contradicts. A revision that cannot be computed opens all the same: see CheckRunnable.
absl::StatusOr<ModelFolder> OpenModelFolder(base::FileEnv& env, const std::string& dir,
                                            const ModelParts& parts = {});

struct ModelDescription {
  std::string revision;
  int64_t parameters = 0;  // in all tensors of the files
  int64_t tensors = 0;
  int64_t bytes = 0;  // of all tensors
  std::string dtype;  // "f16"; several joined by "+"
  int64_t image_tokens = 0;
  Sizes sizes;
};

// REQUIRES: weights were asked for.
ModelDescription Describe(const ModelFolder& folder);

// {"revision","parameters","tensors","bytes","dtype","image_tokens","sizes":{..}}
base::Json DescriptionToJson(const ModelDescription& description);

}  // namespace md2::model

#endif  // MD2_CORE_MODEL_MODEL_FOLDER_H_
