#include "core/image/jpeg_bits.h"

#include <cstdint>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/core/image/build_jpeg.h"
#include "tests/unit/core/image/test_image.h"

namespace md2::image {
namespace {

using ::testing::ElementsAre;

// A table of these counts of 1, 2, ... bits, with the symbols 1, 2, 3, ...
bool Build(HuffmanTable& table, std::vector<uint8_t> counts) {
  counts.resize(16);
  std::vector<uint8_t> symbols;
  for (const uint8_t count : counts) {
    for (int i = 0; i < count; ++i) symbols.push_back(static_cast<uint8_t>(symbols.size() + 1));
  }
  return table.Build(counts, symbols);
}

std::vector<int> Decode(const HuffmanTable& table, const std::string& bytes, int count) {
  EntropyBits bits(AsBytes(bytes), 0);
  std::vector<int> symbols;
  for (int i = 0; i < count; ++i) symbols.push_back(bits.DecodeSymbol(table));
  return symbols;
}

// --- HuffmanTable.

TEST(HuffmanTableTest, ShortAndLongCodes) {
  HuffmanTable table;
  ASSERT_TRUE(Build(table, {1, 1, 0, 0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 2}));
  EXPECT_TRUE(table.is_defined());
  EXPECT_THAT(
      Decode(table, JpegBits("0 10 110000000 1100000010 1100000011000000 1100000011000001"), 6),
      ElementsAre(1, 2, 3, 4, 5, 6));
}

TEST(HuffmanTableTest, BitsThatAreNoCode) {
  HuffmanTable table;
  ASSERT_TRUE(Build(table, {0, 1}));
  const std::string bytes = JpegBits("00 01 00");
  EntropyBits bits(AsBytes(bytes), 0);
  EXPECT_EQ(bits.DecodeSymbol(table), 1);
  EXPECT_EQ(bits.DecodeSymbol(table), kNoSymbol);
  EXPECT_EQ(bits.ReadBits(2), 1u) << "nothing was consumed";
  EXPECT_EQ(bits.DecodeSymbol(table), 1);
}

TEST(HuffmanTableTest, AnUndefinedTableHasNoSymbols) {
  HuffmanTable table;
  EXPECT_FALSE(table.is_defined());
  EXPECT_THAT(Decode(table, JpegBits("0000 1111"), 1), ElementsAre(kNoSymbol));
}

TEST(HuffmanTableTest, CodesMustFitInTheirBits) {
  HuffmanTable table;
  EXPECT_TRUE(Build(table, {2}));
  EXPECT_FALSE(Build(table, {3}));
  EXPECT_FALSE(table.is_defined()) << "what was built before is gone";
  EXPECT_FALSE(Build(table, {2, 1}));
  EXPECT_FALSE(Build(table, {0, 5}));
  EXPECT_TRUE(Build(table, {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2}));
  EXPECT_FALSE(Build(table, {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 3}));
}

TEST(HuffmanTableTest, TwoHundredAndFiftySixSymbols) {
  HuffmanTable table;
  ASSERT_TRUE(Build(table, {0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 0, 0, 0, 0, 0, 1}));
  EXPECT_THAT(Decode(table, JpegBits("0011111110 0011111111000000 0000000000"), 3),
              ElementsAre(255, 0, 1));
}

// --- EntropyBits.

TEST(EntropyBitsTest, ReadsNumbersFromTheHighestBit) {
  const std::string bytes = JpegBits("1 01 0000000000000111 10101");
  EntropyBits bits(AsBytes(bytes), 0);
  EXPECT_EQ(bits.ReadBits(1), 1u);
  EXPECT_EQ(bits.ReadBits(0), 0u);
  EXPECT_EQ(bits.ReadBits(2), 1u);
  EXPECT_EQ(bits.ReadBits(16), 7u);
  EXPECT_EQ(bits.ReadBits(5), 0x15u);
  EXPECT_FALSE(bits.overrun());
}

TEST(EntropyBitsTest, TheZeroAfterFfIsNoData) {
  const std::string bytes("\xff\0\x12", 3);
  EntropyBits bits(AsBytes(bytes), 0);
  EXPECT_EQ(bits.ReadBits(16), 0xff12u);
  EXPECT_TRUE(bits.exhausted());
}

TEST(EntropyBitsTest, StopsAtAMarkerAndReadsZerosBeyond) {
  for (const std::string& bytes :
       {std::string("\xab\xff\xd9\xcd"), std::string("\xab\xff"), std::string("\xab")}) {
    EntropyBits bits(AsBytes(bytes), 0);
    EXPECT_EQ(bits.ReadBits(4), 0xau);
    EXPECT_TRUE(bits.exhausted());
    EXPECT_EQ(bits.position(), 1u);
    EXPECT_EQ(bits.ReadBits(4), 0xbu);
    EXPECT_FALSE(bits.overrun());
    EXPECT_EQ(bits.ReadBits(16), 0u);
    EXPECT_TRUE(bits.overrun());
  }
}

TEST(EntropyBitsTest, StaysOverrunHoweverMuchIsRead) {
  EntropyBits bits({}, 0);
  HuffmanTable table;
  ASSERT_TRUE(Build(table, {1}));
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(bits.DecodeSymbol(table), 1);
  EXPECT_TRUE(bits.overrun());
  EXPECT_TRUE(bits.exhausted());
}

TEST(EntropyBitsTest, StartsWhereItIsTold) {
  const std::string bytes("\x01\x02\x03");
  EntropyBits bits(AsBytes(bytes), 2);
  EXPECT_EQ(bits.ReadBits(8), 3u);
  EXPECT_EQ(bits.position(), 3u);
}

TEST(EntropyBitsTest, SkipToByteDropsTheRestOfABegunByteOnly) {
  const std::string bytes("\xf0\x12\x34");
  EntropyBits bits(AsBytes(bytes), 0);
  bits.SkipToByte();
  EXPECT_EQ(bits.ReadBits(3), 7u);
  bits.SkipToByte();
  bits.SkipToByte();
  EXPECT_EQ(bits.ReadBits(8), 0x12u);
}

}  // namespace
}  // namespace md2::image
