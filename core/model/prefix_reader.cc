#include "core/model/prefix_reader.h"

#include <utility>

#include "core/base/status_macros.h"

namespace md2::model {

absl::StatusOr<std::vector<Session>> PrefixReader::Read(const std::string& image,
                                                        const Questions& questions,
                                                        Features features) {
  if (last_prefix_ != nullptr && image == last_image_) return model_.Ask(last_prefix_, questions);
  last_prefix_ = nullptr;  // two images at once would be memory for nothing
  MD2_ASSIGN_OR_RETURN(const at::Tensor of_image, features());
  MD2_ASSIGN_OR_RETURN(FirstReading reading, model_.Read(of_image, attention_, questions));
  last_prefix_ = std::move(reading.prefix);
  last_image_ = image;
  return std::move(reading.sessions);
}

}  // namespace md2::model
