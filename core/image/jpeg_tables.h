// Defines JpegTables, what the table segments of a JPEG have said so far.

#ifndef MD2_CORE_IMAGE_JPEG_TABLES_H_
#define MD2_CORE_IMAGE_JPEG_TABLES_H_

#include <array>
#include <cstdint>

#include "absl/status/status.h"
#include "core/image/jpeg_bits.h"
#include "core/image/jpeg_header.h"

namespace md2::image {

// One thread at a time.
class JpegTables {
 public:
  static bool IsTable(uint8_t marker) {
    return marker == kJpegHuffmanTables || marker == kJpegQuantTables ||
           marker == kJpegRestartInterval;
  }

  // Replaces what the segment defines anew. IMAGE_INVALID when it is damaged; what it defined up to
  // there has changed. REQUIRES: IsTable(segment.marker).
  absl::Status Take(const JpegSegment& segment);

  // REQUIRES: 0 <= number <= 3. An undefined table has no symbols.
  const HuffmanTable& dc(int number) const { return dc_[number]; }
  const HuffmanTable& ac(int number) const { return ac_[number]; }
  bool has_quant(int number) const { return has_quant_[number]; }

  int restart_interval() const { return restart_interval_; }  // in MCUs; 0: none

 private:
  absl::Status TakeHuffman(const JpegSegment& segment);
  absl::Status TakeQuant(const JpegSegment& segment);

  std::array<HuffmanTable, 4> dc_;
  std::array<HuffmanTable, 4> ac_;
  std::array<bool, 4> has_quant_{};
  int restart_interval_ = 0;
};

}  // namespace md2::image

#endif  // MD2_CORE_IMAGE_JPEG_TABLES_H_
