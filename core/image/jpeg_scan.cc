#include "core/image/jpeg_scan.h"

#include <cstdint>
#include <cstdlib>

namespace md2::image {
namespace {

constexpr int kMaxDcBits = 11;     // of 8-bit samples
constexpr int64_t kMaxDc = 32767;  // decoders keep coefficients in 16 bits

// The value of `size` bits as T.81 F.2.2.1 extends it.
int Extend(uint32_t bits, int size) {
  const int value = static_cast<int>(bits);
  return size > 0 && value < 1 << (size - 1) ? value - (1 << size) + 1 : value;
}

}  // namespace

bool JpegCoefficients::FollowDc() {
  const int size = bits_.DecodeSymbol(dc_);
  if (size < 0 || size > kMaxDcBits) return false;
  prediction_ += Extend(bits_.ReadBits(size), size);
  return std::abs(prediction_) <= kMaxDc;
}

bool JpegCoefficients::FollowSequential() {
  if (!FollowDc()) return false;
  for (int k = 1; k < 64; ++k) {
    const int symbol = bits_.DecodeSymbol(ac_);
    if (symbol < 0) return false;
    const int run = symbol >> 4;
    const int size = symbol & 15;
    if (size == 0 && run != 15) return true;  // the rest is zero
    k += run;
    if (k > 63) return false;
    bits_.ReadBits(size);  // none after sixteen zeros
  }
  return true;
}

bool JpegCoefficients::FollowProgressive(size_t block) {
  if (band_.first == 0) {
    if (band_.high == 0) return FollowDc();
    bits_.ReadBits(1);
    return true;
  }
  return band_.high == 0 ? FollowFirstAc(nonzero_[block]) : FollowMoreAc(nonzero_[block]);
}

bool JpegCoefficients::FollowFirstAc(uint64_t& nonzero) {
  if (end_run_ > 0) {
    --end_run_;
    return true;
  }
  for (int k = band_.first; k <= band_.last; ++k) {
    const int symbol = bits_.DecodeSymbol(ac_);
    if (symbol < 0) return false;
    const int run = symbol >> 4;
    const int size = symbol & 15;
    if (size == 0 && run != 15) {
      end_run_ = (1 << run) - 1 + static_cast<int>(bits_.ReadBits(run));
      return true;
    }
    k += run;
    if (k > band_.last) return false;
    const int value = Extend(bits_.ReadBits(size), size) * (1 << band_.low);
    if (static_cast<int16_t>(value) != 0) nonzero |= uint64_t{1} << k;
  }
  return true;
}

int JpegCoefficients::CorrectUntil(int k, int zeros, uint64_t nonzero) {
  for (; k <= band_.last; ++k) {
    if ((nonzero >> k & 1) != 0) {
      bits_.ReadBits(1);
    } else if (zeros-- == 0) {
      return k;
    }
  }
  return k;
}

bool JpegCoefficients::FollowMoreAc(uint64_t& nonzero) {
  if (end_run_ > 0) {
    --end_run_;
    CorrectUntil(band_.first, 64, nonzero);
    return true;
  }
  for (int k = band_.first; k <= band_.last; ++k) {
    const int symbol = bits_.DecodeSymbol(ac_);
    if (symbol < 0) return false;
    const int run = symbol >> 4;
    const int size = symbol & 15;
    if (size > 1) return false;
    if (size == 0 && run != 15) {
      end_run_ = (1 << run) - 1 + static_cast<int>(bits_.ReadBits(run));
      CorrectUntil(k, 64, nonzero);
      return true;
    }
    bits_.ReadBits(size);  // the sign of the new coefficient
    k = CorrectUntil(k, run, nonzero);
    if (k > band_.last) return false;
    if (size == 1) nonzero |= uint64_t{1} << k;
  }
  return true;
}

}  // namespace md2::image
