#include "core/image/jpeg_header.h"

#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/base/error.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/core/image/build_jpeg.h"
#include "tests/unit/core/image/golden_file.h"
#include "tests/unit/core/image/test_image.h"

namespace md2::image {
namespace {

using base::Reason;
using testing::HasReason;
using testing::IsOk;
using testing::StatusIs;

constexpr auto kInvalidArgument = absl::StatusCode::kInvalidArgument;

void ExpectRefused(const std::string& file, Reason reason, const std::string& text) {
  const auto header = ReadJpegHeader(AsBytes(file));
  EXPECT_THAT(header, HasReason(reason));
  EXPECT_THAT(header, StatusIs(kInvalidArgument, text));
}

void ExpectInvalid(const std::string& file, const std::string& text) {
  ExpectRefused(file, Reason::kImageInvalid, text);
}

void ExpectUnsupported(const std::string& file, const std::string& text) {
  ExpectRefused(file, Reason::kImageUnsupported, text);
}

std::string Frame(const std::vector<int>& payload, int marker = 0xc0) {
  return "\xff\xd8" + BuildJpegSegment(marker, payload);
}

std::string Adobe(int transform) {
  return BuildJpegSegment(0xee, {'A', 'd', 'o', 'b', 'e', 0, 100, 0, 0, 0, 0, transform});
}

const std::string kJfif = BuildJpegSegment(0xe0, {'J', 'F', 'I', 'F', 0, 1, 1});

// --- NextJpegSegment.

TEST(NextJpegSegmentTest, StepsThroughAnyNumberOfFillBytes) {
  const std::string file("\xff\xff\xff\xfe\0\3!\xff\xd9", 9);
  size_t position = 0;
  MD2_ASSERT_OK_AND_ASSIGN(const JpegSegment comment, NextJpegSegment(AsBytes(file), position));
  EXPECT_EQ(comment.marker, kJpegComment);
  EXPECT_EQ(comment.offset, 0u);
  EXPECT_EQ(AsText(comment.payload), "!");
  EXPECT_EQ(position, 7u);
  MD2_ASSERT_OK_AND_ASSIGN(const JpegSegment end, NextJpegSegment(AsBytes(file), position));
  EXPECT_EQ(end.marker, kJpegEnd);
  EXPECT_EQ(end.offset, 7u);
  EXPECT_TRUE(end.payload.empty());
  EXPECT_EQ(position, 9u);
}

TEST(NextJpegSegmentTest, RefusesWhatIsNoSegment) {
  const auto status = [](const std::string& file) {
    size_t position = 0;
    return NextJpegSegment(AsBytes(file), position).status();
  };
  constexpr char kNoMarker[] = "JPEG is corrupt: expected a marker, found something else at byte 0";
  EXPECT_THAT(status("x"), StatusIs(kInvalidArgument, kNoMarker));
  EXPECT_THAT(status(std::string("\xff\0", 2)), StatusIs(kInvalidArgument, kNoMarker));
  EXPECT_THAT(status(std::string("\xff\xfe\0\1", 4)),
              StatusIs(kInvalidArgument,
                       "JPEG is corrupt: expected a segment of 2 bytes and more, found 1 at byte "
                       "2"));
}

TEST(NextJpegSegmentTest, SaysThatTheFileEnds) {
  const std::string segment("\xff\xfe\0\4ab", 6);
  for (size_t size = 0; size < segment.size(); ++size) {
    size_t position = 0;
    EXPECT_THAT(NextJpegSegment(AsBytes(segment.substr(0, size)), position),
                StatusIs(kInvalidArgument,
                         absl::StrCat("JPEG is truncated: expected the end marker ff d9, found the "
                                      "end of the file after ",
                                      size, " bytes")));
  }
}

// --- ReadJpegHeader.

TEST(JpegHeaderTest, ReadsEveryField) {
  const std::string exif = BuildJpegSegment(0xe1, {'E', 'x', 'i', 'f', 0, 0, 'M', 'M'});
  const std::string file =
      "\xff\xd8" + kJfif + exif + Adobe(1) +
      BuildJpegSegment(0xc2, {8, 1, 2, 3, 4, 3, 1, 0x21, 0, 2, 0x11, 1, 3, 0x11, 3});
  MD2_ASSERT_OK_AND_ASSIGN(const JpegHeader header, ReadJpegHeader(AsBytes(file)));
  EXPECT_EQ(header.height, 0x102);
  EXPECT_EQ(header.width, 0x304);
  EXPECT_EQ(header.num_components, 3);
  EXPECT_TRUE(header.progressive);
  EXPECT_TRUE(header.has_jfif);
  EXPECT_EQ(header.adobe_transform, 1);
  EXPECT_EQ(AsText(header.exif), "MM");
  EXPECT_EQ(header.components[0].across, 2);
  EXPECT_EQ(header.components[0].down, 1);
  EXPECT_EQ(header.components[2].id, 3);
  EXPECT_EQ(header.components[2].quant_table, 3);
  EXPECT_EQ(header.max_across(), 2);
  EXPECT_EQ(header.max_down(), 1);
}

TEST(JpegHeaderTest, RefusesSidesOfZero) {
  constexpr char kText[] = "JPEG frame header: expected 1 to 65535 pixels a side, found ";
  ExpectInvalid(Frame({8, 0, 0, 0, 5, 1, 1, 0x11, 0}), absl::StrCat(kText, "5 x 0"));
  ExpectInvalid(Frame({8, 0, 5, 0, 0, 1, 1, 0x11, 0}), absl::StrCat(kText, "0 x 5"));
}

TEST(JpegHeaderTest, RefusesFrameHeadersOfAnotherLength) {
  ExpectInvalid(Frame({8, 0, 1, 0, 1}), "JPEG frame header: expected 6 bytes and more, found 5");
  ExpectInvalid(Frame({8, 0, 1, 0, 1, 1, 1, 0x11}), "JPEG frame header: expected 9 bytes, found 8");
  ExpectInvalid(Frame({8, 0, 1, 0, 1, 1, 1, 0x11, 0, 0}),
                "JPEG frame header: expected 9 bytes, found 10");
}

TEST(JpegHeaderTest, RefusesComponentsThatCannotBe) {
  for (const int sampling : {0x01, 0x10, 0x51, 0x15}) {
    ExpectInvalid(Frame({8, 0, 1, 0, 1, 1, 1, sampling, 0}),
                  absl::StrCat("JPEG frame header: expected sampling factors of 1 to 4, found ",
                               sampling >> 4, " x ", sampling & 15));
  }
  ExpectInvalid(Frame({8, 0, 1, 0, 1, 1, 1, 0x11, 4}),
                "JPEG frame header: expected a quantisation table of 0 to 3, found 4");
  ExpectInvalid(Frame({8, 0, 1, 0, 1, 3, 1, 0x11, 0, 2, 0x11, 0, 1, 0x11, 0}),
                "JPEG frame header: expected components of different names, found 1 twice");
}

TEST(JpegHeaderTest, RefusesOtherNumbersOfComponentsAndBits) {
  for (const int n : {0, 2, 5, 255}) {
    ExpectUnsupported(Frame({8, 0, 1, 0, 1, n}),
                      absl::StrCat("JPEG: expected 1, 3 or 4 components, found ", n));
  }
  for (const int bits : {2, 12, 16}) {
    ExpectUnsupported(Frame({bits, 0, 1, 0, 1, 1, 1, 0x11, 0}),
                      absl::StrCat("JPEG: expected 8 bits a sample, found ", bits));
  }
}

TEST(JpegHeaderTest, RefusesSamplingThatIsNoWholeRatio) {
  ExpectUnsupported(Frame({8, 0, 1, 0, 1, 3, 1, 0x31, 0, 2, 0x21, 0, 3, 0x11, 0}),
                    "JPEG: expected components that are a whole number of times smaller, found "
                    "2 x 1 beside 3 x 1");
  ExpectUnsupported(Frame({8, 0, 1, 0, 1, 3, 1, 0x13, 0, 2, 0x12, 0, 3, 0x11, 0}),
                    "JPEG: expected components that are a whole number of times smaller, found "
                    "1 x 2 beside 1 x 3");
}

TEST(JpegHeaderTest, RefusesOtherCodings) {
  for (const int marker : {0xc3, 0xc5, 0xc6, 0xc7, 0xc9, 0xca, 0xcb, 0xcd, 0xce, 0xcf}) {
    ExpectUnsupported(
        Frame({8, 0, 1, 0, 1, 1, 1, 0x11, 0}, marker),
        absl::StrCat("JPEG: expected Huffman-coded baseline or progressive, found the frame "
                     "marker ff ",
                     absl::Hex(marker)));
  }
  EXPECT_THAT(ReadJpegHeader(AsBytes(GoldenJpeg("arithmetic"))),
              HasReason(Reason::kImageUnsupported));
}

TEST(JpegHeaderTest, RefusesAScanOrTheEndBeforeTheFrame) {
  ExpectInvalid("\xff\xd8" + BuildJpegSegment(0xda, {}),
                "JPEG: expected a frame header first, found the marker ff da at byte 2");
  ExpectInvalid("\xff\xd8\xff\xd9",
                "JPEG: expected a frame header first, found the marker ff d9 at byte 2");
}

TEST(JpegHeaderTest, RefusesColoursThatDecodersReadInDifferentWays) {
  const std::string rgb =
      BuildJpegSegment(0xc0, {8, 0, 1, 0, 1, 3, 'R', 0x11, 0, 'G', 0x11, 0, 'B', 0x11, 0});
  const std::string four =
      BuildJpegSegment(0xc0, {8, 0, 1, 0, 1, 4, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0, 4, 0x11, 0});
  constexpr char kTwice[] =
      "JPEG: expected one statement of its colours, found components named R, G, B beside a "
      "segment that says YCbCr";
  ExpectUnsupported("\xff\xd8" + kJfif + rgb, kTwice);
  ExpectUnsupported("\xff\xd8" + Adobe(1) + rgb, kTwice);
  ExpectUnsupported("\xff\xd8" + Adobe(1) + four,
                    "JPEG: expected 4 components with Adobe's transform 0 or 2, found 1");
  for (const std::string& file : {"\xff\xd8" + rgb, "\xff\xd8" + Adobe(0) + rgb, "\xff\xd8" + four,
                                  "\xff\xd8" + Adobe(0) + four, "\xff\xd8" + Adobe(2) + four}) {
    EXPECT_THAT(ReadJpegHeader(AsBytes(file)), IsOk());
  }
}

TEST(JpegHeaderTest, SegmentsOfOtherProgramsAreIgnored) {
  for (const std::string& segment :
       {BuildJpegSegment(0xe0, {'J', 'F', 'X', 'X', 0}), BuildJpegSegment(0xee, {'A', 'd', 'o'}),
        BuildJpegSegment(0xe1, {}), BuildJpegSegment(0xfe, {1, 2, 3}), std::string("\xff\x01")}) {
    const std::string file =
        "\xff\xd8" + segment + BuildJpegSegment(0xc0, {8, 0, 1, 0, 1, 1, 1, 0x11, 0});
    MD2_ASSERT_OK_AND_ASSIGN(const JpegHeader header, ReadJpegHeader(AsBytes(file)));
    EXPECT_FALSE(header.has_jfif);
    EXPECT_EQ(header.adobe_transform, -1);
    EXPECT_TRUE(header.exif.empty());
  }
}

}  // namespace
}  // namespace md2::image
