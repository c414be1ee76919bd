#include "core/model/safetensors_header.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/core/model/raw_safetensors.h"

namespace md2::model {
namespace {

using absl::StatusCode;
using base::Reason;
using ::testing::ElementsAre;
using testing::HasReason;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::SizeIs;
using testing::StatusIs;

constexpr char kHeading[] = "invalid safetensors file w:";

absl::StatusOr<SafetensorsHeader> Parse(const std::string& file) {
  return ParseSafetensorsHeader(AsBytes(file), "w");
}

void ExpectProblems(const std::string& file, const std::string& lines) {
  const absl::Status status = Parse(file).status();
  EXPECT_THAT(status, HasReason(Reason::kModelWeightsInvalid));
  EXPECT_THAT(status, StatusIs(StatusCode::kInvalidArgument, kHeading + lines));
}

// The error of a file with one tensor `t` of those fields, and 8 bytes of data.
void ExpectTensorProblems(const std::string& fields, const std::string& lines) {
  ExpectProblems(RawSafetensors(absl::StrCat(R"({"t":)", fields, "}"), "12345678"), lines);
}

TEST(ShapeTextTest, WritesAList) {
  EXPECT_EQ(ShapeText({}), "[]");
  EXPECT_EQ(ShapeText({3456, 1152}), "[3456, 1152]");
}

TEST(SafetensorsHeaderTest, ReadsTensorsInTheOrderOfTheirBytes) {
  const std::string text = R"({"b":{"dtype":"F16","shape":[2,3],"data_offsets":[0,12]},)"
                           R"("__metadata__":{"format":"pt","note":""},)"
                           R"("a":{"dtype":"BOOL","shape":[],"data_offsets":[12,13]}}  )";
  MD2_ASSERT_OK_AND_ASSIGN(const SafetensorsHeader header,
                           Parse(RawSafetensors(text, "123456789abcd")));
  EXPECT_EQ(header.data_begin, 8 + text.size());
  EXPECT_THAT(header.metadata, ElementsAre(Pair("format", "pt"), Pair("note", "")));
  ASSERT_THAT(header.entries, SizeIs(2));
  EXPECT_EQ(header.entries[0].name, "b");
  EXPECT_EQ(header.entries[0].dtype, Dtype::kF16);
  EXPECT_THAT(header.entries[0].shape, ElementsAre(2, 3));
  EXPECT_EQ(header.entries[0].offset, header.data_begin);
  EXPECT_EQ(header.entries[0].num_bytes, 12u);
  EXPECT_EQ(header.entries[0].num_elements(), 6);
  EXPECT_EQ(header.entries[1].name, "a");
  EXPECT_THAT(header.entries[1].shape, IsEmpty());
  EXPECT_EQ(header.entries[1].offset, header.data_begin + 12);
  EXPECT_EQ(header.entries[1].num_elements(), 1);
}

TEST(SafetensorsHeaderTest, AFileMayHoldNoTensor) {
  MD2_ASSERT_OK_AND_ASSIGN(const SafetensorsHeader header, Parse(RawSafetensors("{}", "")));
  EXPECT_THAT(header.entries, IsEmpty());
  EXPECT_THAT(header.metadata, IsEmpty());
}

TEST(SafetensorsHeaderTest, TensorsWithoutBytesMayStandBetweenOthers) {
  MD2_ASSERT_OK_AND_ASSIGN(
      const SafetensorsHeader header,
      Parse(RawSafetensors(R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},
                               "b":{"dtype":"U8","shape":[0,7],"data_offsets":[2,2]},
                               "c":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},
                               "d":{"dtype":"U8","shape":[1],"data_offsets":[2,3]}})",
                           "123")));
  ASSERT_THAT(header.entries, SizeIs(4));
  EXPECT_EQ(header.entries[0].name, "c");
  EXPECT_EQ(header.entries[1].name, "a");
  EXPECT_EQ(header.entries[2].name, "b");
  EXPECT_EQ(header.entries[2].num_elements(), 0);
  EXPECT_EQ(header.entries[3].name, "d");
}

