// Defines DrawDigits: the digits of a captcha as shapes, each turned, warped and in its place.

#ifndef MD2_CORE_DATA_DATAGEN_CAPTCHA_DIGITS_H_
#define MD2_CORE_DATA_DATAGEN_CAPTCHA_DIGITS_H_

#include <vector>

#include "absl/strings/string_view.h"
#include "core/data/datagen/captcha_family.h"
#include "core/data/datagen/font_files.h"
#include "core/data/datagen/outline.h"
#include "core/data/datagen/random.h"

namespace md2::datagen {

// An outline for each digit of `answer`, from the left, whole within the picture; all are narrowed
// alike when they are too wide for it together. REQUIRES: as DrawCaptcha; `answer` is not empty.
std::vector<Outline> DrawDigits(const CaptchaFamily& family, const CaptchaShape& shape,
                                absl::string_view answer, const Fonts& fonts, SampleRandom& random);

}  // namespace md2::datagen

#endif  // MD2_CORE_DATA_DATAGEN_CAPTCHA_DIGITS_H_
