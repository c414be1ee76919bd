#include "core/model/safetensors_writer.h"

#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/mem_file_env.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/core/model/raw_safetensors.h"

namespace md2::model {
namespace {

using absl::StatusCode;
using base::Reason;
using ::testing::ElementsAre;
using testing::HasReason;
using ::testing::IsEmpty;
using testing::IsOk;
using testing::MemFileEnv;
using testing::StatusIs;

constexpr char kPath[] = "/m/w";

class SafetensorsWriterTest : public ::testing::Test {
 protected:
  SafetensorsWriterTest() { env_.CreateDirectories("/m").IgnoreError(); }

  absl::StatusOr<std::unique_ptr<SafetensorsWriter>> Create(
      std::vector<TensorDeclaration> tensors) {
    return SafetensorsWriter::Create(env_, kPath, std::move(tensors));
  }

  MemFileEnv env_;
};

void ExpectMisuse(const absl::Status& status, const std::string& text) {
  EXPECT_THAT(status, HasReason(Reason::kInternal));
  EXPECT_THAT(status, StatusIs(StatusCode::kInternal, text));
}

TEST_F(SafetensorsWriterTest, WritesTheHeaderInOrderPaddedTo64Bytes) {
  MD2_ASSERT_OK_AND_ASSIGN(const auto writer,
                           Create({{"z", Dtype::kU8, {3}}, {"a", Dtype::kF16, {}}}));
  EXPECT_THAT(writer->Append("z", AsBytes("123")), IsOk());
  EXPECT_THAT(writer->Append("a", AsBytes("45")), IsOk());
  EXPECT_THAT(writer->Finish(), IsOk());
  std::string text =
      R"({"__metadata__":{"format":"pt"},"z":{"dtype":"U8","shape":[3],"data_offsets":[0,3]},)"
      R"("a":{"dtype":"F16","shape":[],"data_offsets":[3,5]}})";
  text.resize(192 - 8, ' ');
  EXPECT_EQ(env_.Get(kPath), RawSafetensors(text, "12345"));
  EXPECT_THAT(env_.Files(), ElementsAre(kPath));
}

TEST_F(SafetensorsWriterTest, WhatItWritesIsReadBack) {
  const std::string name = "a \"name\"\n\xC3\xA9";
  MD2_ASSERT_OK_AND_ASSIGN(
      const auto writer,
      SafetensorsWriter::Create(env_, kPath,
                                {{name, Dtype::kI16, {1, 2}}, {"none", Dtype::kF64, {0}}}, {}));
  EXPECT_THAT(writer->Append(name, AsBytes("1234")), IsOk());
  EXPECT_THAT(writer->Finish(), IsOk());
  const std::string file = *env_.Get(kPath);
  MD2_ASSERT_OK_AND_ASSIGN(const SafetensorsHeader header,
                           ParseSafetensorsHeader(AsBytes(file), kPath));
  EXPECT_THAT(header.metadata, IsEmpty());
  EXPECT_EQ(header.data_begin % 64, 0u);
  ASSERT_EQ(header.entries.size(), 2u);
  EXPECT_EQ(header.entries[0].name, name);
  EXPECT_THAT(header.entries[0].shape, ElementsAre(1, 2));
  EXPECT_EQ(header.entries[1].num_bytes, 0u);
}

TEST_F(SafetensorsWriterTest, PiecesMayHaveAnySize) {
  MD2_ASSERT_OK_AND_ASSIGN(const auto writer, Create({{"e", Dtype::kU8, {0}},
                                                      {"a", Dtype::kU8, {4}},
                                                      {"f", Dtype::kU8, {0}},
                                                      {"b", Dtype::kU8, {2}}}));
  EXPECT_THAT(writer->Append("a", AsBytes("1")), IsOk());
  EXPECT_THAT(writer->Append("a", {}), IsOk());
  EXPECT_THAT(writer->Append("a", AsBytes("234")), IsOk());
  EXPECT_THAT(writer->Append("b", AsBytes("56")), IsOk());
  EXPECT_THAT(writer->Finish(), IsOk());
  const std::string file = *env_.Get(kPath);
  EXPECT_EQ(file.substr(file.size() - 6), "123456");
}

TEST_F(SafetensorsWriterTest, AFileMayHoldNoTensor) {
  MD2_ASSERT_OK_AND_ASSIGN(const auto writer, Create({}));
  EXPECT_THAT(writer->Finish(), IsOk());
  EXPECT_THAT(ParseSafetensorsHeader(AsBytes(*env_.Get(kPath)), kPath), IsOk());
}

TEST_F(SafetensorsWriterTest, BytesOutOfOrderAreRefusedAndNotWritten) {
  MD2_ASSERT_OK_AND_ASSIGN(const auto writer,
                           Create({{"a", Dtype::kU8, {2}}, {"b", Dtype::kU8, {2}}}));
  ExpectMisuse(writer->Append("b", AsBytes("34")),
               "bytes of a tensor out of order: expected a, found \"b\"");
  ExpectMisuse(writer->Append("a", AsBytes("123")),
               "too many bytes of a tensor: expected at most 2 more, found 3: a");
  EXPECT_THAT(writer->Append("a", AsBytes("12")), IsOk());
  EXPECT_THAT(writer->Append("b", AsBytes("34")), IsOk());
  ExpectMisuse(writer->Append("b", AsBytes("5")),
               "bytes of a tensor out of order: expected none, all are complete, found \"b\"");
  EXPECT_THAT(writer->Finish(), IsOk());
  EXPECT_THAT(ParseSafetensorsHeader(AsBytes(*env_.Get(kPath)), kPath), IsOk());
}

TEST_F(SafetensorsWriterTest, AnIncompleteFileIsNotFinished) {
  MD2_ASSERT_OK_AND_ASSIGN(const auto writer, Create({{"a", Dtype::kU8, {2}}}));
  EXPECT_THAT(writer->Append("a", AsBytes("1")), IsOk());
  ExpectMisuse(writer->Finish(), "too few bytes of a tensor: expected 2, found 1: a");
  EXPECT_THAT(writer->Append("a", AsBytes("2")), IsOk());
  EXPECT_THAT(writer->Finish(), IsOk());
  EXPECT_THAT(writer->Finish(), HasReason(Reason::kInternal));
}

TEST_F(SafetensorsWriterTest, WithoutFinishThePathIsAsItWas) {
  env_.Put(kPath, "old");
  {
    MD2_ASSERT_OK_AND_ASSIGN(const auto writer, Create({{"a", Dtype::kU8, {2}}}));
    EXPECT_THAT(writer->Append("a", AsBytes("12")), IsOk());
  }
  EXPECT_EQ(env_.Get(kPath), std::string("old"));
  EXPECT_THAT(env_.Files(), ElementsAre(kPath));
}

TEST_F(SafetensorsWriterTest, WhatCannotBeDeclaredIsNamedAllAtOnce) {
  const int64_t huge = int64_t{1} << 62;
  ExpectMisuse(Create({{"", Dtype::kU8, {1}},
                       {"__metadata__", Dtype::kU8, {1}},
                       {"a", Dtype::kU8, {1}},
                       {"a", Dtype::kU8, {1, -1}},
                       {"b", Dtype::kF16, {huge}},
                       {"c", Dtype::kU8, {1, 1, 1, 1, 1, 1, 1, 1, 1}},
                       {"d", Dtype::kU8, {huge}},
                       {"e", Dtype::kU8, {huge}}})
                   .status(),
               "tensors that cannot be declared:"
               "\n  a name that no tensor may have: \"\""
               "\n  a name that no tensor may have: \"__metadata__\""
               "\n  a name said twice: \"a\""
               "\n  a shape that no tensor may have: [1, -1] of \"a\""
               "\n  a shape that no tensor may have: [4611686018427387904] of \"b\""
               "\n  a shape that no tensor may have: [1, 1, 1, 1, 1, 1, 1, 1, 1] of \"c\""
               "\n  more than 2^63 bytes up to \"e\"");
  EXPECT_THAT(env_.Files(), IsEmpty());
}

TEST_F(SafetensorsWriterTest, TooManyTensorsCannotBeDeclared) {
  std::vector<TensorDeclaration> tensors;
  for (size_t i = 0; i <= kMaxTensors; ++i) tensors.push_back({absl::StrCat(i), Dtype::kU8, {}});
  ExpectMisuse(Create(std::move(tensors)).status(),
               "tensors that cannot be declared:\n  expected at most 65536 of them, found 65537");
}

TEST_F(SafetensorsWriterTest, AFolderThatIsMissingIsTheDisksError) {
  const absl::Status status = SafetensorsWriter::Create(env_, "/none/w", {}).status();
  EXPECT_THAT(status, HasReason(Reason::kFileNotFound));
}

TEST_F(SafetensorsWriterTest, AfterAFullDiskEveryCallFailsAndNothingIsLeft) {
  MD2_ASSERT_OK_AND_ASSIGN(auto writer, Create({{"a", Dtype::kU8, {4}}}));
  env_.SetCapacity(129);
  EXPECT_THAT(writer->Append("a", AsBytes("12")), HasReason(Reason::kStorageFull));
  EXPECT_THAT(writer->Append("a", AsBytes("12")), HasReason(Reason::kStorageFull));
  writer.reset();
  EXPECT_THAT(env_.Files(), IsEmpty());
}

}  // namespace
}  // namespace md2::model
