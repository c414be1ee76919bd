// What DecodeImage allocates. The whole program's operator new is replaced here, so these tests
// have a program of their own.

#include <cstddef>
#include <cstdlib>
#include <new>
#include <string>

#include "core/base/error.h"
#include "core/image/decode.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/mem_file_env.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/core/image/build_jpeg.h"
#include "tests/unit/core/image/build_png.h"
#include "tests/unit/core/image/golden_file.h"
#include "tests/unit/core/image/test_image.h"

namespace {

size_t largest_granted = ~size_t{0};

}  // namespace

void* operator new(size_t size) {
  void* const memory = size <= largest_granted ? std::malloc(size) : nullptr;
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, size_t) noexcept { std::free(memory); }

namespace md2::image {
namespace {

using base::Reason;
using testing::HasReason;
using testing::IsOk;
using testing::StatusIs;

constexpr size_t kTexts = 1000;  // bytes that an error's text may take

// Calls `decode` with that much memory a request at most.
template <typename Decode>
auto WithMemory(size_t granted, Decode decode) {
  largest_granted = granted;
  auto result = decode();
  largest_granted = ~size_t{0};
  return result;
}

TEST(DecodeMemoryTest, FilesBeyondALimitAreRefusedBeforeAnythingIsAllocated) {
  const std::string png = BuildPng({.width = 16000, .height = 16000}, std::string(60000, '\0'));
  const std::string jpeg = TinyJpeg{.width = 0xffff, .height = 0xffff}.Build();
  const std::string progressive =
      TinyJpeg{.frame_marker = 0xc2, .width = 16000, .height = 16000}.Build();
  for (const std::string& file : {png, jpeg, progressive}) {
    const auto image = WithMemory(kTexts, [&file] { return DecodeImage(AsBytes(file), {}); });
    EXPECT_THAT(image, HasReason(Reason::kImageTooLarge));
  }
}

TEST(DecodeMemoryTest, AFileOfTooManyBytesIsRefusedBeforeItsMemoryIsAllocated) {
  testing::MemFileEnv env;
  env.Put("/a.png", std::string(50000, 'x'));
  const auto image =
      WithMemory(kTexts, [&env] { return DecodeImageFile(env, "/a.png", {.max_bytes = 40000}); });
  EXPECT_THAT(image, HasReason(Reason::kImageTooLarge));
}

TEST(DecodeMemoryTest, HeadersNeedNoMemory) {
  const std::string png = GoldenPng("rgb-8");
  const std::string jpeg = GoldenJpeg("420");
  for (const std::string& file : {png, jpeg}) {
    EXPECT_THAT(WithMemory(0, [&file] { return ReadImageHeader(AsBytes(file), {}); }), IsOk());
  }
}

TEST(DecodeMemoryTest, TooLittleMemoryIsAnError) {
  const std::string png = BuildPng({.width = 200, .height = 200}, std::string(200 * 201, '\0'));
  std::string rows;
  for (int i = 0; i < 25 * 25; ++i) rows += "00 00";
  const std::string jpeg =
      TinyJpeg{.width = 200, .height = 200, .scans = TinyScan({1}, rows)}.Build();
  for (const std::string& file : {png, jpeg}) {
    EXPECT_THAT(DecodeImage(AsBytes(file), {}), IsOk());
    const auto image = WithMemory(30000, [&file] { return DecodeImage(AsBytes(file), {}); });
    EXPECT_THAT(image, HasReason(Reason::kOutOfMemory));
    EXPECT_THAT(image, StatusIs(absl::StatusCode::kResourceExhausted,
                                "expected memory for a picture of 200 x 200 pixels, found too "
                                "little: decode fewer at a time or allow less"));
  }
}

TEST(DecodeMemoryTest, TooLittleMemoryForAFileIsAnError) {
  testing::MemFileEnv env;
  env.Put("/a.png", std::string(50000, 'x'));
  const auto image = WithMemory(40000, [&env] { return DecodeImageFile(env, "/a.png", {}); });
  EXPECT_THAT(image, HasReason(Reason::kOutOfMemory));
  EXPECT_THAT(image, StatusIs(absl::StatusCode::kResourceExhausted,
                              "image \"/a.png\": expected memory for a file of 50000 bytes, found "
                              "too little: decode fewer at a time or allow less"));
}

}  // namespace
}  // namespace md2::image
