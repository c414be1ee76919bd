// Defines Direction, cosine and sine that are the same on every machine; the C library's are not.

#ifndef MD2_CORE_DATA_DATAGEN_DIRECTION_H_
#define MD2_CORE_DATA_DATAGEN_DIRECTION_H_

namespace md2::datagen {

struct Direction {
  double cosine = 1;
  double sine = 0;
};

// Within 1e-12 of the true values, and exact at multiples of 90. REQUIRES: |degrees| <= 3600.
Direction DirectionOf(double degrees);

}  // namespace md2::datagen

#endif  // MD2_CORE_DATA_DATAGEN_DIRECTION_H_
