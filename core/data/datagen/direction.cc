#include "core/data/datagen/direction.h"

#include <cmath>

namespace md2::datagen {

Direction DirectionOf(double degrees) {
  constexpr double kRadiansPerDegree = 0.017453292519943295;
  const double quarters = std::floor(degrees / 90 + 0.5);
  const double angle = (degrees - quarters * 90) * kRadiansPerDegree;  // within a quarter of pi
  const double square = angle * angle;

  // Taylor's series from the last term to the first.
  double cosine = 1;
  for (int k = 14; k > 0; k -= 2) cosine = 1 - cosine * square / (k * (k - 1));
  double sine = 1;
  for (int k = 15; k > 1; k -= 2) sine = 1 - sine * square / (k * (k - 1));
  sine *= angle;

  switch (static_cast<int>(quarters) & 3) {
    case 0:
      return {cosine, sine};
    case 1:
      return {-sine, cosine};
    case 2:
      return {-cosine, -sine};
    default:
      return {sine, -cosine};
  }
}

}  // namespace md2::datagen
