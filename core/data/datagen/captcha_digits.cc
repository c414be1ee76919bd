#include "core/data/datagen/captcha_digits.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace md2::datagen {
namespace {

constexpr double kMarginPx = 1;  // what the smoothing takes

// The outline's box begins at (0, 0) afterwards.
void MoveToOrigin(Outline& outline) {
  const Point low = BoxOf(outline).low;
  MoveBy({-low.x, -low.y}, outline);
}

// The corners of each side move against each other, which leans and bends the digit.
std::array<Point, 4> DrawWarp(const Box& box, double max_warp, SampleRandom& random) {
  const double across = max_warp * random.Uniform(0.1, 0.3) * box.width();
  const double down = max_warp * random.Uniform(0.2, 0.3) * box.height();
  const double x1 = random.Uniform(-across, across);
  const double y1 = random.Uniform(-down, down);
  const double x2 = random.Uniform(-across, across);
  const double y2 = random.Uniform(-down, down);
  return {{{x1, y1}, {-x2, -y1}, {x2, y2}, {-x1, -y2}}};
}

Outline DrawDigit(const CaptchaFamily& family, const CaptchaShape& shape, char digit,
                  const Fonts& fonts, SampleRandom& random) {
  const Font& font = *fonts[random.Between(0, static_cast<int>(fonts.size()) - 1)];
  const int em_px = family.em_px[random.Between(0, static_cast<int>(family.em_px.size()) - 1)];
  Outline outline = font.Glyph(digit, static_cast<double>(em_px) * shape.height / family.height);

  // Turned, it is squeezed back into its upright box, so that turning makes nobody wider.
  const Box upright = BoxOf(outline);
  TurnBy(random.Uniform(-family.max_turn_degrees, family.max_turn_degrees), outline);
  const Box turned = BoxOf(outline);
  ScaleBy(upright.width() / turned.width(), upright.height() / turned.height(), outline);
  WarpCorners(DrawWarp(upright, family.max_warp, random), outline);

  const double room = shape.height - 2 * kMarginPx;
  const double factor = std::min(1.0, room / BoxOf(outline).height());
  ScaleBy(factor, factor, outline);
  MoveToOrigin(outline);
  return outline;
}

struct Row {
  std::vector<double> lefts;  // where each digit begins
  double width = 0;           // of all, from 0, with room before the first
};

Row PlaceInRow(const CaptchaFamily& family, const std::vector<Outline>& digits,
               SampleRandom& random) {
  double sum = 0;
  for (const Outline& digit : digits) sum += BoxOf(digit).width();
  const double mean = sum / static_cast<double>(digits.size());
  Row row;
  double left = 0.1 * mean;
  for (const Outline& digit : digits) {
    row.lefts.push_back(left);
    row.width = std::max(row.width, left + BoxOf(digit).width());
    left += BoxOf(digit).width() - random.Uniform(0, family.max_overlap * mean);
  }
  return row;
}

// Shares `room` out before, between and behind the digits.
void Spread(double room, SampleRandom& random, Row& row) {
  std::vector<double> weights(row.lefts.size() + 1);
  double sum = 0;
  for (double& weight : weights) sum += weight = random.Uniform(0.2, 1);
  double shift = 0;
  for (size_t i = 0; i < row.lefts.size(); ++i) {
    shift += room * weights[i] / sum;
    row.lefts[i] += shift;
  }
}

double DrawTop(const CaptchaFamily& family, double room, SampleRandom& random) {
  if (!family.is_spread) return room / 2;
  return random.Uniform(0.1 * room, 0.9 * room);
}

}  // namespace

std::vector<Outline> DrawDigits(const CaptchaFamily& family, const CaptchaShape& shape,
                                absl::string_view answer, const Fonts& fonts,
                                SampleRandom& random) {
  std::vector<Outline> digits;
  digits.reserve(answer.size());
  for (const char digit : answer) {
    digits.push_back(DrawDigit(family, shape, digit, fonts, random));
  }
  Row row = PlaceInRow(family, digits, random);
  const double room = shape.width - 2 * kMarginPx;
  if (family.is_spread && row.width < room) Spread(room - row.width, random, row);

  const double squeeze = std::min(1.0, room / row.width);
  for (size_t i = 0; i < digits.size(); ++i) {
    const double room_below = shape.height - 2 * kMarginPx - BoxOf(digits[i]).height();
    const double top = DrawTop(family, room_below, random);
    ScaleBy(squeeze, 1, digits[i]);
    MoveBy({kMarginPx + row.lefts[i] * squeeze, kMarginPx + top}, digits[i]);
  }
  return digits;
}

}  // namespace md2::datagen
