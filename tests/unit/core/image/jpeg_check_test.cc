#include "core/image/jpeg_check.h"

#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "core/base/error.h"
#include "core/base/status_macros.h"
#include "core/image/decode.h"
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

absl::Status Check(const std::string& file) {
  MD2_ASSIGN_OR_RETURN(const JpegHeader header, ReadJpegHeader(AsBytes(file)));
  return CheckJpegScans(AsBytes(file), header);
}

// Both the check and the decoder take it.
void ExpectFine(const std::string& file) {
  EXPECT_THAT(Check(file), IsOk());
  EXPECT_THAT(DecodeImage(AsBytes(file), {}), IsOk());
}

void ExpectCorrupt(const std::string& file, const std::string& text) {
  EXPECT_THAT(Check(file), HasReason(Reason::kImageInvalid));
  EXPECT_THAT(Check(file), StatusIs(absl::StatusCode::kInvalidArgument,
                                    absl::StrCat("JPEG is corrupt: expected ", text)));
}

// A baseline file of 8 x 8 grey pixels, or wider.
std::string Grey(const std::string& scans, int width = 8) {
  return TinyJpeg{.width = width, .scans = scans}.Build();
}

std::string Progressive(const std::string& scans, int width = 8) {
  return TinyJpeg{.frame_marker = 0xc2, .width = width, .scans = scans}.Build();
}

const std::vector<int> kThree = {1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0};

std::string Three(const std::string& scans, const std::vector<int>& components = kThree) {
  return TinyJpeg{.components = components, .scans = scans}.Build();
}

// Where the scans of a grey TinyJpeg begin: start, DQT, frame, two DHT.
constexpr int kScans = 2 + 69 + 13 + 24 + 26;

std::string At(const std::string& text, int offset) {
  return absl::StrCat(text, " at byte ", offset);
}

const std::string kBlock = "00 00";
constexpr int kScanHeader = 10;  // bytes of the header of a scan of one component

// --- The data of a scan.

TEST(JpegCheckTest, TakesWholeFiles) {
  ExpectFine(Grey(TinyScan({1}, kBlock)));
  ExpectFine(Grey(TinyScan({1}, kBlock + kBlock + kBlock), 24));
  ExpectFine(Three(TinyScan({1, 2, 3}, kBlock + kBlock + kBlock)));
  ExpectFine(Three(TinyScan({2}, kBlock) + TinyScan({3}, kBlock) + TinyScan({1}, kBlock)));
}

TEST(JpegCheckTest, RefusesAScanThatEndsEarly) {
  ExpectCorrupt(
      Grey(TinyScan({1}, kBlock + kBlock), 24),
      At("more of the picture, found the end of a scan's data", kScans + kScanHeader + 1));
  ExpectCorrupt(Grey(TinyScan({1}, ""), 8),
                At("more of the picture, found the end of a scan's data", kScans + kScanHeader));
}

TEST(JpegCheckTest, RefusesDataToSpare) {
  ExpectCorrupt(Grey(TinyScan({1}, kBlock) + "\x01"),
                At("a marker after the last block, found more data", kScans + kScanHeader + 2));
  ExpectCorrupt(Grey(TinyScan({1}, kBlock) + std::string("\0\0\0\0\0\0\0\0\0\0\1", 11)),
                At("a marker after the last block, found more data", kScans + kScanHeader + 12));
}

TEST(JpegCheckTest, ZerosAndFillBytesMayFollowAScan) {
  ExpectFine(Grey(TinyScan({1}, kBlock) + std::string(20, '\0')));
  ExpectFine(Grey(TinyScan({1}, kBlock) + std::string(20, '\xff')));
}

TEST(JpegCheckTest, WhatFollowsTheEndMarkerIsIgnored) {
  ExpectFine(Grey(TinyScan({1}, kBlock)) + "thumbnail");
}

TEST(JpegCheckTest, RefusesBitsThatAreNoCode) {
  ExpectCorrupt(Grey(TinyScan({1}, "00 1111 0000 0000")),
                At("a Huffman code, found something else", kScans + kScanHeader + 2));
  ExpectCorrupt(Progressive(TinyScan({1}, "11 00", 0, 0)),
                At("a Huffman code, found something else", kScans + kScanHeader + 1));
}

