// Defines JpegCoefficients, which follows the entropy coding of a JPEG block by block without
// computing a pixel: does each block end where its code says, within the data?

#ifndef MD2_CORE_IMAGE_JPEG_SCAN_H_
#define MD2_CORE_IMAGE_JPEG_SCAN_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/image/jpeg_bits.h"

namespace md2::image {

// What one scan says of the coefficients that it carries.
struct JpegBand {
  int first = 0;  // 0 to 63, zigzag
  int last = 63;
  int high = 0;  // bits known from an earlier scan begin here; 0: this scan is the first
  int low = 0;   // this scan's lowest bit
};

// The state of one component in one scan. One thread at a time.
class JpegCoefficients {
 public:
  // `bits`, the tables, and for AC bands of progressive scans `nonzero` must outlive it. `nonzero`
  // has a word a block: bit k is set where coefficient k is not zero.
  JpegCoefficients(EntropyBits& bits, const HuffmanTable& dc, const HuffmanTable& ac,
                   const JpegBand& band, std::vector<uint64_t>& nonzero)
      : bits_(bits), dc_(dc), ac_(ac), band_(band), nonzero_(nonzero) {}

  // After a restart marker: predictions and runs begin anew.
  void Reset() { prediction_ = 0, end_run_ = 0; }

  // Each follows one block and is false for a code that cannot be. Whether the data ran out is the
  // bits' to say.
  bool FollowSequential();
  bool FollowProgressive(size_t block);

 private:
  bool FollowDc();
  bool FollowFirstAc(uint64_t& nonzero);
  bool FollowMoreAc(uint64_t& nonzero);
  // A bit for each coefficient from k on that is not zero, until `zeros` zero ones are passed.
  // Returns where it stopped: at a zero coefficient, or beyond the band.
  int CorrectUntil(int k, int zeros, uint64_t nonzero);

  EntropyBits& bits_;
  const HuffmanTable& dc_;
  const HuffmanTable& ac_;
  const JpegBand band_;
  std::vector<uint64_t>& nonzero_;
  int64_t prediction_ = 0;
  int end_run_ = 0;  // blocks to come that have no code of their own
};

}  // namespace md2::image

#endif  // MD2_CORE_IMAGE_JPEG_SCAN_H_