TEST(SafetensorsHeaderTest, TruncatedWithinTheLength) {
  ExpectProblems("", "\n  expected 8 bytes that say the length of the header, found 0");
  ExpectProblems("1234567", "\n  expected 8 bytes that say the length of the header, found 7");
}

TEST(SafetensorsHeaderTest, TruncatedWithinTheHeader) {
  ExpectProblems(RawSafetensors(3, "{}"),
                 "\n  truncated within the header: expected 3 bytes after the first 8, found 2");
  ExpectProblems(RawSafetensors(kMaxHeaderBytes, ""),
                 "\n  truncated within the header: expected 100000000 bytes after the first 8, "
                 "found 0");
}

TEST(SafetensorsHeaderTest, TruncatedWithinTheData) {
  ExpectProblems(RawSafetensors(R"({"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},
                         "b":{"dtype":"U8","shape":[4],"data_offsets":[4,8]}})",
                                "1234567"),
                 "\n  tensor \"b\": truncated: expected 8 bytes of data, found 7");
}

TEST(SafetensorsHeaderTest, LengthsBeyondTheLimitAreRefusedBeforeTheFilesSize) {
  ExpectProblems(RawSafetensors(kMaxHeaderBytes + 1, "{}"),
                 "\n  expected a header of at most 100000000 bytes, found a length of 100000001");
  ExpectProblems(RawSafetensors(UINT64_MAX, "{}"),
                 "\n  expected a header of at most 100000000 bytes, found a length of "
                 "18446744073709551615");
}

TEST(SafetensorsHeaderTest, TheHeaderIsAJsonObject) {
  ExpectProblems(RawSafetensors("[]", ""), "\n  expected a JSON object as the header");
  ExpectProblems(RawSafetensors("{\"a\":\xff}", ""),
                 "\n  invalid JSON in the header at byte 5: syntax error while parsing value - "
                 "invalid literal; last read: '\"a\":\\xff'");
  ExpectProblems(RawSafetensors(R"({"a":{"dtype":[[1]]}})", ""),
                 "\n  invalid JSON in the header at byte 16: expected at most 3 nested levels, "
                 "found more");
}

TEST(SafetensorsHeaderTest, AKeyTwiceIsRefused) {
  const std::string t = R"("t":{"dtype":"U8","shape":[4],"data_offsets":[0,4]})";
  ExpectProblems(RawSafetensors(absl::StrCat("{", t, ",", t, "}"), "1234"),
                 "\n  invalid JSON in the header at byte 56: expected each key once in an object, "
                 "found this one again: \"t\"");
  ExpectProblems(
      RawSafetensors(R"({"t":{"dtype":"U8","dtype":"I8","shape":[4],"data_offsets":[0,4]}})",
                     "1234"),
      "\n  invalid JSON in the header at byte 26: expected each key once in an object, found this "
      "one again: \"dtype\"");
}

TEST(SafetensorsHeaderTest, TooManyTensorsAreRefused) {
  std::string text = R"({"0":0)";
  for (size_t i = 1; i <= kMaxTensors; ++i) absl::StrAppend(&text, ",\"", i, "\":0");
  ExpectProblems(RawSafetensors(text + "}", ""), "\n  expected at most 65536 tensors, found 65537");
}

TEST(SafetensorsHeaderTest, OverlappingTensorsAreNamed) {
  ExpectProblems(
      RawSafetensors(R"({"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},
                                    "b":{"dtype":"U8","shape":[1],"data_offsets":[2,3]},
                                    "c":{"dtype":"U8","shape":[2],"data_offsets":[3,5]}})",
                     "12345"),
      "\n  tensor \"b\": overlaps tensor \"a\": expected it to begin at byte 4, found 2"
      "\n  tensor \"c\": overlaps tensor \"a\": expected it to begin at byte 4, found 3");
  ExpectProblems(
      RawSafetensors(R"({"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},
                                    "b":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}})",
                     "1234"),
      "\n  tensor \"b\": overlaps tensor \"a\": expected it to begin at byte 4, found 0");
}

