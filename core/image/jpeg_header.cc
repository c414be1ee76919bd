#include "core/image/jpeg_header.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "core/base/status_macros.h"
#include "core/image/image_error.h"

namespace md2::image {
namespace {

int Read16(const uint8_t* p) { return p[0] << 8 | p[1]; }

bool BeginsWith(absl::Span<const uint8_t> bytes, absl::string_view text) {
  return bytes.size() >= text.size() && std::memcmp(bytes.data(), text.data(), text.size()) == 0;
}

bool HasPayload(uint8_t marker) {
  const bool alone = marker == 0x01 || (marker >= kJpegRestart0 && marker <= kJpegEnd);
  return !alone;
}

bool IsFrameHeader(uint8_t marker) {
  return marker >= 0xc0 && marker <= 0xcf && marker != kJpegHuffmanTables && marker != 0xc8 &&
         marker != 0xcc;
}

absl::Status BadFrame(absl::string_view expected, absl::string_view found) {
  return ImageInvalid(absl::StrCat("JPEG frame header: expected ", expected, ", found ", found));
}

absl::Status ReadComponents(absl::Span<const uint8_t> payload, JpegHeader& header) {
  for (int i = 0; i < header.num_components; ++i) {
    const uint8_t* p = payload.data() + 6 + 3 * i;
    JpegComponent& component = header.components[i];
    component = {p[0], p[1] >> 4, p[1] & 15, p[2]};
    if (component.across < 1 || component.across > 4 || component.down < 1 || component.down > 4) {
      return BadFrame("sampling factors of 1 to 4",
                      absl::StrCat(component.across, " x ", component.down));
    }
    if (component.quant_table > 3) {
      return BadFrame("a quantisation table of 0 to 3", absl::StrCat(component.quant_table));
    }
    for (int before = 0; before < i; ++before) {
      if (header.components[before].id == component.id) {
        return BadFrame("components of different names", absl::StrCat(component.id, " twice"));
      }
    }
  }
  for (int i = 0; i < header.num_components; ++i) {
    const JpegComponent& component = header.components[i];
    if (header.max_across() % component.across != 0 || header.max_down() % component.down != 0) {
      return ImageUnsupported(
          absl::StrCat("JPEG: expected components that are a whole number of times smaller, found ",
                       component.across, " x ", component.down, " beside ", header.max_across(),
                       " x ", header.max_down()));
    }
  }
  return absl::OkStatus();
}

absl::Status ReadFrame(const JpegSegment& segment, JpegHeader& header) {
  if (segment.marker > kJpegProgressive) {
    return ImageUnsupported(absl::StrCat(
        "JPEG: expected Huffman-coded baseline or progressive, found the frame marker ff ",
        absl::Hex(segment.marker, absl::kZeroPad2)));
  }
  header.progressive = segment.marker == kJpegProgressive;
  const absl::Span<const uint8_t> payload = segment.payload;
  if (payload.size() < 6) return BadFrame("6 bytes and more", absl::StrCat(payload.size()));
  if (payload[0] != 8) {
    return ImageUnsupported(
        absl::StrCat("JPEG: expected 8 bits a sample, found ", int{payload[0]}));
  }
  header.height = Read16(payload.data() + 1);
  header.width = Read16(payload.data() + 3);
  header.num_components = payload[5];
  if (header.width == 0 || header.height == 0) {
    return BadFrame("1 to 65535 pixels a side", absl::StrCat(header.width, " x ", header.height));
  }
  const int n = header.num_components;
  if (n != 1 && n != 3 && n != 4) {
    return ImageUnsupported(absl::StrCat("JPEG: expected 1, 3 or 4 components, found ", n));
  }
  const size_t expected_bytes = 6 + 3 * static_cast<size_t>(n);
  if (payload.size() != expected_bytes) {
    return BadFrame(absl::StrCat(expected_bytes, " bytes"), absl::StrCat(payload.size()));
  }
  return ReadComponents(payload, header);
}

void ReadApplication(const JpegSegment& segment, JpegHeader& header) {
  constexpr absl::string_view kExif("Exif\0\0", 6);
  constexpr size_t kAdobeBytes = 12;
  const absl::Span<const uint8_t> payload = segment.payload;
  if (segment.marker == kJpegApp0 && BeginsWith(payload, absl::string_view("JFIF\0", 5))) {
    header.has_jfif = true;
  } else if (segment.marker == kJpegApp1 && BeginsWith(payload, kExif) && header.exif.empty()) {
    header.exif = payload.subspan(kExif.size());
  } else if (segment.marker == kJpegApp14 && payload.size() >= kAdobeBytes &&
             BeginsWith(payload, absl::string_view("Adobe\0", 6))) {
    header.adobe_transform = payload[kAdobeBytes - 1];
  }
}

// Refuses the corners in which decoders disagree on what the numbers mean.
absl::Status CheckColours(const JpegHeader& header) {
  const auto& c = header.components;
  const bool named_rgb =
      header.num_components == 3 && c[0].id == 'R' && c[1].id == 'G' && c[2].id == 'B';
  if (named_rgb && (header.has_jfif || header.adobe_transform > 0)) {
    return ImageUnsupported(
        "JPEG: expected one statement of its colours, found components named R, G, B "
        "beside a segment that says YCbCr");
  }
  if (header.num_components == 4 && header.adobe_transform != -1 && header.adobe_transform != 0 &&
      header.adobe_transform != 2) {
    return ImageUnsupported(
        absl::StrCat("JPEG: expected 4 components with Adobe's transform 0 or 2, found ",
                     header.adobe_transform));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status JpegTruncated(size_t num_bytes) {
  return ImageInvalid(absl::StrCat(
      "JPEG is truncated: expected the end marker ff d9, found the end of the file after ",
      num_bytes, " bytes"));
}

absl::Status JpegCorrupt(absl::string_view expected, absl::string_view found, size_t offset) {
  return ImageInvalid(
      absl::StrCat("JPEG is corrupt: expected ", expected, ", found ", found, " at byte ", offset));
}

absl::StatusOr<JpegSegment> NextJpegSegment(absl::Span<const uint8_t> bytes, size_t& position) {
  JpegSegment segment;
  segment.offset = position;
  size_t at = position;
  while (at < bytes.size() && bytes[at] == 0xff) ++at;  // any number of FF may precede
  if (at >= bytes.size()) return JpegTruncated(bytes.size());
  segment.marker = bytes[at];
  if (at == position || segment.marker == 0) {
    return JpegCorrupt("a marker", "something else", position);
  }
  position = ++at;
  if (!HasPayload(segment.marker)) return segment;
  if (bytes.size() - at < 2) return JpegTruncated(bytes.size());
  const auto length = static_cast<size_t>(Read16(bytes.data() + at));
  if (length < 2) {
    return JpegCorrupt("a segment of 2 bytes and more", absl::StrCat(length), at);
  }
  if (length > bytes.size() - at) return JpegTruncated(bytes.size());
  segment.payload = bytes.subspan(at + 2, length - 2);
  position = at + length;
  return segment;
}

int JpegHeader::max_across() const {
  int factor = 1;
  for (int i = 0; i < num_components; ++i) factor = std::max(factor, components[i].across);
  return factor;
}

int JpegHeader::max_down() const {
  int factor = 1;
  for (int i = 0; i < num_components; ++i) factor = std::max(factor, components[i].down);
  return factor;
}

bool HasJpegSignature(absl::Span<const uint8_t> bytes) {
  return bytes.size() >= 3 && bytes[0] == 0xff && bytes[1] == kJpegStart && bytes[2] == 0xff;
}

absl::StatusOr<JpegHeader> ReadJpegHeader(absl::Span<const uint8_t> bytes) {
  JpegHeader header;
  size_t position = 2;
  while (true) {
    MD2_ASSIGN_OR_RETURN(const JpegSegment segment, NextJpegSegment(bytes, position));
    if (IsFrameHeader(segment.marker)) {
      MD2_RETURN_IF_ERROR(ReadFrame(segment, header));
      MD2_RETURN_IF_ERROR(CheckColours(header));
      return header;
    }
    if (segment.marker == kJpegScan || segment.marker == kJpegEnd) {
      return ImageInvalid(absl::StrCat("JPEG: expected a frame header first, found the marker ff ",
                                       absl::Hex(segment.marker, absl::kZeroPad2), " at byte ",
                                       segment.offset));
    }
    ReadApplication(segment, header);
  }
}

}  // namespace md2::image
