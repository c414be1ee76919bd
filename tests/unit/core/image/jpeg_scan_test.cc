#include "core/image/jpeg_scan.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/core/image/build_jpeg.h"
#include "tests/unit/core/image/test_image.h"

namespace md2::image {
namespace {

using ::testing::ElementsAre;

HuffmanTable Table(std::vector<uint8_t> counts, const std::vector<uint8_t>& symbols) {
  counts.resize(16);
  HuffmanTable table;
  EXPECT_TRUE(table.Build(counts, symbols));
  return table;
}

// The codes that each test writes: 00, 01, 10, 110 and 1110.
const HuffmanTable kDc = Table({0, 3}, {0, 1, 11});
const HuffmanTable kAc = Table({0, 3, 1, 1}, {0x00, 0x01, 0xf0, 0x02, 0x10});

constexpr char kTail[] = "10101";  // follows each test's digits, to see where reading stopped

std::string Times(int n, const std::string& digits) {
  std::string result;
  for (int i = 0; i < n; ++i) absl::StrAppend(&result, digits);
  return result;
}

// --- Sequential.

// Follows blocks of those digits; true when all of them are read, and nothing else.
bool ReadsAll(const std::string& digits, int num_blocks = 1) {
  const std::string bytes = JpegBits(digits + kTail);
  EntropyBits bits(AsBytes(bytes), 0);
  std::vector<uint64_t> nonzero;
  JpegCoefficients coefficients(bits, kDc, kAc, {}, nonzero);
  for (int i = 0; i < num_blocks; ++i) {
    if (!coefficients.FollowSequential()) return false;
  }
  return bits.ReadBits(5) == 0x15;
}

TEST(SequentialBlockTest, EndsAtItsEndCode) {
  EXPECT_TRUE(ReadsAll("00 00"));
  EXPECT_TRUE(ReadsAll("01 1 01 0 110 10 00"));
  EXPECT_TRUE(ReadsAll("10 11111111111 10 01 1 00"));
  EXPECT_TRUE(ReadsAll("00 01 1 1110 00 00", 2)) << "no runs of blocks here";
}

TEST(SequentialBlockTest, EndsAfterSixtyFourCoefficients) {
  EXPECT_TRUE(ReadsAll("00" + Times(63, "01 1")));
  EXPECT_TRUE(ReadsAll("00 10 10 10" + Times(15, "01 1")));
}

TEST(SequentialBlockTest, ZerosBeyondTheBlockCannotBe) {
  EXPECT_FALSE(ReadsAll("00 10 10 10 10"));
  EXPECT_FALSE(ReadsAll("00 01 1 10 10 10 10"));
}

TEST(SequentialBlockTest, BitsThatAreNoCodeCannotBe) {
  EXPECT_FALSE(ReadsAll("11"));
  EXPECT_FALSE(ReadsAll("00 1111"));
}

TEST(SequentialBlockTest, DcOfMoreThanElevenBitsCannotBe) {
  const HuffmanTable dc = Table({1, 1}, {12, 11});
  const std::string bytes = JpegBits("10 00000000000 00 0 000000000000 00");
  EntropyBits bits(AsBytes(bytes), 0);
  std::vector<uint64_t> nonzero;
  JpegCoefficients coefficients(bits, dc, kAc, {}, nonzero);
  EXPECT_TRUE(coefficients.FollowSequential());
  EXPECT_FALSE(coefficients.FollowSequential());
}

TEST(SequentialBlockTest, DcMustStayWithinSixteenBits) {
  EXPECT_TRUE(ReadsAll(Times(16, "10 11111111111 00"), 16));
  EXPECT_FALSE(ReadsAll(Times(17, "10 11111111111 00"), 17));
  EXPECT_TRUE(ReadsAll(Times(16, "10 00000000000 00"), 16));
  EXPECT_FALSE(ReadsAll(Times(17, "10 00000000000 00"), 17));
}

TEST(SequentialBlockTest, ResetForgetsTheDc) {
  const std::string bytes = JpegBits(Times(17, "10 11111111111 00"));
  EntropyBits bits(AsBytes(bytes), 0);
  std::vector<uint64_t> nonzero;
  JpegCoefficients coefficients(bits, kDc, kAc, {}, nonzero);
  for (int i = 0; i < 16; ++i) EXPECT_TRUE(coefficients.FollowSequential());
  coefficients.Reset();
  EXPECT_TRUE(coefficients.FollowSequential());
}

// --- Progressive.

struct Followed {
  bool ok = true;
  std::vector<uint64_t> nonzero;
};

// Follows one block a word of `nonzero`; not ok when digits are left or lacking.
Followed Follow(const JpegBand& band, const std::string& digits, std::vector<uint64_t> nonzero) {
  const std::string bytes = JpegBits(digits + kTail);
  EntropyBits bits(AsBytes(bytes), 0);
  Followed followed = {true, std::move(nonzero)};
  JpegCoefficients coefficients(bits, kDc, kAc, band, followed.nonzero);
  for (size_t block = 0; block < followed.nonzero.size(); ++block) {
    if (!coefficients.FollowProgressive(block)) followed.ok = false;
  }
  followed.ok = followed.ok && bits.ReadBits(5) == 0x15;
  return followed;
}

constexpr JpegBand kFirstDc = {.first = 0, .last = 0, .high = 0, .low = 1};
constexpr JpegBand kMoreDc = {.first = 0, .last = 0, .high = 1, .low = 0};
constexpr JpegBand kFirstAc = {.first = 1, .last = 5, .high = 0, .low = 1};
constexpr JpegBand kMoreAc = {.first = 1, .last = 5, .high = 1, .low = 0};

TEST(ProgressiveDcTest, FirstScanHasACodeAndLaterOnesABit) {
  EXPECT_TRUE(Follow(kFirstDc, "01 1 00", {0, 0}).ok);
  EXPECT_FALSE(Follow(kFirstDc, "11", {0}).ok);
  EXPECT_TRUE(Follow(kMoreDc, "1 0", {0, 0}).ok);
}

TEST(ProgressiveFirstAcTest, NotesWhatIsNotZero) {
  const Followed followed = Follow(kFirstAc, "01 1 110 00 00", {0});
  EXPECT_TRUE(followed.ok);
  EXPECT_THAT(followed.nonzero, ElementsAre(0b110));
}

TEST(ProgressiveFirstAcTest, EndsWithItsBand) {
  const Followed followed = Follow(kFirstAc, Times(5, "01 1"), {0});
  EXPECT_TRUE(followed.ok);
  EXPECT_THAT(followed.nonzero, ElementsAre(0b111110));
}

TEST(ProgressiveFirstAcTest, ARunOfBlocksHasOneCode) {
  EXPECT_TRUE(Follow(kFirstAc, "01 1 1110 0 00", {0, 0, 0}).ok);
  EXPECT_TRUE(Follow(kFirstAc, "1110 1 01 1 00", {0, 0, 0, 0}).ok);
}

TEST(ProgressiveFirstAcTest, ZerosBeyondTheBandCannotBe) {
  EXPECT_FALSE(Follow(kFirstAc, "10", {0}).ok);
  EXPECT_TRUE(Follow({.first = 1, .last = 16}, "10", {0}).ok);
}

TEST(ProgressiveFirstAcTest, AValueThatSixteenBitsCannotHoldCountsAsZero) {
  const HuffmanTable ac = Table({1}, {0x04});
  const std::string bytes = JpegBits("0 1000");  // 8 << 13
  EntropyBits bits(AsBytes(bytes), 0);
  std::vector<uint64_t> nonzero = {0};
  JpegCoefficients coefficients(bits, kDc, ac, {.first = 1, .last = 1, .low = 13}, nonzero);
  EXPECT_TRUE(coefficients.FollowProgressive(0));
  EXPECT_THAT(nonzero, ElementsAre(0));
}

TEST(ProgressiveMoreAcTest, ReadsABitForEachCoefficientThatIsNotZero) {
  EXPECT_TRUE(Follow(kMoreAc, "00 101", {0b101010}).ok);
  const Followed followed = Follow(kMoreAc, "01 1 1 00 1", {0b100010});
  EXPECT_TRUE(followed.ok);
  EXPECT_THAT(followed.nonzero, ElementsAre(0b100110)) << "the new one comes after the old one";
}

TEST(ProgressiveMoreAcTest, EndsWithItsBand) {
  EXPECT_TRUE(Follow(kMoreAc, Times(5, "01 1"), {0}).ok);
}

TEST(ProgressiveMoreAcTest, ARunOfBlocksStillReadsTheirBits) {
  EXPECT_TRUE(Follow(kMoreAc, "1110 0 1 01", {0b10, 0b110}).ok);
}

TEST(ProgressiveMoreAcTest, SixteenZerosPassWhatIsNotZero) {
  EXPECT_TRUE(Follow({.first = 1, .last = 18, .high = 1}, "10 1 01 0", {0b10}).ok);
}

TEST(ProgressiveMoreAcTest, NewCoefficientsBeyondTheBandCannotBe) {
  EXPECT_FALSE(Follow(kMoreAc, "01 1 11111", {0b111110}).ok);
  EXPECT_FALSE(Follow(kMoreAc, "10", {0}).ok);
}

TEST(ProgressiveMoreAcTest, NewCoefficientsOfMoreThanOneBitCannotBe) {
  EXPECT_FALSE(Follow(kMoreAc, "110 00", {0}).ok);
}

}  // namespace
}  // namespace md2::image