TEST(SafetensorsHeaderTest, ATensorWithoutBytesWithinAnotherOverlapsIt) {
  ExpectProblems(
      RawSafetensors(R"({"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},
                                    "b":{"dtype":"U8","shape":[0],"data_offsets":[2,2]}})",
                     "1234"),
      "\n  tensor \"b\": overlaps tensor \"a\": expected it to begin at byte 4, found 2");
}

TEST(SafetensorsHeaderTest, HolesAreNamed) {
  ExpectProblems(
      RawSafetensors(R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[2,3]},
                                    "b":{"dtype":"U8","shape":[1],"data_offsets":[4,5]}})",
                     "12345"),
      "\n  tensor \"a\": 2 bytes of no tensor before it: expected it to begin at byte 0, "
      "found 2"
      "\n  tensor \"b\": 1 bytes of no tensor before it: expected it to begin at byte 3, "
      "found 4");
}

TEST(SafetensorsHeaderTest, BytesAfterTheLastTensorAreRefused) {
  ExpectProblems(RawSafetensors("{}", "x"),
                 "\n  bytes after the last tensor: expected 0 bytes of data, found 1");
  ExpectTensorProblems(R"({"dtype":"U8","shape":[4],"data_offsets":[0,4]})",
                       "\n  bytes after the last tensor: expected 4 bytes of data, found 8");
}

TEST(SafetensorsHeaderTest, AShapeThatOverflowsIsRefused) {
  ExpectTensorProblems(
      R"({"dtype":"F16","shape":[4294967296,4294967296],"data_offsets":[0,8]})",
      "\n  tensor \"t\": expected a size below 2^63 bytes, found the shape [4294967296, "
      "4294967296]");
  ExpectTensorProblems(
      R"({"dtype":"F16","shape":[9223372036854775807],"data_offsets":[0,8]})",
      "\n  tensor \"t\": expected a size below 2^63 bytes, found the shape [9223372036854775807]");
}

TEST(SafetensorsHeaderTest, OffsetsThatOverflowAreRefused) {
  const std::string expected =
      "\n  tensor \"t\": expected two data_offsets from 0 up, the first not beyond the second, "
      "found ";
  ExpectTensorProblems(R"({"dtype":"U8","shape":[8],"data_offsets":[0,9223372036854775808]})",
                       expected + "[0, 9223372036854775808]");
  ExpectTensorProblems(R"({"dtype":"U8","shape":[8],"data_offsets":[-1,7]})", expected + "[-1, 7]");
  ExpectTensorProblems(R"({"dtype":"U8","shape":[8],"data_offsets":[8,0]})", expected + "[8, 0]");
  ExpectTensorProblems(R"({"dtype":"U8","shape":[8],"data_offsets":[0,1e2]})",
                       expected + "[0, 100.0]");
  ExpectTensorProblems(R"({"dtype":"U8","shape":[8],"data_offsets":[0,4,8]})",
                       expected + "[0, 4, 8]");
  ExpectTensorProblems(R"({"dtype":"U8","shape":[8],"data_offsets":8})", expected + "8");
  ExpectTensorProblems(
      R"({"dtype":"U8","shape":[9223372036854775807],"data_offsets":[0,9223372036854775807]})",
      "\n  tensor \"t\": truncated: expected 9223372036854775807 bytes of data, found 8");
}

TEST(SafetensorsHeaderTest, ARangeIsTheSizeOfItsShape) {
  ExpectTensorProblems(R"({"dtype":"F32","shape":[3],"data_offsets":[0,8]})",
                       "\n  tensor \"t\": expected 12 bytes for F32 [3], found 8");
}

