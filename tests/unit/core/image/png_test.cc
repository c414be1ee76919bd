#include "core/image/png.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/base/error.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/core/image/build_png.h"
#include "tests/unit/core/image/golden_file.h"
#include "tests/unit/core/image/test_image.h"

namespace md2::image {
namespace {

using base::Reason;
using testing::HasReason;
using testing::IsOk;
using testing::StatusIs;

constexpr auto kInvalidArgument = absl::StatusCode::kInvalidArgument;

const std::string kEnd = PngChunk("IEND", "");
const std::string kData = PngChunk("IDAT", "packed");

std::string File(const std::string& chunks, const PngFields& fields = {}) {
  return kPngSignature + PngHeaderChunk(fields) + chunks;
}

absl::Status ReadStatus(const std::string& file) { return ReadPngFile(AsBytes(file)).status(); }

void ExpectInvalid(const std::string& file, const std::string& text) {
  EXPECT_THAT(ReadStatus(file), HasReason(Reason::kImageInvalid));
  EXPECT_THAT(ReadStatus(file), StatusIs(kInvalidArgument, text));
}

// --- The header.

TEST(PngHeaderTest, ReadsEveryField) {
  const std::string file =
      File("", {.width = 70000, .height = 3, .bit_depth = 16, .colour = 6, .interlace = 1});
  MD2_ASSERT_OK_AND_ASSIGN(const PngHeader header, ReadPngHeader(AsBytes(file)));
  EXPECT_EQ(header.width, 70000);
  EXPECT_EQ(header.height, 3);
  EXPECT_EQ(header.bit_depth, 16);
  EXPECT_EQ(header.colour, PngColour::kRgba);
  EXPECT_TRUE(header.interlaced);
  EXPECT_EQ(header.bits_per_pixel(), 64);
}

TEST(PngHeaderTest, DepthsAreThoseOfTheStandard) {
  const std::vector<std::vector<int>> allowed = {{1, 2, 4, 8, 16}, {}, {8, 16}, {1, 2, 4, 8},
                                                 {8, 16},          {}, {8, 16}, {}};
  for (int colour = 0; colour < 8; ++colour) {
    for (int depth = 0; depth <= 17; ++depth) {
      const std::string file = File("", {.bit_depth = depth, .colour = colour});
      const auto header = ReadPngHeader(AsBytes(file));
      const auto& depths = allowed[colour];
      if (std::find(depths.begin(), depths.end(), depth) != depths.end()) {
        EXPECT_THAT(header, IsOk());
        continue;
      }
      EXPECT_THAT(header,
                  StatusIs(kInvalidArgument,
                           absl::StrCat("PNG header: expected a colour type and a bit depth "
                                        "that go together, found type ",
                                        colour, " with ", depth, " bits")));
    }
  }
}

TEST(PngHeaderTest, RefusesSidesOfZeroAndBeyond31Bits) {
  constexpr char kText[] = "PNG header: expected 1 to 2147483647 pixels a side, found ";
  ExpectInvalid(File("", {.width = 0, .height = 7}), absl::StrCat(kText, "0 x 7"));
  ExpectInvalid(File("", {.width = 7, .height = 0}), absl::StrCat(kText, "7 x 0"));
  ExpectInvalid(File("", {.width = 0x80000000}), absl::StrCat(kText, "2147483648 x 1"));
  ExpectInvalid(File("", {.height = 0xffffffff}), absl::StrCat(kText, "1 x 4294967295"));
}

TEST(PngHeaderTest, RefusesUnknownMethods) {
  constexpr char kText[] =
      "PNG header: expected compression 0, filter 0 and interlace 0 or 1, found ";
  ExpectInvalid(File("", {.compression = 1}), absl::StrCat(kText, "1, 0 and 0"));
  ExpectInvalid(File("", {.filter = 64}), absl::StrCat(kText, "0, 64 and 0"));
  ExpectInvalid(File("", {.interlace = 2}), absl::StrCat(kText, "0, 0 and 2"));
}

TEST(PngHeaderTest, RefusesAnotherFirstChunk) {
  ExpectInvalid(kPngSignature + kData,
                "PNG: expected chunk IHDR of 13 bytes first, found \"IDAT\" of 6");
  ExpectInvalid(kPngSignature + PngChunk("IHDR", "short"),
                "PNG: expected chunk IHDR of 13 bytes first, found \"IHDR\" of 5");
}

// --- Chunks.

TEST(PngFileTest, JoinsTheDataAndKeepsPaletteAndExif) {
  const std::string file =
      File(PngChunk("PLTE", "abcdef") + PngChunk("IDAT", "pa") + PngChunk("IDAT", "") +
               PngChunk("IDAT", "cked") + PngChunk("eXIf", "MM") + kEnd + "what follows",
           {.colour = 3});
  MD2_ASSERT_OK_AND_ASSIGN(const PngFile png, ReadPngFile(AsBytes(file)));
  EXPECT_EQ(AsText(png.packed), "packed");
  EXPECT_EQ(AsText(png.palette).substr(0, 7), absl::string_view("abcdef\0", 7));
  EXPECT_EQ(AsText(png.exif), "MM");
}

TEST(PngFileTest, ThePaletteOfAColouredPictureIsASuggestionOnly) {
  EXPECT_THAT(ReadStatus(File(PngChunk("PLTE", "a") + kData + kEnd, {.colour = 2})), IsOk());
}

TEST(PngFileTest, IgnoresAncillaryChunksAnywhere) {
  const std::string text = PngChunk("tEXt", "title");
  EXPECT_THAT(ReadStatus(File(text + kData + text + kEnd)), IsOk());
}

TEST(PngFileTest, RefusesCriticalChunksItDoesNotKnow) {
  const std::string file = File(PngChunk("NEWS", "") + kData + kEnd);
  EXPECT_THAT(ReadStatus(file), HasReason(Reason::kImageUnsupported));
  EXPECT_THAT(ReadStatus(file),
              StatusIs(kInvalidArgument,
                       "PNG: expected the standard's critical chunks only, found \"NEWS\" at byte "
                       "33"));
}

TEST(PngFileTest, RefusesADamagedByteInAnyChunk) {
  const std::string file = GoldenPng("palette-8-transparent");
  for (size_t i = kPngSignature.size(); i < file.size(); ++i) {
    std::string damaged = file;
    damaged[i] = static_cast<char>(damaged[i] ^ 0x20);
    EXPECT_THAT(ReadStatus(damaged), HasReason(Reason::kImageInvalid)) << "byte " << i;
  }
}

TEST(PngFileTest, SaysWhichChunkIsDamaged) {
  std::string file = File(kData + kEnd);
  file[33 + 8] = 'P';
  ExpectInvalid(file, "PNG is corrupt: the checksum does not fit chunk \"IDAT\" at byte 33");
  file = File(kData + kEnd);
  file[8 + 8 + 13] = 0;
  ExpectInvalid(file, "PNG is corrupt: the checksum does not fit chunk \"IHDR\" at byte 8");
}

TEST(PngFileTest, RefusesChunksOutOfOrder) {
  constexpr char kText[] = "PNG: expected chunks in the standard's order, found ";
  const std::string palette = PngChunk("PLTE", "abc");
  const std::string text = PngChunk("tEXt", "");
  const PngFields of_palette = {.colour = 3};
  ExpectInvalid(File(kData + text + kData + kEnd), absl::StrCat(kText, "\"IDAT\" at byte 63"));
  ExpectInvalid(File(palette + palette + kData + kEnd, of_palette),
                absl::StrCat(kText, "\"PLTE\" at byte 48"));
  ExpectInvalid(File(palette + kData + palette + kEnd, of_palette),
                absl::StrCat(kText, "\"PLTE\" at byte 66"));
  ExpectInvalid(File(PngHeaderChunk({}) + kData + kEnd),
                absl::StrCat(kText, "\"IHDR\" at byte 33"));
}

TEST(PngFileTest, RefusesPalettesThatAreNone) {
  constexpr char kText[] = "PNG palette: expected 1 to 256 colours of 3 bytes, found ";
  const PngFields fields = {.colour = 3};
  ExpectInvalid(File(PngChunk("PLTE", "")),
                "PNG is truncated: expected the end chunk IEND, found "
                "the end of the file in a chunk's frame after 45 bytes");
  for (const size_t size : {0u, 1u, 4u, 771u}) {
    const std::string palette = PngChunk("PLTE", std::string(size, 'x'));
    ExpectInvalid(File(absl::StrCat(palette, kData, kEnd), fields),
                  absl::StrCat(kText, size, " bytes"));
  }
  ExpectInvalid(File(kData + kEnd, fields),
                "PNG palette: expected chunk PLTE before the pixels, found none");
}

TEST(PngFileTest, RefusesAFileWithoutPixels) {
  ExpectInvalid(File(kEnd), "PNG: expected pixels in chunks IDAT, found none");
  ExpectInvalid(File(PngChunk("IDAT", "") + kEnd),
                "PNG: expected pixels in chunks IDAT, found none");
}

TEST(PngFileTest, SaysWhereAFileEnds) {
  const std::string file = File(kData + kEnd);
  ExpectInvalid(file.substr(0, 40),
                "PNG is truncated: expected the end chunk IEND, found the end "
                "of the file in a chunk's frame after 40 bytes");
  ExpectInvalid(file.substr(0, 50),
                "PNG is truncated: expected the end chunk IEND, found the end of the file in chunk "
                "\"IDAT\" of 6 bytes after 50 bytes");
}

TEST(PngFileTest, ALengthBeyondTheFileIsTruncation) {
  for (const char* const length : {"\x00\x00\x00\x07", "\x7f\xff\xff\xff", "\xff\xff\xff\xff"}) {
    std::string file = File(kData + kEnd);
    file.replace(33, 4, length, 4);
    if (length[3] == 7) file.resize(file.size() - kEnd.size());
    EXPECT_THAT(ReadStatus(file), testing::HasMessage(::testing::StartsWith("PNG is truncated")));
  }
}

}  // namespace
}  // namespace md2::image
