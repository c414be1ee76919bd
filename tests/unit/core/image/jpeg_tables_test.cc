#include "core/image/jpeg_tables.h"

#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/base/error.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/core/image/build_jpeg.h"
#include "tests/unit/core/image/test_image.h"

namespace md2::image {
namespace {

using testing::HasReason;
using testing::IsOk;
using testing::StatusIs;

absl::Status Take(JpegTables& tables, const std::string& bytes) {
  size_t position = 0;
  MD2_ASSIGN_OR_RETURN(const JpegSegment segment, NextJpegSegment(AsBytes(bytes), position));
  return tables.Take(segment);
}

std::vector<int> Joined(std::vector<int> a, const std::vector<int>& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

std::vector<int> Quant(int id, size_t num_bytes) {
  return Joined({id}, std::vector<int>(num_bytes, 1));
}

std::vector<int> Huffman(int id, int first_count) {
  return Joined({id, first_count}, std::vector<int>(15 + first_count));
}

TEST(JpegTablesTest, TakesHuffmanTables) {
  JpegTables tables;
  EXPECT_THAT(Take(tables, BuildJpegSegment(0xc4, Joined(Huffman(0x00, 1), Huffman(0x13, 2)))),
              IsOk());
  EXPECT_TRUE(tables.dc(0).is_defined());
  EXPECT_TRUE(tables.ac(3).is_defined());
  EXPECT_FALSE(tables.ac(0).is_defined());
  EXPECT_FALSE(tables.dc(3).is_defined());
}

TEST(JpegTablesTest, TakesQuantisationTablesOf8And16Bits) {
  JpegTables tables;
  EXPECT_THAT(Take(tables, BuildJpegSegment(0xdb, Joined(Quant(0x01, 64), Quant(0x13, 128)))),
              IsOk());
  EXPECT_FALSE(tables.has_quant(0));
  EXPECT_TRUE(tables.has_quant(1));
  EXPECT_TRUE(tables.has_quant(3));
}

TEST(JpegTablesTest, TakesARestartInterval) {
  JpegTables tables;
  EXPECT_EQ(tables.restart_interval(), 0);
  EXPECT_THAT(Take(tables, BuildJpegSegment(0xdd, {1, 2})), IsOk());
  EXPECT_EQ(tables.restart_interval(), 0x102);
}

TEST(JpegTablesTest, ALaterTableReplacesTheEarlierOne) {
  JpegTables tables;
  ASSERT_THAT(Take(tables, BuildHuffmanSegment(0, {1}, {7})), IsOk());
  ASSERT_THAT(Take(tables, BuildHuffmanSegment(0, {1}, {8})), IsOk());
  const std::string bytes = JpegBits("0");
  EXPECT_EQ(EntropyBits(AsBytes(bytes), 0).DecodeSymbol(tables.dc(0)), 8);
}

void ExpectCorrupt(const std::string& segment, const std::string& text) {
  JpegTables tables;
  const absl::Status status = Take(tables, segment);
  EXPECT_THAT(status, HasReason(base::Reason::kImageInvalid));
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument,
                               absl::StrCat("JPEG is corrupt: expected ", text, " at byte 0")));
}

TEST(JpegTablesTest, RefusesDamagedHuffmanTables) {
  constexpr char kText[] = "a Huffman table, found something else";
  ExpectCorrupt(BuildHuffmanSegment(0x20, {1}, {0}), kText);     // neither DC nor AC
  ExpectCorrupt(BuildHuffmanSegment(0x04, {1}, {0}), kText);     // number 4
  ExpectCorrupt(BuildHuffmanSegment(0x00, {2}, {0}), kText);     // lacks a symbol
  ExpectCorrupt(BuildJpegSegment(0xc4, {0, 1, 0, 0}), kText);    // lacks counts
  ExpectCorrupt(BuildHuffmanSegment(0x00, {1}, {0, 0}), kText);  // one byte to spare
  ExpectCorrupt(BuildHuffmanSegment(0x00, {0, 0, 0, 0, 0, 0, 0, 200, 57}, std::vector<int>(257)),
                kText);  // 257 symbols
  ExpectCorrupt(BuildHuffmanSegment(0x00, {3}, {0, 1, 2}),
                "Huffman codes that fit in their bits, found too many");
}

TEST(JpegTablesTest, RefusesDamagedQuantisationTables) {
  constexpr char kText[] = "a quantisation table, found something else";
  ExpectCorrupt(BuildJpegSegment(0xdb, Quant(0x20, 128)), kText);
  ExpectCorrupt(BuildJpegSegment(0xdb, Quant(0x04, 64)), kText);
  ExpectCorrupt(BuildJpegSegment(0xdb, Quant(0x00, 63)), kText);
  ExpectCorrupt(BuildJpegSegment(0xdb, Quant(0x10, 127)), kText);
}

TEST(JpegTablesTest, RefusesARestartIntervalOfAnotherLength) {
  ExpectCorrupt(BuildJpegSegment(0xdd, {1}), "a restart interval of 2 bytes, found 1");
  ExpectCorrupt(BuildJpegSegment(0xdd, {1, 2, 3}), "a restart interval of 2 bytes, found 3");
}

}  // namespace
}  // namespace md2::image
