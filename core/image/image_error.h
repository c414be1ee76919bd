// Defines the three errors of a picture, all InvalidArgument:
//   ImageInvalid       IMAGE_INVALID: truncated, corrupt, empty
//   ImageUnsupported   IMAGE_UNSUPPORTED: a format, or a kind of it, that is not read
//   ImageTooLarge      IMAGE_TOO_LARGE: beyond a limit

#ifndef MD2_CORE_IMAGE_IMAGE_ERROR_H_
#define MD2_CORE_IMAGE_IMAGE_ERROR_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace md2::image {

absl::Status ImageInvalid(absl::string_view text);
absl::Status ImageUnsupported(absl::string_view text);
absl::Status ImageTooLarge(absl::string_view text);

}  // namespace md2::image

#endif  // MD2_CORE_IMAGE_IMAGE_ERROR_H_
