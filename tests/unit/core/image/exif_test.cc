#include "core/image/exif.h"

#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/image/decode.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/core/image/build_jpeg.h"
#include "tests/unit/core/image/build_png.h"
#include "tests/unit/core/image/golden_file.h"
#include "tests/unit/core/image/test_image.h"

namespace md2::image {
namespace {

using ::testing::ElementsAre;

// --- Reading.

std::string Number(int value, int size, bool big_endian) {
  std::string bytes;
  for (int i = 0; i < size; ++i) {
    bytes += static_cast<char>(value >> 8 * (big_endian ? size - 1 - i : i));
  }
  return bytes;
}

struct Entry {
  int tag = 0x112;
  int type = 3;
  int count = 1;
  int value = 6;
};

// A TIFF block with one directory.
std::string Tiff(bool big_endian, const std::vector<Entry>& entries) {
  const auto n = [big_endian](int value, int size) { return Number(value, size, big_endian); };
  std::string tiff = absl::StrCat(big_endian ? "MM" : "II", n(42, 2), n(8, 4),
                                  n(static_cast<int>(entries.size()), 2));
  for (const Entry& e : entries) {
    absl::StrAppend(&tiff, n(e.tag, 2), n(e.type, 2), n(e.count, 4), n(e.value, 2), n(0, 2));
  }
  return tiff + n(0, 4);
}

Orientation Read(const std::string& tiff) { return ReadOrientation(AsBytes(tiff)); }

TEST(ReadOrientationTest, ReadsAllEightInBothByteOrders) {
  for (int value = 1; value <= 8; ++value) {
    for (const bool big_endian : {false, true}) {
      const std::string tiff = Tiff(big_endian, {{.tag = 0x100}, {.value = value}});
      EXPECT_EQ(static_cast<int>(Read(tiff)), value) << big_endian;
    }
  }
}

TEST(ReadOrientationTest, OtherValuesTypesAndCountsAreUpright) {
  for (const Entry& entry : std::vector<Entry>{{.value = 0},
                                               {.value = 9},
                                               {.value = 0x600},
                                               {.type = 4},
                                               {.count = 2},
                                               {.tag = 0x113}}) {
    EXPECT_EQ(Read(Tiff(true, {entry})), Orientation::kUpright);
    EXPECT_EQ(Read(Tiff(false, {entry})), Orientation::kUpright);
  }
}

TEST(ReadOrientationTest, TheFirstNoteDecides) {
  EXPECT_EQ(Read(Tiff(true, {{.value = 3}, {.value = 6}})), Orientation::kTurn180);
  EXPECT_EQ(Read(Tiff(true, {{.value = 9}, {.value = 6}})), Orientation::kUpright);
}

TEST(ReadOrientationTest, ABlockCutAnywhereIsUprightOrWhole) {
  const std::string tiff = Tiff(false, {{.tag = 0x100}, {.value = 6}});
  constexpr size_t kValueEnds = 8 + 2 + 12 + 10;
  for (size_t size = 0; size < tiff.size(); ++size) {
    EXPECT_EQ(Read(tiff.substr(0, size)),
              size < kValueEnds ? Orientation::kUpright : Orientation::kTurn90)
        << size;
  }
}

TEST(ReadOrientationTest, DamagedBlocksAreUpright) {
  const std::string tiff = Tiff(true, {{}});
  for (const std::string& damaged :
       {"ZZ" + tiff.substr(2), "IM" + tiff.substr(2), tiff.substr(0, 3) + "\x2b" + tiff.substr(4),
        tiff.substr(0, 4) + "\xff\xff\xff\xff" + tiff.substr(8),
        tiff.substr(0, 4) + "\xff\xff\xff\xf0" + tiff.substr(8)}) {
    EXPECT_EQ(Read(damaged), Orientation::kUpright);
  }
}

// --- Turning.

std::vector<int> Turned(int orientation) {
  const Image image = GreyImage(3, {1, 2, 3, 4, 5, 6});
  const Image turned = ApplyOrientation(image, static_cast<Orientation>(orientation));
  EXPECT_EQ(turned.width(), orientation < 5 ? 3 : 2);
  EXPECT_EQ(turned.height(), orientation < 5 ? 2 : 3);
  return RedLevels(turned);
}

// What PIL.ImageOps.exif_transpose makes of 1 2 3 over 4 5 6.
TEST(ApplyOrientationTest, AllEight) {
  EXPECT_THAT(Turned(1), ElementsAre(1, 2, 3, 4, 5, 6));
  EXPECT_THAT(Turned(2), ElementsAre(3, 2, 1, 6, 5, 4));
  EXPECT_THAT(Turned(3), ElementsAre(6, 5, 4, 3, 2, 1));
  EXPECT_THAT(Turned(4), ElementsAre(4, 5, 6, 1, 2, 3));
  EXPECT_THAT(Turned(5), ElementsAre(1, 4, 2, 5, 3, 6));
  EXPECT_THAT(Turned(6), ElementsAre(4, 1, 5, 2, 6, 3));
  EXPECT_THAT(Turned(7), ElementsAre(6, 3, 5, 2, 4, 1));
  EXPECT_THAT(Turned(8), ElementsAre(3, 6, 2, 5, 1, 4));
}

TEST(ApplyOrientationTest, AllThreeChannelsGoTogether) {
  const Image image = NoiseImage(1, 2, 1);
  const Image turned = ApplyOrientation(image, Orientation::kMirror);
  EXPECT_EQ(AsText(turned.pixels()), absl::StrCat(AsText(image.pixels().subspan(3, 3)),
                                                  AsText(image.pixels().subspan(0, 3))));
}

// --- Through the door.

std::string PngTurnedBy(int orientation) {
  const std::string exif = PngChunk("eXIf", Tiff(true, {{.value = orientation}}));
  return BuildPng({.width = 3, .height = 2}, std::string("\0\1\2\3\0\4\5\6", 8), exif);
}

TEST(DecodeOrientationTest, IsIgnoredByDefault) {
  for (int orientation = 1; orientation <= 8; ++orientation) {
    MD2_ASSERT_OK_AND_ASSIGN(const Image image, DecodeImage(AsBytes(PngTurnedBy(orientation)), {}));
    EXPECT_THAT(RedLevels(image), ElementsAre(1, 2, 3, 4, 5, 6));
  }
}

TEST(DecodeOrientationTest, IsAppliedToPngOnRequest) {
  for (int orientation = 1; orientation <= 8; ++orientation) {
    MD2_ASSERT_OK_AND_ASSIGN(const Image image, DecodeImage(AsBytes(PngTurnedBy(orientation)),
                                                            {.apply_exif_orientation = true}));
    EXPECT_EQ(RedLevels(image), Turned(orientation));
  }
}

TEST(DecodeOrientationTest, IsAppliedToJpegOnRequest) {
  for (const char* const name : {"420-exif-turned", "420-exif-turned-intel"}) {
    const std::string file = GoldenJpeg(name);
    MD2_ASSERT_OK_AND_ASSIGN(const Image stored, DecodeImage(AsBytes(file), {}));
    MD2_ASSERT_OK_AND_ASSIGN(const Image upright,
                             DecodeImage(AsBytes(file), {.apply_exif_orientation = true}));
    EXPECT_EQ(upright.pixels(), ApplyOrientation(stored, Orientation::kTurn90).pixels());
  }
}

TEST(DecodeOrientationTest, OfAJpegIsThatOfItsFirstExifSegment) {
  const auto segment = [](int orientation) {
    const std::string payload = std::string("Exif\0\0", 6) + Tiff(true, {{.value = orientation}});
    return BuildJpegSegment(0xe1, std::vector<int>(payload.begin(), payload.end()));
  };
  TinyJpeg jpeg = {.width = 8, .height = 3, .scans = TinyScan({1}, "00 00")};
  jpeg.first = BuildJpegSegment(0xe1, {'h', 't', 't', 'p'}) + segment(6) + segment(1);
  MD2_ASSERT_OK_AND_ASSIGN(const Image image,
                           DecodeImage(AsBytes(jpeg.Build()), {.apply_exif_orientation = true}));
  EXPECT_EQ(image.width(), 3);
}

}  // namespace
}  // namespace md2::image
