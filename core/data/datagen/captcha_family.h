// Defines the kinds of captcha that can be drawn:
//   CaptchaFamily      the parameters of one, as data
//   kCaptchaFamilies   all of them
//   FindFamily         one by name
//   CaptchaShape       what may be asked for otherwise: size, number of digits

#ifndef MD2_CORE_DATA_DATAGEN_CAPTCHA_FAMILY_H_
#define MD2_CORE_DATA_DATAGEN_CAPTCHA_FAMILY_H_

#include <array>

#include "absl/strings/string_view.h"

namespace md2::datagen {

// Lengths are those in a picture of the family's own height; in others they grow with the height.
struct CaptchaFamily {
  const char* name;
  int width;  // pixels, as is height
  int height;
  int min_digits;
  int max_digits;

  std::array<int, 3> em_px;  // sizes of the font, one drawn per digit
  int max_turn_degrees;      // to either side
  // How far a digit's corners move, as a share of 0.1 to 0.3 of its width and 0.2 to 0.3 of its
  // height, to either side.
  double max_warp;
  double max_overlap;    // of neighbours, as a share of the mean width of the digits
  bool is_spread;        // digits take all of the width, each at its own height
  bool has_own_colours;  // each digit has one; otherwise all share one
  int lightest_ink;      // of each channel, from 10

  int num_dots;  // short diagonal strokes
  double dot_px;
  int num_arcs;  // from the left fifth to the right fifth
  double arc_px;
};

inline constexpr int kDarkestInk = 10;

inline constexpr std::array<CaptchaFamily, 4> kCaptchaFamilies = {{
    {.name = "classic200",
     .width = 200,
     .height = 50,
     .min_digits = 6,
     .max_digits = 6,
     .em_px = {34, 38, 42},
     .max_turn_degrees = 20,
     .max_warp = 0.5,
     .max_overlap = 0,
     .is_spread = true,
     .has_own_colours = true,
     .lightest_ink = 160,
     .num_dots = 50,
     .dot_px = 2,
     .num_arcs = 1,
     .arc_px = 2},
    {.name = "k",
     .width = 160,
     .height = 60,
     .min_digits = 4,
     .max_digits = 6,
     .em_px = {42, 50, 56},
     .max_turn_degrees = 15,
     .max_warp = 0.4,
     .max_overlap = 0,
     .is_spread = false,
     .has_own_colours = false,
     .lightest_ink = 200,
     .num_dots = 60,
     .dot_px = 3,
     .num_arcs = 2,
     .arc_px = 2},
    {.name = "v",
     .width = 160,
     .height = 60,
     .min_digits = 4,
     .max_digits = 6,
     .em_px = {42, 50, 56},
     .max_turn_degrees = 25,
     .max_warp = 0.7,
     .max_overlap = 0,
     .is_spread = false,
     .has_own_colours = false,
     .lightest_ink = 200,
     .num_dots = 60,
     .dot_px = 3,
     .num_arcs = 2,
     .arc_px = 2},
    {.name = "classic",
     .width = 160,
     .height = 60,
     .min_digits = 4,
     .max_digits = 6,
     .em_px = {42, 50, 56},
     .max_turn_degrees = 30,
     .max_warp = 1,
     .max_overlap = 0.25,
     .is_spread = false,
     .has_own_colours = false,
     .lightest_ink = 200,
     .num_dots = 30,
     .dot_px = 3,
     .num_arcs = 1,
     .arc_px = 1},
}};

// Null when no family has that name.
constexpr const CaptchaFamily* FindFamily(absl::string_view name) {
  for (const CaptchaFamily& family : kCaptchaFamilies) {
    if (name == family.name) return &family;
  }
  return nullptr;
}

inline constexpr int kMinCaptchaHeight = 20;
inline constexpr int kMaxCaptchaHeight = 300;
inline constexpr int kMinCaptchaWidth = 20;
inline constexpr int kMaxCaptchaWidth = 900;
inline constexpr int kMaxCaptchaDigits = 12;

// Within the limits above.
struct CaptchaShape {
  int width = 0;  // pixels, as is height
  int height = 0;
  int min_digits = 1;
  int max_digits = 1;
};

constexpr CaptchaShape ShapeOf(const CaptchaFamily& family) {
  return {family.width, family.height, family.min_digits, family.max_digits};
}

}  // namespace md2::datagen

#endif  // MD2_CORE_DATA_DATAGEN_CAPTCHA_FAMILY_H_