// The frame header of the golden files stands behind their two quantisation tables.
TEST(JpegCheckTest, RefusesAHeaderThatLiesAboutItsSize) {
  for (const char* const name :
       {"grey", "420", "420-progressive", "444-progressive", "cmyk-adobe"}) {
    const std::string file = GoldenJpeg(name);
    const size_t size = file.find(std::string("\x08\0\x25\0\x33", 5)) + 1;  // 37 rows of 51
    ASSERT_LT(size, file.size()) << name;
    for (const char rows : {'\x10', '\x48'}) {
      std::string lying = file;
      lying[size + 1] = rows;
      EXPECT_THAT(Check(lying), HasReason(Reason::kImageInvalid)) << name << " " << int{rows};
    }
    std::string wide = file;
    wide[size + 3] = '\x73';
    EXPECT_THAT(Check(wide), HasReason(Reason::kImageInvalid)) << name;
  }
}

// --- Restart markers.

std::string Restarting(const std::string& data, int width = 24) {
  return Grey(BuildJpegSegment(0xdd, {0, 1}) + TinyScan({1}, kBlock) + data, width);
}

TEST(JpegCheckTest, TakesRestartMarkersInTheirOrder) {
  const std::string block = JpegBits(kBlock);
  ExpectFine(Restarting("\xff\xd0" + block + "\xff\xd1" + block));
  ExpectFine(Restarting("\xff\xff\xff\xd0" + block + "\xff\xd1" + block));
  ExpectFine(Restarting("\xff\xd0" + block + "\xff\xd1" + block + "\xff\xd2"));
  std::string twenty;
  for (int i = 0; i < 19; ++i) {
    absl::StrAppend(&twenty, "\xff", std::string(1, static_cast<char>(0xd0 + i % 8)), block);
  }
  ExpectFine(Restarting(twenty, 160));
}

TEST(JpegCheckTest, RefusesRestartMarkersThatLackOrAreWrong) {
  const std::string block = JpegBits(kBlock);
  constexpr int kSecond = kScans + 6 + kScanHeader + 1;
  ExpectCorrupt(Restarting("\xff\xd1" + block + "\xff\xd2" + block),
                At("the restart marker ff d0, found something else", kSecond));
  ExpectCorrupt(Restarting("\xff\xd0" + block + "\xff\xd0" + block),
                At("the restart marker ff d1, found something else", kSecond + 3));
  ExpectCorrupt(Restarting(block + block),
                At("the restart marker ff d0, found something else", kSecond + 2));
  ExpectCorrupt(Restarting("\xff\xd0" + block),
                At("the restart marker ff d1, found something else", kSecond + 3));
  ExpectCorrupt(Grey(TinyScan({1}, kBlock) + "\xff\xd0" + block, 16),
                At("a Huffman code, found something else", kScans + kScanHeader + 1));
}

// --- Scan headers.

std::string ScanHeader(const std::vector<int>& payload) {
  return BuildJpegSegment(0xda, payload) + JpegBits(kBlock);
}

TEST(JpegCheckTest, RefusesDamagedScanHeaders) {
  const std::string text = At("a scan header, found something else", kScans);
  ExpectCorrupt(Grey(ScanHeader({})), text);
  ExpectCorrupt(Grey(ScanHeader({0, 0, 63, 0})), text);
  ExpectCorrupt(Grey(ScanHeader({2, 1, 0, 1, 0, 0, 63, 0})), text);
  ExpectCorrupt(Grey(ScanHeader({1, 1, 0, 0, 63})), text);
  ExpectCorrupt(Grey(ScanHeader({1, 1, 0, 0, 63, 0, 0})), text);
}

TEST(JpegCheckTest, RefusesComponentsAndTablesThatAreNotThere) {
  const std::string text =
      "a scan of the frame's components and tables 0 to 3, found something else";
  ExpectCorrupt(Grey(ScanHeader({1, 2, 0x00, 0, 63, 0})), At(text, kScans));
  ExpectCorrupt(Grey(ScanHeader({1, 1, 0x40, 0, 63, 0})), At(text, kScans));
  ExpectCorrupt(Grey(ScanHeader({1, 1, 0x04, 0, 63, 0})), At(text, kScans));
  ExpectCorrupt(Three(ScanHeader({2, 1, 0, 1, 0, 0, 63, 0})), At(text, kScans + 6));
}

