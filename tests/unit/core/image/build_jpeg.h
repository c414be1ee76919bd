// Defines JPEG files made by hand, right or wrong as a test wants them:
//   JpegBits                                codes written as 0 and 1
//   BuildJpegSegment, BuildHuffmanSegment   one marker and its payload
//   TinyJpeg, TinyScan                      a file of few blocks

#ifndef MD2_TESTS_UNIT_CORE_IMAGE_BUILD_JPEG_H_
#define MD2_TESTS_UNIT_CORE_IMAGE_BUILD_JPEG_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace md2::image {

// Digits to bytes; the last byte is filled with ones, FF gets its zero byte. Spaces are skipped.
std::string JpegBits(absl::string_view digits);

std::string BuildJpegSegment(int marker, const std::vector<int>& payload);

// DHT with one table: 0 to 3 for DC, 0x10 to 0x13 for AC; counts that are not given are 0.
std::string BuildHuffmanSegment(int id, std::vector<int> counts, const std::vector<int>& symbols);

// The file: start, `first`, quantisation table 0, the frame header, two Huffman tables 0, then
// `scans` and the end. DC codes: 00 is size 0, 01 size 1, 10 size 11. AC codes: 00 ends the block
// (and begins a run of 1 block), 01 is one coefficient of 1 bit, 10 is sixteen zeros, 110 is one
// coefficient of 2 bits, 1110 is no zeros before a run of blocks of 1 bit's length.
struct TinyJpeg {
  int frame_marker = 0xc0;
  int width = 8;
  int height = 8;
  std::vector<int> components = {1, 0x11, 0};  // name, sampling, quantisation table of each
  std::string first = "";
  std::string scans = "";

  std::string Build() const;
};

// A scan of those components, all with tables 0: 63 and 0 are a baseline's last coefficient and
// bits.
std::string TinyScan(const std::vector<int>& components, absl::string_view digits, int first = 0,
                     int last = 63, int bits = 0);

}  // namespace md2::image

#endif  // MD2_TESTS_UNIT_CORE_IMAGE_BUILD_JPEG_H_
