// Defines PrefixReader, which reads an image once for questions that follow each other.

#ifndef MD2_CORE_MODEL_PREFIX_READER_H_
#define MD2_CORE_MODEL_PREFIX_READER_H_

#include <ATen/core/Tensor.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "core/model/moondream.h"

namespace md2::model {

// Keeps the prefix of the last image. The model must outlive it. One thread at a time.
class PrefixReader {
 public:
  PrefixReader(const Moondream& model, AttentionKind attention)
      : model_(model), attention_(attention) {}

  // Gives the image's features, [P, D].
  using Features = absl::FunctionRef<absl::StatusOr<at::Tensor>()>;

  // Sessions that have read `questions`, one each. `features` is called unless `image`, a name that
  // the caller chose, is that of the call before; no other prefix is kept in memory meanwhile. The
  // errors of `features`, and of Moondream::Read and Ask; a failed reading leaves no image known.
  // REQUIRES: a name stands for one image; there is a question.
  absl::StatusOr<std::vector<Session>> Read(const std::string& image, const Questions& questions,
                                            Features features);

 private:
  const Moondream& model_;
  const AttentionKind attention_;
  std::string last_image_;
  std::shared_ptr<const Prefix> last_prefix_;
};

}  // namespace md2::model

#endif  // MD2_CORE_MODEL_PREFIX_READER_H_
