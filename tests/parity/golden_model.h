// Defines the models of tests/golden/model, and those that tests/parity/fresh makes.
//   GoldenNames    what there is
//   GoldenModel    one of them, with what it must compute

#ifndef MD2_TESTS_PARITY_GOLDEN_MODEL_H_
#define MD2_TESTS_PARITY_GOLDEN_MODEL_H_

#include <ATen/core/Tensor.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/image/image.h"
#include "core/model/moondream.h"
#include "core/model/precision.h"
#include "core/model/sizes.h"
#include "tests/parity/golden_folder.h"

namespace md2::parity {

// A picture as Pillow decoded it. Digests are FNV-1a, 64 bits, in hexadecimal.
struct GoldenImage {
  std::string png;
  std::string jpeg;  // path of what it was decoded from, empty for most
  int rows = 0;
  int cols = 0;
  int squashed_width = 0;
  int squashed_height = 0;
  std::string squashed;  // of its RGB bytes
  std::string crops;
  std::string patches;
};

struct GoldenReading {
  size_t image = 0;  // which features it reads
  std::vector<int64_t> prompt;
  std::map<std::string, std::vector<int64_t>> answers;  // "causal", "prefix"
};

// Folders of $MD2_GOLDEN_DIR, or of tests/golden/model, that hold a golden.json; sorted.
std::vector<std::string> GoldenNames();

// Files that cannot be read throw std::runtime_error. One thread at a time.
class GoldenModel {
 public:
  // Opened once in the test program.
  static GoldenModel& Named(const std::string& name);

  explicit GoldenModel(const std::string& dir);

  const model::Sizes& sizes() const { return sizes_; }
  const std::vector<GoldenImage>& images() const { return images_; }
  const std::vector<GoldenReading>& readings() const { return readings_; }
  int64_t limit() const { return limit_; }  // ids of an answer

  // Loaded once.
  const model::Moondream& model(model::Precision precision);
  // fp32, by its name in golden.safetensors.
  at::Tensor Tensor(const std::string& name) const { return folder_.Tensor(name); }
  // Those values of `x` that golden.safetensors keeps of what vision blocks give, as [values].
  at::Tensor Kept(const at::Tensor& x) const;

 private:
  GoldenFolder folder_;
  model::Sizes sizes_;
  int64_t every_ = 1;
  int64_t limit_ = 0;
  std::vector<GoldenImage> images_;
  std::vector<GoldenReading> readings_;
  std::map<model::Precision, std::unique_ptr<const model::Moondream>> models_;
};

}  // namespace md2::parity

#endif  // MD2_TESTS_PARITY_GOLDEN_MODEL_H_