TEST(JpegCheckTest, RefusesScansWhoseTablesAreNotDefined) {
  const std::string text = At("a scan whose tables are defined, found one that lacks some", kScans);
  ExpectCorrupt(Grey(ScanHeader({1, 1, 0x10, 0, 63, 0})), text);
  ExpectCorrupt(Grey(ScanHeader({1, 1, 0x01, 0, 63, 0})), text);
  ExpectCorrupt(
      TinyJpeg{.components = {1, 0x11, 1}, .scans = ScanHeader({1, 1, 0, 0, 63, 0})}.Build(), text);
  ExpectFine(Progressive(ScanHeader({1, 1, 0x01, 0, 0, 0})));  // DC needs no AC table
}

TEST(JpegCheckTest, RefusesMoreThanTenBlocksTogether) {
  const std::vector<int> four = {1, 0x22, 0, 2, 0x22, 0, 3, 0x22, 0};
  ExpectCorrupt(Three(TinyScan({1, 2, 3}, kBlock), four),
                At("at most 10 blocks together, found 12", kScans + 6));
  const std::string one = TinyScan({1}, kBlock) + TinyScan({2}, kBlock) + TinyScan({3}, kBlock);
  ExpectFine(Three(one, four));
}

TEST(JpegCheckTest, RefusesBandsThatCannotBe) {
  const auto text = [](const std::string& found) {
    return At("a band of coefficients and bits that may be, found " + found, kScans);
  };
  ExpectCorrupt(Grey(TinyScan({1}, kBlock, 1, 63)), text("1 to 63, 0 to 0"));
  ExpectCorrupt(Grey(TinyScan({1}, kBlock, 0, 63, 0x01)), text("0 to 63, 0 to 1"));
  ExpectCorrupt(Grey(TinyScan({1}, kBlock, 0, 63, 0x10)), text("0 to 63, 1 to 0"));
  ExpectCorrupt(Progressive(TinyScan({1}, kBlock, 0, 63)), text("0 to 63, 0 to 0"));
  ExpectCorrupt(Progressive(TinyScan({1}, kBlock, 5, 4)), text("5 to 4, 0 to 0"));
  ExpectCorrupt(Progressive(TinyScan({1}, kBlock, 5, 64)), text("5 to 64, 0 to 0"));
  ExpectCorrupt(Progressive(TinyScan({1}, kBlock, 0, 0, 0x20)), text("0 to 0, 2 to 0"));
  ExpectCorrupt(Progressive(TinyScan({1}, kBlock, 0, 0, 0x0e)), text("0 to 0, 0 to 14"));
  ExpectFine(Grey(TinyScan({1}, kBlock, 0, 0)));  // a baseline's last coefficient says nothing
}

TEST(JpegCheckTest, RefusesAcScansOfSeveralComponents) {
  const std::string dc = TinyScan({1, 2, 3}, "00 00 00", 0, 0);
  const std::string ac = TinyScan({1, 2}, kBlock, 1, 63);
  ExpectCorrupt(
      TinyJpeg{.frame_marker = 0xc2, .components = kThree, .scans = dc + ac}.Build(),
      At("a band of coefficients and bits that may be, found 1 to 63, 0 to 0", kScans + 6 + 15));
}

// --- What the scans are together.

const std::string kDc = TinyScan({1}, "00", 0, 0);
constexpr int kScanBytes = kScanHeader + 1;

TEST(JpegCheckTest, TakesProgressiveScansThatAddUp) {
  ExpectFine(Progressive(kDc));
  ExpectFine(Progressive(kDc + TinyScan({1}, "00", 1, 63)));
  ExpectFine(Progressive(TinyScan({1}, "01 1", 0, 0, 0x01) + TinyScan({1}, "01 1 00", 1, 5, 0x02) +
                         TinyScan({1}, "1", 0, 0, 0x10) + TinyScan({1}, "00 1", 1, 3, 0x21) +
                         TinyScan({1}, "00 1", 1, 3, 0x10)));
}

