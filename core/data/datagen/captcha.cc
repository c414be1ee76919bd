#include "core/data/datagen/captcha.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "core/data/datagen/captcha_digits.h"
#include "core/data/datagen/paint.h"

namespace md2::datagen {
namespace {

Colour DrawColour(int darkest, int lightest, SampleRandom& random) {
  Colour colour{};
  for (uint8_t& channel : colour) channel = static_cast<uint8_t>(random.Between(darkest, lightest));
  return colour;
}

Colour DrawInk(const CaptchaFamily& family, SampleRandom& random) {
  return DrawColour(kDarkestInk, family.lightest_ink, random);
}

Colour DrawGround(SampleRandom& random) { return DrawColour(238, 255, random); }

std::string DrawAnswer(const CaptchaShape& shape, SampleRandom& random) {
  std::string answer(random.Between(shape.min_digits, shape.max_digits), '0');
  for (char& digit : answer) digit = static_cast<char>(random.Between('0', '9'));
  return answer;
}

void PaintDots(const CaptchaFamily& family, double scale, const Colour& ink, SampleRandom& random,
               image::Image& picture) {
  const double width_px = family.dot_px * scale;
  const double half_length = 0.3 * width_px;
  for (int i = 0; i < family.num_dots; ++i) {
    const Point at = {random.Uniform(0, picture.width()), random.Uniform(0, picture.height())};
    Paint(Stroke({at.x - half_length, at.y - half_length}, {at.x + half_length, at.y + half_length},
                 width_px),
          ink, picture);
  }
}

void PaintArcs(const CaptchaFamily& family, double scale, const Colour& ink, SampleRandom& random,
               image::Image& picture) {
  const double width = picture.width();
  const double height = picture.height();
  for (int i = 0; i < family.num_arcs; ++i) {
    const double left = random.Uniform(0, 0.2 * width);
    const double right = random.Uniform(0.8 * width, width);
    const double top = random.Uniform(0.2 * height, 0.8 * height);
    const double bottom = random.Uniform(top, 0.8 * height);
    const double start = random.Uniform(0, 20);
    const double end = random.Uniform(160, 200);
    Paint(Arc({{left, top}, {right, bottom}}, start, end, family.arc_px * scale), ink, picture);
  }
}

}  // namespace

Captcha DrawCaptcha(const CaptchaFamily& family, const CaptchaShape& shape, const Fonts& fonts,
                    SampleRandom random) {
  const double scale = static_cast<double>(shape.height) / family.height;
  Captcha captcha = {.picture = image::Image(shape.width, shape.height),
                     .answer = DrawAnswer(shape, random),
                     .digits = {}};
  FillImage(DrawGround(random), captcha.picture);

  Colour ink = DrawInk(family, random);
  for (const Outline& digit : DrawDigits(family, shape, captcha.answer, fonts, random)) {
    Paint(digit, ink, captcha.picture);
    captcha.digits.push_back(BoxOf(digit));
    if (family.has_own_colours) ink = DrawInk(family, random);
  }

  const Colour second_ink = DrawInk(family, random);
  PaintDots(family, scale, second_ink, random, captcha.picture);
  PaintArcs(family, scale, second_ink, random, captcha.picture);
  captcha.picture = Smooth(captcha.picture);
  return captcha;
}

}  // namespace md2::datagen
