// Defines the inner loop of the resampler: WeighFunction, and FastestWeigh, which picks one.

#ifndef MD2_CORE_IMAGE_WEIGH_H_
#define MD2_CORE_IMAGE_WEIGH_H_

#include <cstddef>
#include <cstdint>

namespace md2::image {

// Weights are fixed-point numbers with so many bits after the point.
inline constexpr int kWeightBits = 22;

// out[i] = the sum over k < count of source[k * stride + i] * weights[k], rounded to the nearest
// whole level and held within 0 to 255, for i < num_bytes. REQUIRES: the sums fit in 32 bits.
using WeighFunction = void (*)(const uint8_t* source, ptrdiff_t stride, const int32_t* weights,
                               int count, uint8_t* out, size_t num_bytes);

// For this processor. All of them compute the same.
WeighFunction FastestWeigh();

// For any processor.
void WeighPortably(const uint8_t* source, ptrdiff_t stride, const int32_t* weights, int count,
                   uint8_t* out, size_t num_bytes);

}  // namespace md2::image

#endif  // MD2_CORE_IMAGE_WEIGH_H_
