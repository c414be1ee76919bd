#include "core/model/safetensors_reader.h"

#include <cerrno>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "core/base/errno_status.h"
#include "core/model/shard_index.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/mem_file_env.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_folder.h"
#include "tests/unit/core/model/raw_safetensors.h"

namespace md2::model {
namespace {

using absl::StatusCode;
using base::Reason;
using ::testing::ElementsAre;
using testing::HasReason;
using testing::MemFileEnv;
using ::testing::Pair;
using ::testing::SizeIs;
using testing::StatusIs;
using testing::TempFolder;

constexpr char kIndexHeading[] =
    "shards that do not fit their index /m/model.safetensors.index.json:";

// A file of tensors with one byte each, which is the last letter of the name.
std::string FileOf(const std::vector<std::string>& names) {
  base::Json header = {{"__metadata__", {{"first", names.empty() ? "" : names.front()}}}};
  std::string data;
  for (const std::string& name : names) {
    header[name] = {
        {"dtype", "U8"}, {"shape", {1}}, {"data_offsets", {data.size(), data.size() + 1}}};
    data.push_back(name.back());
  }
  return RawSafetensors(header.dump(), data);
}

void PutIndex(MemFileEnv& env, const std::map<std::string, std::string>& shard_of_name) {
  env.Put("/m/model.safetensors.index.json", base::Json{{"weight_map", shard_of_name}}.dump());
}

void ExpectShardProblems(MemFileEnv& env, const std::string& lines) {
  const absl::Status status = SafetensorsReader::OpenFolder(env, "/m").status();
  EXPECT_THAT(status, HasReason(Reason::kModelWeightsInvalid));
  EXPECT_THAT(status, StatusIs(StatusCode::kInvalidArgument, kIndexHeading + lines));
}

std::string ContentOf(const SafetensorsReader& reader, absl::string_view name) {
  const TensorEntry* entry = reader.Find(name);
  if (entry == nullptr) return "no such tensor";
  const absl::Span<const uint8_t> bytes = reader.Bytes(*entry);
  return std::string(bytes.begin(), bytes.end());
}

TEST(SafetensorsReaderTest, OpensOneFileAndFindsItsBytes) {
  MemFileEnv env;
  env.Put("/m/w", FileOf({"ax", "by"}));
  MD2_ASSERT_OK_AND_ASSIGN(const auto reader, SafetensorsReader::OpenFile(env, "/m/w"));
  EXPECT_THAT(reader->entries(), SizeIs(2));
  EXPECT_EQ(ContentOf(*reader, "ax"), "x");
  EXPECT_EQ(ContentOf(*reader, "by"), "y");
  EXPECT_EQ(reader->Find("b"), nullptr);
  EXPECT_THAT(reader->paths(), ElementsAre("/m/w"));
  EXPECT_THAT(reader->metadata(), ElementsAre(Pair("first", "ax")));
}

TEST(SafetensorsReaderTest, BytesOutliveTheFilesName) {
  TempFolder folder;
  base::FileEnv& env = *base::RealFileEnv();
  ASSERT_TRUE(base::WriteFileAtomically(env, folder.File("w"), FileOf({"ax"})).ok());
  MD2_ASSERT_OK_AND_ASSIGN(const auto reader, SafetensorsReader::OpenFile(env, folder.File("w")));
  ASSERT_TRUE(env.RemoveFile(folder.File("w")).ok());
  EXPECT_EQ(ContentOf(*reader, "ax"), "x");
}

TEST(SafetensorsReaderTest, ABadFileIsNamed) {
  MemFileEnv env;
  env.Put("/m/w", "short");
  const absl::Status status = SafetensorsReader::OpenFile(env, "/m/w").status();
  EXPECT_THAT(status, HasReason(Reason::kModelWeightsInvalid));
  EXPECT_THAT(status, StatusIs(StatusCode::kInvalidArgument,
                               "invalid safetensors file /m/w:\n  expected 8 bytes that say the "
                               "length of the header, found 5"));
}

TEST(SafetensorsReaderTest, NoSuchFile) {
  const absl::Status status =
      SafetensorsReader::OpenFile(*base::RealFileEnv(), "/nowhere/w").status();
  EXPECT_THAT(status, HasReason(Reason::kFileNotFound));
  EXPECT_THAT(status, StatusIs(StatusCode::kNotFound,
                               "cannot open for reading, no such file or folder: /nowhere/w"));
}

TEST(SafetensorsReaderTest, AFolderWhereAFileIsExpected) {
  TempFolder folder;
  const absl::Status status =
      SafetensorsReader::OpenFile(*base::RealFileEnv(), folder.path()).status();
  EXPECT_THAT(status, HasReason(Reason::kFileNotRegular));
  EXPECT_THAT(status, StatusIs(StatusCode::kFailedPrecondition,
                               "expected a file, found a folder: " + folder.path()));
}

TEST(SafetensorsReaderTest, NoPermission) {
  MemFileEnv env;
  env.Put("/m/w", FileOf({"a"}));
  env.FailPath("/m/w", base::ErrnoToStatus(EACCES, "open for reading", "/m/w"));
  const absl::Status status = SafetensorsReader::OpenFile(env, "/m/w").status();
  EXPECT_THAT(status, HasReason(Reason::kFilePermission));
}

TEST(SafetensorsReaderTest, AFolderMayHoldOneFile) {
  MemFileEnv env;
  env.Put("/m/model.safetensors", FileOf({"a"}));
  PutIndex(env, {{"other", "s1"}});
  MD2_ASSERT_OK_AND_ASSIGN(const auto reader, SafetensorsReader::OpenFolder(env, "/m"));
  EXPECT_THAT(reader->paths(), ElementsAre("/m/model.safetensors"));
}

TEST(SafetensorsReaderTest, AFolderMayHoldShards) {
  MemFileEnv env;
  env.Put("/m/s1", FileOf({"a", "c"}));
  env.Put("/m/s2", FileOf({"b"}));
  PutIndex(env, {{"a", "s1"}, {"b", "s2"}, {"c", "s1"}});
  MD2_ASSERT_OK_AND_ASSIGN(const auto reader, SafetensorsReader::OpenFolder(env, "/m"));
  EXPECT_THAT(reader->paths(), ElementsAre("/m/s1", "/m/s2"));
  EXPECT_THAT(reader->metadata(), ElementsAre(Pair("first", "a")));
  ASSERT_THAT(reader->entries(), SizeIs(3));
  EXPECT_EQ(reader->entries()[2].name, "b");
  EXPECT_EQ(reader->entries()[2].file_index, 1u);
  for (const char* name : {"a", "b", "c"}) EXPECT_EQ(ContentOf(*reader, name), name);
}

TEST(SafetensorsReaderTest, AFolderWithoutWeights) {
  MemFileEnv env;
  env.Put("/m/config.json", "{}");
  const absl::Status status = SafetensorsReader::OpenFolder(env, "/m").status();
  EXPECT_THAT(status, HasReason(Reason::kFileNotFound));
  EXPECT_THAT(status, StatusIs(StatusCode::kNotFound,
                               "no weights: expected model.safetensors or "
                               "model.safetensors.index.json in the folder /m"));
}

TEST(SafetensorsReaderTest, AnUnreadableWeightsFileIsNotPassedOver) {
  MemFileEnv env;
  env.Put("/m/s1", FileOf({"a"}));
  PutIndex(env, {{"a", "s1"}});
  env.Put("/m/model.safetensors", FileOf({"a"}));
  env.FailPath("/m/model.safetensors",
               base::ErrnoToStatus(EACCES, "open for reading", "/m/model.safetensors"));
  EXPECT_THAT(SafetensorsReader::OpenFolder(env, "/m"), HasReason(Reason::kFilePermission));
}

TEST(SafetensorsReaderTest, AnIndexBeyondItsLimitIsNotRead) {
  MemFileEnv env;
  env.Put("/m/model.safetensors.index.json", std::string(kMaxIndexBytes + 1, ' '));
  EXPECT_THAT(SafetensorsReader::OpenFolder(env, "/m"), HasReason(Reason::kFileTooLarge));
}

TEST(SafetensorsReaderTest, AShardOutsideTheFolderIsNotOpened) {
  MemFileEnv env;
  env.Put("/secret", FileOf({"a"}));
  PutIndex(env, {{"a", "../secret"}});
  EXPECT_THAT(SafetensorsReader::OpenFolder(env, "/m"),
              StatusIs(StatusCode::kInvalidArgument,
                       "invalid index of shards /m/model.safetensors.index.json:\n  expected the "
                       "plain name of a file in the same folder, found \"../secret\""));
}

TEST(SafetensorsReaderTest, MissingAndBadShardsAreNamedAllAtOnce) {
  MemFileEnv env;
  env.Put("/m/s1", FileOf({"a"}));
  env.Put("/m/s3", "short");
  PutIndex(env, {{"a", "s1"}, {"b", "s2"}, {"c", "s3"}, {"d", "s4"}});
  ExpectShardProblems(env,
                      "\n  cannot open for reading, no such file or folder: /m/s2"
                      "\n  invalid safetensors file /m/s3:"
                      "\n    expected 8 bytes that say the length of the header, found 5"
                      "\n  cannot open for reading, no such file or folder: /m/s4");
}

TEST(SafetensorsReaderTest, ATensorInAnotherShardThanTheIndexSays) {
  MemFileEnv env;
  env.Put("/m/s1", FileOf({"a", "b"}));
  env.Put("/m/s2", FileOf({"c"}));
  PutIndex(env, {{"a", "s1"}, {"b", "s2"}, {"c", "s2"}});
  ExpectShardProblems(env, "\n  tensor \"b\": expected in \"s2\", found in \"s1\"");
}

TEST(SafetensorsReaderTest, ATensorInTwoShards) {
  MemFileEnv env;
  env.Put("/m/s1", FileOf({"a", "b"}));
  env.Put("/m/s2", FileOf({"b", "c"}));
  PutIndex(env, {{"a", "s1"}, {"b", "s1"}, {"c", "s2"}});
  ExpectShardProblems(env,
                      "\n  tensors that another shard holds in /m/s2:"
                      "\n    \"b\", also in /m/s1");
}

TEST(SafetensorsReaderTest, TensorsNotInTheIndexOrNowhere) {
  MemFileEnv env;
  env.Put("/m/s1", FileOf({"a", "x"}));
  PutIndex(env, {{"a", "s1"}, {"b", "s1"}});
  ExpectShardProblems(env,
                      "\n  tensor \"x\": in no shard by the index, found in \"s1\""
                      "\n  tensor \"b\": expected in \"s1\", found nowhere");
}

}  // namespace
}  // namespace md2::model
