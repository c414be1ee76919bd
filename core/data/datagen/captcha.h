// Defines
//   Captcha       a picture of digits, and which they are
//   DrawCaptcha   draws one

#ifndef MD2_CORE_DATA_DATAGEN_CAPTCHA_H_
#define MD2_CORE_DATA_DATAGEN_CAPTCHA_H_

#include <string>
#include <vector>

#include "core/data/datagen/captcha_family.h"
#include "core/data/datagen/font_files.h"
#include "core/data/datagen/outline.h"
#include "core/data/datagen/random.h"
#include "core/image/image.h"

namespace md2::datagen {

struct Captcha {
  image::Image picture;
  std::string answer;       // its digits, from the left
  std::vector<Box> digits;  // where each lies: whole within the picture
};

// The same bytes for the same state of `random`. REQUIRES: `shape` is within its limits and `fonts`
// has at least one.
Captcha DrawCaptcha(const CaptchaFamily& family, const CaptchaShape& shape, const Fonts& fonts,
                    SampleRandom random);

}  // namespace md2::datagen

#endif  // MD2_CORE_DATA_DATAGEN_CAPTCHA_H_
