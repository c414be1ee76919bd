// Defines folders of golden files: golden.json and golden.safetensors.
//   GoldenFolderNames   those within a folder
//   GoldenFolder        one of them, opened

#ifndef MD2_TESTS_PARITY_GOLDEN_FOLDER_H_
#define MD2_TESTS_PARITY_GOLDEN_FOLDER_H_

#include <ATen/core/Tensor.h>

#include <memory>
#include <string>
#include <vector>

#include "core/base/json.h"
#include "core/model/safetensors_reader.h"

namespace md2::parity {

// Sorted. Throws std::runtime_error when `dir` cannot be listed.
std::vector<std::string> GoldenFolderNames(const std::string& dir);

// Immutable.
class GoldenFolder {
 public:
  // Throws std::runtime_error when a file cannot be read.
  explicit GoldenFolder(const std::string& dir);

  const std::string& dir() const { return dir_; }
  const base::Json& json() const { return json_; }
  // fp32, by its name in golden.safetensors. Throws std::runtime_error when there is none.
  at::Tensor Tensor(const std::string& name) const;

 private:
  std::string dir_;
  base::Json json_;
  std::unique_ptr<model::SafetensorsReader> tensors_;
};

}  // namespace md2::parity

#endif  // MD2_TESTS_PARITY_GOLDEN_FOLDER_H_
