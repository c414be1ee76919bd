#include "core/image/png.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "core/base/quoted.h"
#include "core/base/status_macros.h"
#include "core/image/image_error.h"

namespace md2::image {
namespace {

constexpr std::array<uint8_t, 8> kSignature = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
constexpr size_t kHeaderBytes = 13;
constexpr size_t kChunkFrame = 12;  // length, type and checksum

uint32_t Read32(const uint8_t* p) {
  return uint32_t{p[0]} << 24 | uint32_t{p[1]} << 16 | uint32_t{p[2]} << 8 | uint32_t{p[3]};
}

// --- CRC-32, eight bytes a step.

using CrcTables = std::array<std::array<uint32_t, 256>, 8>;

constexpr CrcTables ComputeCrcTables() {
  CrcTables tables{};
  for (uint32_t n = 0; n < 256; ++n) {
    uint32_t c = n;
    for (int bit = 0; bit < 8; ++bit) c = (c & 1) != 0 ? 0xedb88320u ^ (c >> 1) : c >> 1;
    tables[0][n] = c;
  }
  for (size_t t = 1; t < tables.size(); ++t) {
    for (size_t n = 0; n < 256; ++n) {
      const uint32_t c = tables[t - 1][n];
      tables[t][n] = tables[0][c & 0xff] ^ (c >> 8);
    }
  }
  return tables;
}

constexpr CrcTables kCrc = ComputeCrcTables();

uint32_t Crc32(absl::Span<const uint8_t> bytes) {
  uint32_t crc = 0xffffffffu;
  size_t i = 0;
  for (; i + 8 <= bytes.size(); i += 8) {
    const uint8_t* p = bytes.data() + i;
    crc ^= p[0] | uint32_t{p[1]} << 8 | uint32_t{p[2]} << 16 | uint32_t{p[3]} << 24;
    crc = kCrc[7][crc & 0xff] ^ kCrc[6][crc >> 8 & 0xff] ^ kCrc[5][crc >> 16 & 0xff] ^
          kCrc[4][crc >> 24] ^ kCrc[3][p[4]] ^ kCrc[2][p[5]] ^ kCrc[1][p[6]] ^ kCrc[0][p[7]];
  }
  for (; i < bytes.size(); ++i) crc = kCrc[0][(crc ^ bytes[i]) & 0xff] ^ (crc >> 8);
  return ~crc;
}

// --- Chunks.

struct Chunk {
  absl::string_view type;  // four bytes
  absl::Span<const uint8_t> data;
  size_t offset;  // of the chunk in the file
};

absl::Status Truncated(absl::string_view inside, size_t num_bytes) {
  return ImageInvalid(
      absl::StrCat("PNG is truncated: expected the end chunk IEND, found the end of the file in ",
                   inside, " after ", num_bytes, " bytes"));
}

// The chunk at `offset`, whole; its checksum is not looked at.
absl::StatusOr<Chunk> ChunkAt(absl::Span<const uint8_t> bytes, size_t offset) {
  if (bytes.size() - offset < kChunkFrame) return Truncated("a chunk's frame", bytes.size());
  const uint32_t length = Read32(bytes.data() + offset);
  const absl::string_view type(reinterpret_cast<const char*>(bytes.data()) + offset + 4, 4);
  if (length > bytes.size() - offset - kChunkFrame) {
    return Truncated(absl::StrCat("chunk ", base::Quoted(type), " of ", length, " bytes"),
                     bytes.size());
  }
  return Chunk{type, bytes.subspan(offset + 8, length), offset};
}

absl::Status CheckCrc(const Chunk& chunk, absl::Span<const uint8_t> bytes) {
  const size_t length = chunk.data.size();
  const uint32_t found = Crc32(bytes.subspan(chunk.offset + 4, 4 + length));
  const uint32_t expected = Read32(bytes.data() + chunk.offset + 8 + length);
  if (found == expected) return absl::OkStatus();
  return ImageInvalid(absl::StrCat("PNG is corrupt: the checksum does not fit chunk ",
                                   base::Quoted(chunk.type), " at byte ", chunk.offset));
}

bool IsDepthAllowed(PngColour colour, int depth) {
  switch (colour) {
    case PngColour::kGrey:
      return depth == 1 || depth == 2 || depth == 4 || depth == 8 || depth == 16;
    case PngColour::kPalette:
      return depth == 1 || depth == 2 || depth == 4 || depth == 8;
    case PngColour::kRgb:
    case PngColour::kGreyAlpha:
    case PngColour::kRgba:
      return depth == 8 || depth == 16;
  }
  return false;
}

absl::StatusOr<PngHeader> ParseHeader(absl::Span<const uint8_t> data) {
  PngHeader header;
  header.width = Read32(data.data());
  header.height = Read32(data.data() + 4);
  header.bit_depth = data[8];
  header.colour = static_cast<PngColour>(data[9]);
  header.interlaced = data[12] == 1;
  constexpr int64_t kMaxSide = 0x7fffffff;
  if (header.width < 1 || header.height < 1 || header.width > kMaxSide ||
      header.height > kMaxSide) {
    return ImageInvalid(absl::StrCat("PNG header: expected 1 to ", kMaxSide,
                                     " pixels a side, found ", header.width, " x ", header.height));
  }
  if (!IsDepthAllowed(header.colour, header.bit_depth)) {
    return ImageInvalid(absl::StrCat(
        "PNG header: expected a colour type and a bit depth that go together, found type ",
        int{data[9]}, " with ", header.bit_depth, " bits"));
  }
  if (data[10] != 0 || data[11] != 0 || data[12] > 1) {
    return ImageInvalid(
        absl::StrCat("PNG header: expected compression 0, filter 0 and interlace 0 or 1, found ",
                     int{data[10]}, ", ", int{data[11]}, " and ", int{data[12]}));
  }
  return header;
}

absl::Status TakePalette(const Chunk& chunk, PngFile& file) {
  const size_t num_bytes = chunk.data.size();
  if (num_bytes == 0 || num_bytes % 3 != 0 || num_bytes > file.palette.size()) {
    return ImageInvalid(absl::StrCat("PNG palette: expected 1 to 256 colours of 3 bytes, found ",
                                     num_bytes, " bytes"));
  }
  std::copy(chunk.data.begin(), chunk.data.end(), file.palette.begin());
  return absl::OkStatus();
}

// Collects what ReadPngFile keeps, chunk by chunk, and watches over their order.
class ChunkReader {
 public:
  // `max_bytes` is what all chunks have together.
  ChunkReader(const PngHeader& header, size_t max_bytes) {
    file_.header = header;
    file_.packed.reserve(max_bytes);
  }