TEST(SafetensorsHeaderTest, UnknownDtypesAreNamed) {
  ExpectTensorProblems(R"({"dtype":"F8_E4M3","shape":[8],"data_offsets":[0,8]})",
                       "\n  tensor \"t\": unknown dtype: expected one of F64 F32 F16 BF16 I64 I32 "
                       "I16 I8 U8 BOOL, found \"F8_E4M3\"");
  ExpectTensorProblems(R"({"dtype":8,"shape":[8],"data_offsets":[0,8]})",
                       "\n  tensor \"t\": expected a string as dtype");
}

TEST(SafetensorsHeaderTest, WrongRanksAndDimensionsAreNamed) {
  const std::string expected =
      "\n  tensor \"t\": expected a shape of at most 8 integers, each 0 to 2^63 - 1, found ";
  ExpectTensorProblems(R"({"dtype":"U8","shape":[1,1,1,1,1,1,1,1,8],"data_offsets":[0,8]})",
                       expected + "[1, 1, 1, 1, 1, 1, 1, 1, 8]");
  ExpectTensorProblems(
      R"({"dtype":"U8","shape":[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1],"data_offsets":[0,8]})",
      expected + "a list of 17");
  ExpectTensorProblems(R"({"dtype":"U8","shape":[-8],"data_offsets":[0,8]})", expected + "[-8]");
  ExpectTensorProblems(R"({"dtype":"U8","shape":[8.0],"data_offsets":[0,8]})", expected + "[8.0]");
  ExpectTensorProblems(R"({"dtype":"U8","shape":["8"],"data_offsets":[0,8]})",
                       expected + "[string]");
  ExpectTensorProblems(R"({"dtype":"U8","shape":8,"data_offsets":[0,8]})", expected + "8");
  ExpectTensorProblems(R"({"dtype":"U8","shape":null,"data_offsets":[0,8]})", expected + "null");
}

TEST(SafetensorsHeaderTest, MissingAndUnknownKeysAreNamed) {
  ExpectTensorProblems("{}",
                       "\n  tensor \"t\": expected a dtype, found none"
                       "\n  tensor \"t\": expected a shape, found none"
                       "\n  tensor \"t\": expected a data_offsets, found none");
  ExpectTensorProblems(R"({"dtype":"U8","shape":[8],"data_offsets":[0,8],"strides":[1]})",
                       "\n  tensor \"t\": unknown key \"strides\"");
  ExpectTensorProblems("null",
                       "\n  tensor \"t\": expected an object of dtype, shape and data_offsets");
}

TEST(SafetensorsHeaderTest, MetadataAreStrings) {
  ExpectProblems(RawSafetensors(R"({"__metadata__":{"a":1}})", ""),
                 "\n  __metadata__: expected an object of strings");
  ExpectProblems(RawSafetensors(R"({"__metadata__":["pt"]})", ""),
                 "\n  __metadata__: expected an object of strings");
}

TEST(SafetensorsHeaderTest, OneErrorNamesTheProblemsOfAllTensors) {
  ExpectProblems(
      RawSafetensors(R"({"a":{"dtype":"F9","shape":[4],"data_offsets":[0,4]},
                                    "b\n":{"dtype":"U8","shape":[3],"data_offsets":[3,7]},
                                    "c":7})",
                     "12345"),
      "\n  tensor \"a\": unknown dtype: expected one of F64 F32 F16 BF16 I64 I32 I16 I8 "
      "U8 BOOL, found \"F9\""
      "\n  tensor \"b\\n\": expected 3 bytes for U8 [3], found 4"
      "\n  tensor \"c\": expected an object of dtype, shape and data_offsets"
      "\n  tensor \"b\\n\": truncated: expected 7 bytes of data, found 5"
      "\n  tensor \"b\\n\": overlaps tensor \"a\": expected it to begin at byte 4, found "
      "3");
}

}  // namespace
}  // namespace md2::model
