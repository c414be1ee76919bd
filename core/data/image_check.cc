#include "core/data/image_check.h"

#include <cstddef>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/base/error.h"
#include "core/base/quoted.h"
#include "core/base/status_macros.h"
#include "core/image/decode.h"
#include "core/image/image.h"

namespace md2::data {
namespace {

constexpr size_t kMaxKnown = 1024;

absl::StatusOr<ImageFacts> Decode(base::FileEnv& env, const std::string& path) {
  const image::DecodeOptions options;
  MD2_ASSIGN_OR_RETURN(const std::vector<uint8_t> bytes, image::ReadImageFile(env, path, options));
  const absl::StatusOr<image::Image> picture = image::DecodeImage(bytes, options);
  if (!picture.ok()) {
    return base::WithContext(picture.status(), absl::StrCat("image ", base::Quoted(path)));
  }
  return ImageFacts{base::Sha256Of(bytes), picture->width(), picture->height()};
}

}  // namespace

absl::StatusOr<ImageFacts> ImageCheck::Check(const std::string& path) {
  {
    base::MutexLock lock(mutex_);
    const auto found = known_.find(path);
    if (found != known_.end()) return found->second;
  }
  absl::StatusOr<ImageFacts> facts = Decode(env_, path);
  base::MutexLock lock(mutex_);
  if (!known_.emplace(path, facts).second) return facts;
  order_.push_back(path);
  if (order_.size() > kMaxKnown) {
    known_.erase(order_.front());
    order_.pop_front();
  }
  return facts;
}

}  // namespace md2::data