  absl::Status Take(const Chunk& chunk) {
    const bool is_data = chunk.type == "IDAT";
    if (is_data && data_ended_) return Misplaced(chunk);
    data_ended_ = data_ended_ || (!is_data && !file_.packed.empty());
    if (is_data) {
      if (file_.header.colour == PngColour::kPalette && !has_palette_) {
        return ImageInvalid("PNG palette: expected chunk PLTE before the pixels, found none");
      }
      file_.packed.insert(file_.packed.end(), chunk.data.begin(), chunk.data.end());
    } else if (chunk.type == "PLTE") {
      if (has_palette_ || data_ended_) return Misplaced(chunk);
      has_palette_ = true;
      if (file_.header.colour == PngColour::kPalette) return TakePalette(chunk, file_);
    } else if (chunk.type == "eXIf") {
      file_.exif = chunk.data;
    } else if (chunk.type == "IHDR") {
      return Misplaced(chunk);
    } else if ((chunk.type[0] & 0x20) == 0) {  // a capital letter: critical
      return ImageUnsupported(
          absl::StrCat("PNG: expected the standard's critical chunks only, found ",
                       base::Quoted(chunk.type), " at byte ", chunk.offset));
    }
    return absl::OkStatus();
  }

  absl::StatusOr<PngFile> Finish() && {
    if (file_.packed.empty()) {
      return ImageInvalid("PNG: expected pixels in chunks IDAT, found none");
    }
    return std::move(file_);
  }

 private:
  static absl::Status Misplaced(const Chunk& chunk) {
    return ImageInvalid(absl::StrCat("PNG: expected chunks in the standard's order, found ",
                                     base::Quoted(chunk.type), " at byte ", chunk.offset));
  }

  PngFile file_;
  bool has_palette_ = false;
  bool data_ended_ = false;
};

}  // namespace

int PngHeader::channels() const {
  switch (colour) {
    case PngColour::kGrey:
    case PngColour::kPalette:
      return 1;
    case PngColour::kGreyAlpha:
      return 2;
    case PngColour::kRgb:
      return 3;
    case PngColour::kRgba:
      return 4;
  }
  return 0;
}

bool HasPngSignature(absl::Span<const uint8_t> bytes) {
  return bytes.size() >= kSignature.size() &&
         std::memcmp(bytes.data(), kSignature.data(), kSignature.size()) == 0;
}

absl::StatusOr<PngHeader> ReadPngHeader(absl::Span<const uint8_t> bytes) {
  MD2_ASSIGN_OR_RETURN(const Chunk chunk, ChunkAt(bytes, kSignature.size()));
  if (chunk.type != "IHDR" || chunk.data.size() != kHeaderBytes) {
    return ImageInvalid(absl::StrCat("PNG: expected chunk IHDR of 13 bytes first, found ",
                                     base::Quoted(chunk.type), " of ", chunk.data.size()));
  }
  MD2_RETURN_IF_ERROR(CheckCrc(chunk, bytes));
  return ParseHeader(chunk.data);
}

absl::StatusOr<PngFile> ReadPngFile(absl::Span<const uint8_t> bytes) {
  MD2_ASSIGN_OR_RETURN(const PngHeader header, ReadPngHeader(bytes));
  ChunkReader reader(header, bytes.size());
  size_t offset = kSignature.size() + kChunkFrame + kHeaderBytes;
  while (true) {
    MD2_ASSIGN_OR_RETURN(const Chunk chunk, ChunkAt(bytes, offset));
    MD2_RETURN_IF_ERROR(CheckCrc(chunk, bytes));
    if (chunk.type == "IEND") return std::move(reader).Finish();
    MD2_RETURN_IF_ERROR(reader.Take(chunk));
    offset += kChunkFrame + chunk.data.size();
  }
}

}  // namespace md2::image
