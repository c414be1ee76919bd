#include "core/image/resize.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/image/weigh.h"

namespace md2::image {
namespace {

constexpr double kSupport = 2.0;

double Bicubic(double x) {
  constexpr double kA = -0.5;
  x = std::abs(x);
  if (x < 1.0) return ((kA + 2.0) * x - (kA + 3.0)) * x * x + 1;
  if (x < 2.0) return (((x - 5) * x + 8) * x - 4) * kA;
  return 0.0;
}

// Which source pixels make one pixel of the result, and with what weights.
struct Taps {
  int first;
  int count;
  size_t offset;  // of the first weight in AxisWeights::weights
};

struct AxisWeights {
  std::vector<Taps> taps;  // one a pixel of the result
  std::vector<int32_t> weights;
};

AxisWeights ComputeWeights(int in, int out) {
  const double scale = static_cast<double>(in) / out;
  const double filter_scale = std::max(scale, 1.0);
  const double support = kSupport * filter_scale;
  const double inverse = 1.0 / filter_scale;
  AxisWeights axis;
  axis.taps.reserve(out);
  std::vector<double> exact;
  for (int x = 0; x < out; ++x) {
    const double centre = (x + 0.5) * scale;
    const int first = std::max(static_cast<int>(centre - support + 0.5), 0);
    const int end = std::min(static_cast<int>(centre + support + 0.5), in);
    exact.clear();
    double sum = 0.0;
    for (int k = 0; k < end - first; ++k) {
      exact.push_back(Bicubic((k + first - centre + 0.5) * inverse));
      sum += exact.back();
    }
    axis.taps.push_back({first, end - first, axis.weights.size()});
    for (double weight : exact) {
      if (sum != 0.0) weight /= sum;
      const double rounding = weight < 0 ? -0.5 : 0.5;
      axis.weights.push_back(static_cast<int32_t>(rounding + weight * (1 << kWeightBits)));
    }
  }
  return axis;
}

constexpr int kLanes = 16;  // rows that ResizeColumns works on together

// Sixteen rows at a time, turned so that the same byte of all of them lies side by side.
Image ResizeColumns(const Image& image, int width, WeighFunction weigh) {
  constexpr size_t kPixel = size_t{kChannels} * kLanes;  // one pixel of the sixteen rows
  const AxisWeights axis = ComputeWeights(image.width(), width);
  Image result(width, image.height());
  std::vector<uint8_t> turned(image.row_bytes() * kLanes);
  std::vector<uint8_t> weighed(result.row_bytes() * kLanes);
  for (int y = 0; y < image.height(); y += kLanes) {
    const int rows = std::min(kLanes, image.height() - y);
    std::array<const uint8_t*, kLanes> source;
    for (int r = 0; r < kLanes; ++r) source[r] = image.row(y + std::min(r, rows - 1));
    for (size_t i = 0; i < image.row_bytes(); ++i) {
      for (int r = 0; r < kLanes; ++r) turned[i * kLanes + r] = source[r][i];
    }
    for (int x = 0; x < width; ++x) {
      const Taps& taps = axis.taps[x];
      weigh(turned.data() + taps.first * kPixel, kPixel, axis.weights.data() + taps.offset,
            taps.count, weighed.data() + x * kPixel, kPixel);
    }
    for (int r = 0; r < rows; ++r) {
      uint8_t* out = result.mutable_row(y + r);
      for (size_t i = 0; i < result.row_bytes(); ++i) out[i] = weighed[i * kLanes + r];
    }
  }
  return result;
}

Image ResizeRows(const Image& image, int height, WeighFunction weigh) {
  const AxisWeights axis = ComputeWeights(image.height(), height);
  Image result(image.width(), height);
  for (int y = 0; y < height; ++y) {
    const Taps& taps = axis.taps[y];
    weigh(image.row(taps.first), static_cast<ptrdiff_t>(image.row_bytes()),
          axis.weights.data() + taps.offset, taps.count, result.mutable_row(y), image.row_bytes());
  }
  return result;
}

}  // namespace

Image ResizeBicubic(const Image& image, int width, int height) {
  const WeighFunction weigh = FastestWeigh();
  if (image.width() == width) {
    return image.height() == height ? image : ResizeRows(image, height, weigh);
  }
  const Image narrowed = ResizeColumns(image, width, weigh);
  return image.height() == height ? narrowed : ResizeRows(narrowed, height, weigh);
}

}  // namespace md2::image
