// The door itself: limits, files, and whatever is cut off. The rules of each format have tests of
// their own beside this file.

#include "core/image/decode.h"

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/base/errno_status.h"
#include "core/base/error.h"
#include "core/base/file_env.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/mem_file_env.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_folder.h"
#include "tests/unit/core/image/build_jpeg.h"
#include "tests/unit/core/image/build_png.h"
#include "tests/unit/core/image/golden_file.h"
#include "tests/unit/core/image/test_image.h"

namespace md2::image {
namespace {

using base::Reason;
using ::testing::AnyOf;
using ::testing::ElementsAre;
using testing::HasMessage;
using testing::HasReason;
using testing::IsOk;
using ::testing::StartsWith;
using testing::StatusIs;

constexpr auto kInvalidArgument = absl::StatusCode::kInvalidArgument;

absl::StatusOr<Image> Decode(const std::string& file, const DecodeOptions& options = {}) {
  return DecodeImage(AsBytes(file), options);
}

void ExpectRefused(const std::string& file, const DecodeOptions& options, Reason reason,
                   const std::string& text) {
  const auto image = Decode(file, options);
  EXPECT_THAT(image, HasReason(reason));
  EXPECT_THAT(image, StatusIs(kInvalidArgument, text));
}

void ExpectInvalid(const std::string& file, const std::string& text) {
  ExpectRefused(file, {}, Reason::kImageInvalid, text);
}

// --- Not a picture.

TEST(DecodeImageTest, RefusesAnEmptyFile) {
  ExpectInvalid("", "expected a JPEG or PNG file, found 0 bytes");
}

TEST(DecodeImageTest, RefusesOtherFormats) {
  const std::vector<std::pair<std::string, std::string>> files = {
      {"GIF89a and so on", "4749463839612061"},
      {"hello", "68656c6c6f"},
      {std::string(1, '\0'), "00"},
      {"\xff\xd8", "ffd8"},
      {"\x89PNG\r\n\x1a", "89504e470d0a1a"},
      {"\x89PNG\n\x1a\n", "89504e470a1a0a"}};
  for (const auto& [file, hex] : files) {
    ExpectRefused(file, {}, Reason::kImageUnsupported,
                  "expected a JPEG or PNG file, found one that begins with the bytes " + hex);
  }
}

// --- Limits: told from the header, of files that hold nothing else.

std::string PngHeaderOnly(uint32_t width, uint32_t height) {
  return kPngSignature + PngHeaderChunk({.width = width, .height = height});
}

std::string JpegHeaderOnly(int width, int height) {
  return "\xff\xd8" + BuildJpegSegment(0xc0, {8, height >> 8, height & 255, width >> 8, width & 255,
                                              1, 1, 0x11, 0});
}

void ExpectTooLarge(const std::string& file, const DecodeOptions& options,
                    const std::string& text) {
  ExpectRefused(file, options, Reason::kImageTooLarge, text);
  EXPECT_THAT(ReadImageHeader(AsBytes(file), options), StatusIs(kInvalidArgument, text));
}

TEST(DecodeImageTest, RefusesTooManyPixels) {
  constexpr char kText[] = "expected at most 40000000 pixels, found 8000 x 5001";
  ExpectTooLarge(PngHeaderOnly(8000, 5001), {}, kText);
  ExpectTooLarge(JpegHeaderOnly(8000, 5001), {}, kText);
  EXPECT_THAT(ReadImageHeader(AsBytes(PngHeaderOnly(8000, 5000)), {}), IsOk());
  EXPECT_THAT(ReadImageHeader(AsBytes(JpegHeaderOnly(8000, 5000)), {}), IsOk());
}

TEST(DecodeImageTest, RefusesSidesThatAreTooLong) {
  ExpectTooLarge(PngHeaderOnly(16385, 1), {},
                 "expected at most 16384 pixels a side, found 16385 x 1");
  ExpectTooLarge(PngHeaderOnly(0x7fffffff, 0x7fffffff), {},
                 "expected at most 16384 pixels a side, found 2147483647 x 2147483647");
  ExpectTooLarge(JpegHeaderOnly(1, 16385), {},
                 "expected at most 16384 pixels a side, found 1 x 16385");
  EXPECT_THAT(ReadImageHeader(AsBytes(PngHeaderOnly(16384, 1)), {}), IsOk());
}

TEST(DecodeImageTest, RefusesTooManyBytes) {
  const std::string file = GoldenPng("grey-8");
  const DecodeOptions options = {.max_bytes = file.size() - 1};
  ExpectTooLarge(
      file, options,
      absl::StrCat("expected a file of at most ", file.size() - 1, " bytes, found ", file.size()));
  EXPECT_THAT(Decode(file, {.max_bytes = file.size()}), IsOk());
}

TEST(DecodeImageTest, OptionsLiftNoLimitBeyondWhatTheDecodersCanCount) {
  const DecodeOptions endless = {
      .max_bytes = ~uint64_t{0}, .max_pixels = int64_t{1} << 62, .max_side = int64_t{1} << 62};
  ExpectTooLarge(PngHeaderOnly(0x7fffffff, 0x7fffffff), endless,
                 "expected at most 200000000 pixels, found 2147483647 x 2147483647");
  ExpectTooLarge(JpegHeaderOnly(65535, 65535), endless,
                 "expected at most 200000000 pixels, found 65535 x 65535");
}

TEST(DecodeImageTest, RefusesSidesOfZero) {
  ExpectInvalid(PngHeaderOnly(0, 4),
                "PNG header: expected 1 to 2147483647 pixels a side, found 0 x 4");
  ExpectInvalid(JpegHeaderOnly(4, 0),
                "JPEG frame header: expected 1 to 65535 pixels a side, found 4 x 0");
}

// --- Headers.

TEST(ReadImageHeaderTest, SaysWhatTheFileIs) {
  MD2_ASSERT_OK_AND_ASSIGN(
      const ImageHeader png,
      ReadImageHeader(
          AsBytes(kPngSignature +
                  PngHeaderChunk({.width = 7, .height = 5, .bit_depth = 16, .colour = 4})),
          {}));
  EXPECT_EQ(png.format, ImageFormat::kPng);
  EXPECT_THAT((std::vector<int>{png.width, png.height, png.channels, png.bit_depth}),
              ElementsAre(7, 5, 2, 16));
  MD2_ASSERT_OK_AND_ASSIGN(const ImageHeader jpeg,
                           ReadImageHeader(AsBytes(GoldenJpeg("cmyk-adobe")), {}));
  EXPECT_EQ(jpeg.format, ImageFormat::kJpeg);
  EXPECT_THAT((std::vector<int>{jpeg.width, jpeg.height, jpeg.channels, jpeg.bit_depth}),
              ElementsAre(51, 37, 4, 8));
}

// --- A picture is whole or an error.

TEST(DecodeImageTest, RefusesEveryPrefixOfAPng) {
  for (const char* const name : {"rgb-8", "palette-4-interlaced", "rgb-8-many-idat"}) {
    const std::string file = GoldenPng(name);
    for (size_t size = 0; size < file.size(); ++size) {
      EXPECT_THAT(Decode(file.substr(0, size)),
                  HasMessage(AnyOf(StartsWith("PNG is truncated: expected the end chunk IEND"),
                                   StartsWith("expected a JPEG or PNG file, found"))))
          << name << " cut to " << size;
    }
  }
}

TEST(DecodeImageTest, RefusesEveryPrefixOfAJpeg) {
  for (const char* const name : {"grey", "420", "420-progressive", "420-restart-blocks",
                                 "420-progressive-restart", "cmyk-without-adobe"}) {
    const std::string file = GoldenJpeg(name);
    for (size_t size = 0; size < file.size(); ++size) {
      const auto image = Decode(file.substr(0, size));
      EXPECT_THAT(image, AnyOf(HasReason(Reason::kImageInvalid),
                               HasMessage(StartsWith("expected a JPEG or PNG file, found"))))
          << name << " cut to " << size;
    }
  }
}

// A file cut off and closed with an end marker, as by a program that mends.
TEST(DecodeImageTest, RefusesAPrefixOfABaselineJpegWithAnEndMarker) {
  for (const char* const name : {"grey", "420", "420-restart-blocks"}) {
    const std::string file = GoldenJpeg(name);
    for (size_t size = 3; size + 3 < file.size(); ++size) {
      EXPECT_THAT(Decode(file.substr(0, size) + "\xff\xd9"), HasReason(Reason::kImageInvalid))
          << name << " cut to " << size;
    }
  }
}

TEST(DecodeImageTest, RefusesAPngWithMoreOrFewerPixelsThanItSays) {
  const PngFields fields = {.width = 2, .height = 2};
  ExpectInvalid(BuildPng(fields, std::string("\0ab\0c", 5)),
                "PNG is corrupt: expected 6 bytes of pixels as its header says, found 5");
  ExpectInvalid(BuildPng(fields, ""),
                "PNG is corrupt: expected 6 bytes of pixels as its header says, found 0");
  ExpectInvalid(BuildPng(fields, std::string("\0ab\0cde", 7)),
                "PNG is corrupt: expected 6 bytes of pixels as its header says, found more");
  EXPECT_THAT(Decode(BuildPng(fields, std::string("\0ab\0cd", 6))), IsOk());
}

TEST(DecodeImageTest, RefusesAPngWhoseZlibStreamIsDamaged) {
  const std::string good = StoredZlib(std::string("\0a", 2));
  const auto with = [](const std::string& stream) {
    return kPngSignature + PngHeaderChunk({}) + PngChunk("IDAT", stream) + PngChunk("IEND", "");
  };
  EXPECT_THAT(Decode(with(good)), IsOk());
  constexpr char kText[] = "PNG is corrupt: expected a zlib stream of pixels, found a damaged one";
  ExpectInvalid(with("?" + good.substr(1)), kText);
  ExpectInvalid(with(good.substr(0, 2) + "\x07" + good.substr(3)), kText);
  for (size_t size = 1; size < 9; ++size) ExpectInvalid(with(good.substr(0, size)), kText);
}

TEST(DecodeImageTest, RefusesAPngWhoseRowsHaveAnUnknownFilter) {
  ExpectInvalid(BuildPng({}, "\x05x"), "PNG is corrupt: expected filter 0 to 4 in row 0, found 5");
}

TEST(DecodeImageTest, ReadsCmykWithAndWithoutAdobesNote) {
  for (const char* const name : {"cmyk-adobe", "ycck-adobe", "cmyk-without-adobe"}) {
    EXPECT_THAT(Decode(GoldenJpeg(name)), IsOk());
  }
}

// --- Files.

TEST(DecodeImageFileTest, ReadsWhatDecodeImageReads) {
  testing::MemFileEnv env;
  const std::string file = GoldenPng("rgb-8");
  env.Put("/p.png", file);
  MD2_ASSERT_OK_AND_ASSIGN(const Image image, DecodeImageFile(env, "/p.png", {}));
  MD2_ASSERT_OK_AND_ASSIGN(const Image expected, Decode(file));
  EXPECT_EQ(image.pixels(), expected.pixels());
}

TEST(DecodeImageFileTest, NamesThePathOfABadPicture) {
  testing::MemFileEnv env;
  env.Put("/a.png", "");
  env.Put("/b.jpg", "text");
  EXPECT_THAT(
      DecodeImageFile(env, "/a.png", {}),
      StatusIs(kInvalidArgument, "image \"/a.png\": expected a JPEG or PNG file, found 0 bytes"));
  EXPECT_THAT(DecodeImageFile(env, "/b.jpg", {}), HasReason(Reason::kImageUnsupported));
  EXPECT_THAT(DecodeImageFile(env, "/b.jpg", {}),
              HasMessage("image \"/b.jpg\": expected a JPEG or PNG file, found one that begins "
                         "with the bytes 74657874"));
}

TEST(DecodeImageFileTest, RefusesALargeFileBeforeReadingIt) {
  testing::MemFileEnv env;
  env.Put("/a.png", std::string(11, 'x'));
  const auto image = DecodeImageFile(env, "/a.png", {.max_bytes = 10});
  EXPECT_THAT(image, HasReason(Reason::kImageTooLarge));
  EXPECT_THAT(image, StatusIs(kInvalidArgument,
                              "image \"/a.png\": expected a file of at most 10 bytes, found 11"));
  EXPECT_EQ(env.num_operations(), 1) << "it was opened and not read";
}

TEST(DecodeImageFileTest, AMissingFileIsNotFound) {
  testing::TempFolder folder;
  const std::string path = folder.File("none.png");
  const auto image = DecodeImageFile(*base::RealFileEnv(), path, {});
  EXPECT_THAT(image, HasReason(Reason::kFileNotFound));
  EXPECT_THAT(image, StatusIs(absl::StatusCode::kNotFound, ::testing::HasSubstr(path)));
}

TEST(DecodeImageFileTest, AFolderIsNoFile) {
  testing::TempFolder folder;
  const auto image = DecodeImageFile(*base::RealFileEnv(), folder.path(), {});
  EXPECT_THAT(image, HasReason(Reason::kFileNotRegular));
  EXPECT_THAT(image, HasMessage(::testing::HasSubstr(folder.path())));
}

// The disk in memory answers as the kernel does to a user without the right; root has every right.
TEST(DecodeImageFileTest, AFileThatMayNotBeReadIsPermission) {
  testing::MemFileEnv env;
  env.Put("/a.png", GoldenPng("rgb-8"));
  env.FailPath("/a.png", base::ErrnoToStatus(EACCES, "open the file for reading", "/a.png"));
  const auto image = DecodeImageFile(env, "/a.png", {});
  EXPECT_THAT(image, HasReason(Reason::kFilePermission));
  EXPECT_THAT(image,
              StatusIs(absl::StatusCode::kPermissionDenied,
                       "cannot open the file for reading, permission denied (check the modes of "
                       "the file and of its folders): /a.png"));
}

TEST(DecodeImageFileTest, ADiskThatFailsWhileReadingIsTold) {
  testing::MemFileEnv env;
  env.Put("/a.png", GoldenPng("rgb-8"));
  env.FailOnce(1, base::ErrnoToStatus(EIO, "read the file", "/a.png"));
  EXPECT_THAT(DecodeImageFile(env, "/a.png", {}), HasReason(Reason::kStorageUnavailable));
}

}  // namespace
}  // namespace md2::image
