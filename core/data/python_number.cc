#include "core/data/python_number.h"

#include <charconv>
#include <cmath>

namespace md2::data {

std::string PythonFloat(double value) {
  constexpr double kFirstWithExponent = 1e16;
  constexpr double kLastWithoutExponent = 1e-4;
  const double size = std::fabs(value);
  const bool is_plain = value == 0 || (size >= kLastWithoutExponent && size < kFirstWithExponent);
  char digits[32];
  const auto [end, error] =
      std::to_chars(digits, digits + sizeof(digits), value,
                    is_plain ? std::chars_format::fixed : std::chars_format::scientific);
  std::string text(digits, end);
  if (is_plain && text.find('.') == std::string::npos) text += ".0";
  return text;
}

}  // namespace md2::data