TEST(JpegCheckTest, RefusesScansOutOfOrder) {
  const std::string text = "a scan that adds to the ones before, found one out of order";
  ExpectCorrupt(Progressive(TinyScan({1}, "00", 1, 63)), At(text, kScans));
  ExpectCorrupt(Progressive(TinyScan({1}, "0", 0, 0, 0x10)), At(text, kScans));
  ExpectCorrupt(Progressive(kDc + kDc), At(text, kScans + kScanBytes));
  ExpectCorrupt(Progressive(TinyScan({1}, "00", 0, 0, 0x02) + TinyScan({1}, "0", 0, 0, 0x10)),
                At(text, kScans + kScanBytes));
  ExpectCorrupt(Grey(TinyScan({1}, kBlock) + TinyScan({1}, kBlock)), At(text, kScans + kScanBytes));
}

TEST(JpegCheckTest, RefusesAFileThatLacksAComponent) {
  ExpectCorrupt(Grey(""), At("1 components, found the end marker before all", kScans));
  ExpectCorrupt(Three(TinyScan({1, 3}, kBlock + kBlock)),
                At("3 components, found the end marker before all", kScans + 6 + 13));
}

TEST(JpegCheckTest, RefusesMoreThanAHundredScans) {
  std::string scans = TinyScan({1}, "00", 0, 0, 0x01);
  for (int k = 1; k < 64; ++k) absl::StrAppend(&scans, TinyScan({1}, "00", k, k, 0x01));
  ExpectFine(Progressive(scans));
  for (int k = 1; k < 37; ++k) absl::StrAppend(&scans, TinyScan({1}, "00", k, k, 0x10));
  ExpectFine(Progressive(scans));
  absl::StrAppend(&scans, TinyScan({1}, "00", 37, 37, 0x10));
  EXPECT_THAT(Check(Progressive(scans)), HasReason(Reason::kImageUnsupported));
  EXPECT_THAT(Check(Progressive(scans)), StatusIs(absl::StatusCode::kInvalidArgument,
                                                  At("JPEG: expected at most 100 scans, found more",
                                                     kScans + 100 * kScanBytes)));
}

TEST(JpegCheckTest, RefusesQuantisationTablesAmongProgressiveScans) {
  std::vector<int> quant(65, 2);
  quant[0] = 0;
  const std::string table = BuildJpegSegment(0xdb, quant);
  ExpectFine(Progressive(table + kDc));
  ExpectCorrupt(
      Progressive(kDc + table),
      At("quantisation tables before the first scan, found one after", kScans + kScanBytes));
  ExpectFine(Grey(TinyScan({1}, kBlock) + table));
}

// --- Other segments.

TEST(JpegCheckTest, TakesCommentsAndApplicationsAnywhere) {
  const std::string others = BuildJpegSegment(0xfe, {1}) + BuildJpegSegment(0xe1, {2});
  ExpectFine(Grey(others + TinyScan({1}, kBlock) + others));
}

TEST(JpegCheckTest, RefusesColoursStatedAfterTheFrameHeader) {
  const auto text = [](const char* marker) {
    return At(absl::StrCat("a table, a scan or the end marker, found the marker ff ", marker),
              kScans);
  };
  const std::string scan = TinyScan({1}, kBlock);
  ExpectCorrupt(Grey(BuildJpegSegment(0xe0, {'J', 'F', 'I', 'F', 0}) + scan), text("e0"));
  ExpectCorrupt(Grey(BuildJpegSegment(0xee, {'A'}) + scan), text("ee"));
}

TEST(JpegCheckTest, RefusesMarkersThatDoNotBelong) {
  const std::string scan = TinyScan({1}, kBlock);
  for (const int marker : {0x02, 0xc8, 0xcc, 0xdc, 0xde, 0xdf, 0xf0}) {
    ExpectCorrupt(Grey(BuildJpegSegment(marker, {0, 8}) + scan),
                  At(absl::StrCat("a table, a scan or the end marker, found the marker ff ",
                                  absl::Hex(marker, absl::kZeroPad2)),
                     kScans));
  }
  ExpectCorrupt(Grey("\xff\xd8" + scan),
                At("a table, a scan or the end marker, found the marker ff d8", kScans));
  ExpectCorrupt(Grey("\xff\xd0" + scan),
                At("a table, a scan or the end marker, found the marker ff d0", kScans));
}

TEST(JpegCheckTest, RefusesASecondFrame) {
  const std::string frame = BuildJpegSegment(0xc0, {8, 0, 8, 0, 8, 1, 1, 0x11, 0});
  ExpectCorrupt(Grey(frame + TinyScan({1}, kBlock)), At("one frame header, found another", kScans));
}

}  // namespace
}  // namespace md2::image
