#include "core/image/image_error.h"

#include "core/base/error.h"

namespace md2::image {

using base::MakeError;
using base::Reason;

absl::Status ImageInvalid(absl::string_view text) {
  return MakeError(absl::StatusCode::kInvalidArgument, Reason::kImageInvalid, text);
}

absl::Status ImageUnsupported(absl::string_view text) {
  return MakeError(absl::StatusCode::kInvalidArgument, Reason::kImageUnsupported, text);
}

absl::Status ImageTooLarge(absl::string_view text) {
  return MakeError(absl::StatusCode::kInvalidArgument, Reason::kImageTooLarge, text);
}

}  // namespace md2::image
