#include "core/model/model_folder.h"

#include <cerrno>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "core/base/errno_status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/mem_file_env.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/tiny_sizes.h"
#include "tests/unit/core/model/raw_safetensors.h"

namespace md2::model {
namespace {

using absl::StatusCode;
using base::Json;
using base::Reason;
using base::Revision;
using testing::HasReason;
using testing::IsOk;
using testing::MemFileEnv;
using ::testing::SizeIs;
using testing::StatusIs;
using testing::TinySizes;

constexpr ModelParts kAll = {.weights = true, .tokenizer = true};

std::string TinyConfig() { return Json{{"md2_sizes", SizesToJson(TinySizes())}}.dump(); }

void PutTinyModel(MemFileEnv& env) {
  env.Put("/m/config.json", TinyConfig());
  env.Put("/m/model.safetensors", ZeroWeights(WeightTable(TinySizes())));
  env.Put("/m/tokenizer.json", "{}");
}

void ExpectError(MemFileEnv& env, StatusCode code, Reason reason, const std::string& text) {
  const absl::Status status = OpenModelFolder(env, "/m", kAll).status();
  EXPECT_THAT(status, HasReason(reason));
  EXPECT_THAT(status, StatusIs(code, text));
}

TEST(OpenModelFolderTest, OpensAllParts) {
  MemFileEnv env;
  PutTinyModel(env);
  MD2_ASSERT_OK_AND_ASSIGN(const ModelFolder folder, OpenModelFolder(env, "/m", kAll));
  EXPECT_EQ(folder.dir, "/m");
  EXPECT_EQ(folder.tokenizer_path(), "/m/tokenizer.json");
  EXPECT_EQ(folder.config.sizes, TinySizes());
  EXPECT_EQ(folder.revision, Revision::k2024_07_23);
  ASSERT_THAT(folder.table, SizeIs(46));
  ASSERT_THAT(folder.entries, SizeIs(46));
  for (size_t i = 0; i < folder.table.size(); ++i) {
    EXPECT_EQ(folder.entries[i].name, folder.table[i].name);
    EXPECT_EQ(folder.entries[i].shape, folder.table[i].shape);
  }
}

TEST(OpenModelFolderTest, NeedsOnlyThePartsThatAreAskedFor) {
  MemFileEnv env;
  env.Put("/m/config.json", TinyConfig());
  MD2_ASSERT_OK_AND_ASSIGN(const ModelFolder bare,
                           OpenModelFolder(env, "/m", {.weights = false, .tokenizer = false}));
  EXPECT_EQ(bare.weights, nullptr);
  EXPECT_EQ(bare.revision, Revision::k2024_07_23);
  EXPECT_THAT(bare.table, SizeIs(46));
  env.Put("/m/model.safetensors", ZeroWeights(WeightTable(TinySizes())));
  EXPECT_THAT(OpenModelFolder(env, "/m"), IsOk());
  EXPECT_THAT(OpenModelFolder(env, "/m", kAll), HasReason(Reason::kFileNotFound));
}

TEST(OpenModelFolderTest, RegionTensorsAreLeftOut) {
  MemFileEnv env;
  PutTinyModel(env);
  std::vector<WeightSpec> table = WeightTable(TinySizes());
  table.push_back({"region_model.size_encoder.weight", {2, 2}});
  env.Put("/m/model.safetensors", ZeroWeights(table));
  MD2_ASSERT_OK_AND_ASSIGN(const ModelFolder folder, OpenModelFolder(env, "/m"));
  EXPECT_EQ(folder.revision, Revision::k2024_08_26);
  EXPECT_THAT(folder.entries, SizeIs(46));
  EXPECT_EQ(Describe(folder).tensors, 47);
}

TEST(OpenModelFolderTest, NamesOf2025AreTranslated) {
  MemFileEnv env;
  PutTinyModel(env);
  std::vector<WeightSpec> table = WeightTable(TinySizes());
  for (WeightSpec& spec : table) {
    if (absl::StartsWith(spec.name, "text_model.transformer.h.")) {
      spec.name =
          absl::StrReplaceAll(spec.name, {{"text_model.transformer.h.", "model.text.blocks."},
                                          {"mixer.Wqkv", "attn.qkv"},
                                          {"mixer.out_proj", "attn.proj"}});
    }
  }
  env.Put("/m/model.safetensors", ZeroWeights(table, Dtype::kBF16));
  MD2_ASSERT_OK_AND_ASSIGN(const ModelFolder folder, OpenModelFolder(env, "/m"));
  EXPECT_EQ(folder.revision, Revision::k2025_06_21);
  EXPECT_EQ(folder.entries[22].name, "text_model.transformer.h.0.ln.weight");
  EXPECT_EQ(folder.weights->Find(folder.entries[22].name), nullptr);
  EXPECT_THAT(folder.weights->Bytes(folder.entries[22]), SizeIs(16));
}

TEST(OpenModelFolderTest, NoSuchFolder) {
  MemFileEnv env;
  ExpectError(env, StatusCode::kNotFound, Reason::kFileNotFound,
              "cannot look up, no such file or folder: /m");
}

TEST(OpenModelFolderTest, AFileWhereTheFolderIsExpected) {
  MemFileEnv env;
  env.Put("/m", "{}");
  ExpectError(env, StatusCode::kFailedPrecondition, Reason::kFileNotRegular,
              "expected a model folder, found a file: /m");
}

TEST(OpenModelFolderTest, TheOnlyErrorIsSaidAsItIs) {
  MemFileEnv env;
  PutTinyModel(env);
  ASSERT_THAT(env.RemoveFile("/m/config.json"), IsOk());
  ExpectError(env, StatusCode::kNotFound, Reason::kFileNotFound,
              "cannot open for reading, no such file or folder: /m/config.json");

  ASSERT_THAT(env.CreateDirectories("/m/config.json"), IsOk());
  ExpectError(env, StatusCode::kFailedPrecondition, Reason::kFileNotRegular,
              "expected a file, found a folder: /m/config.json");
}

TEST(OpenModelFolderTest, APartWithoutPermission) {
  for (const char* path : {"/m/config.json", "/m/model.safetensors", "/m/tokenizer.json"}) {
    MemFileEnv env;
    PutTinyModel(env);
    env.FailPath(path, base::ErrnoToStatus(EACCES, "open for reading", path));
    ExpectError(env, StatusCode::kPermissionDenied, Reason::kFilePermission,
                absl::StrCat("cannot open for reading, permission denied (check the modes of the "
                             "file and of its folders): ",
                             path));
  }
}

TEST(OpenModelFolderTest, AConfigBeyondItsLimitIsNotRead) {
  MemFileEnv env;
  PutTinyModel(env);
  env.Put("/m/config.json", std::string(kMaxConfigBytes + 1, ' '));
  ExpectError(env, StatusCode::kInvalidArgument, Reason::kFileTooLarge,
              "expected a file of at most 1048576 bytes, found 1048577: /m/config.json");
}

TEST(OpenModelFolderTest, OneErrorNamesAllMissingParts) {
  MemFileEnv env;
  ASSERT_THAT(env.CreateDirectories("/m"), IsOk());
  ExpectError(env, StatusCode::kInvalidArgument, Reason::kModelConfigInvalid,
              "a model folder with several problems, /m:"
              "\n  cannot open for reading, no such file or folder: /m/config.json"
              "\n  no weights: expected model.safetensors or model.safetensors.index.json in the "
              "folder /m"
              "\n  cannot open for reading, no such file or folder: /m/tokenizer.json");
}

TEST(OpenModelFolderTest, OneErrorNamesAllBadParts) {
  MemFileEnv env;
  env.Put("/m/config.json", R"({"md2_sizes": {"vision": 1, "text": {}}})");
  env.Put("/m/model.safetensors", "short");
  env.Put("/m/tokenizer.json/x", "");
  const absl::Status status = OpenModelFolder(env, "/m", kAll).status();
  EXPECT_THAT(status, HasReason(Reason::kModelConfigInvalid));
  EXPECT_THAT(status, StatusIs(StatusCode::kInvalidArgument,
                               "a model folder with several problems, /m:"
                               "\n  invalid sizes in md2_sizes of /m/config.json:"
                               "\n    vision: expected an object, found 1"
                               "\n    missing key: \"projector_dim\""
                               "\n    missing key: \"text.dim\""
                               "\n    missing key: \"text.layers\""
                               "\n    missing key: \"text.heads\""
                               "\n    missing key: \"text.mlp_dim\""
                               "\n    missing key: \"text.vocab\""
                               "\n    missing key: \"text.max_positions\""
                               "\n    missing key: \"text.rotary_dim\""
                               "\n    missing key: \"text.rotary_theta\""
                               "\n    missing key: \"text.eps\""
                               "\n    missing key: \"bos_id\""
                               "\n    missing key: \"eos_id\""
                               "\n  invalid safetensors file /m/model.safetensors:"
                               "\n    expected 8 bytes that say the length of the header, found 5"
                               "\n  expected a file, found a folder: /m/tokenizer.json"));
}

TEST(OpenModelFolderTest, WeightsThatContradictTheSizesAreNamedAllAtOnce) {
  MemFileEnv env;
  PutTinyModel(env);
  std::vector<WeightSpec> table = WeightTable(TinySizes());
  table[0].shape = {4, 6};
  table[1].name = "model.vision.patch.weight";
  env.Put("/m/model.safetensors", ZeroWeights(table, Dtype::kF64));
  std::string expected = "tensors that do not fit the sizes of the model in /m:";
  for (size_t i = 0; i < table.size(); ++i) {
    const std::string& name = table[i].name;
    if (i == 0)
      absl::StrAppend(&expected, "\n  misshapen: expected ", name, " [1, 4, 6], found [4, 6]");
    if (i == 1) {
      absl::StrAppend(&expected, "\n  missing: expected ", names::kVision,
                      "patch_embed.linear.weight [6, 12]");
    } else {
      absl::StrAppend(&expected, "\n  wrong dtype: expected ", name,
                      " as F32, F16 or BF16, found F64");
    }
  }
  absl::StrAppend(&expected, "\n  surplus: found \"vision.patch.weight\" [6, 12]");
  ExpectError(env, StatusCode::kInvalidArgument, Reason::kModelWeightsInvalid, expected);
}

TEST(OpenModelFolderTest, TheProjectorOfAnOldRevisionIsRefused) {
  MemFileEnv env;
  PutTinyModel(env);
  std::vector<WeightSpec> table = WeightTable(TinySizes());
  for (WeightSpec& spec : table) {
    if (spec.name == "vision_encoder.projection.mlp.fc1.weight") spec.shape = {9, 6};
  }
  env.Put("/m/model.safetensors", ZeroWeights(table));
  ExpectError(env, StatusCode::kFailedPrecondition, Reason::kModelUnsupported,
              "a revision before 2024-05-20, which this build does not compute; take 2024-07-23 "
              "instead. Expected a projector that takes two feature maps, [9, 12], found one that "
              "takes one, [9, 6]: /m");
}

TEST(OpenModelFolderTest, OneNameInTwoSpellings) {
  MemFileEnv env;
  PutTinyModel(env);
  std::vector<WeightSpec> table = WeightTable(TinySizes());
  table.push_back({"model." + table[0].name, table[0].shape});
  env.Put("/m/model.safetensors", ZeroWeights(table));
  ExpectError(env, StatusCode::kInvalidArgument, Reason::kModelWeightsInvalid,
              absl::StrCat("tensors that do not fit the sizes of the model in /m:\n  expected one "
                           "tensor of a name, found two: \"",
                           table[0].name, "\""));
}

TEST(OpenModelFolderTest, OpensShards) {
  MemFileEnv env;
  PutTinyModel(env);
  ASSERT_THAT(env.RemoveFile("/m/model.safetensors"), IsOk());
  const std::vector<WeightSpec> table = WeightTable(TinySizes());
  std::map<std::string, std::string> shard_of_name;
  for (size_t i = 0; i < table.size(); ++i) shard_of_name[table[i].name] = i < 20 ? "s1" : "s2";
  env.Put("/m/model.safetensors.index.json", Json{{"weight_map", shard_of_name}}.dump());
  env.Put("/m/s1", ZeroWeights({table.begin(), table.begin() + 20}));
  env.Put("/m/s2", ZeroWeights({table.begin() + 20, table.end()}, Dtype::kF32));
  MD2_ASSERT_OK_AND_ASSIGN(const ModelFolder folder, OpenModelFolder(env, "/m", kAll));
  EXPECT_EQ(folder.entries[45].file_index, 1u);
  EXPECT_EQ(Describe(folder).dtype, "f16+f32");
}

TEST(DescribeTest, SaysWhatInspectSays) {
  MemFileEnv env;
  PutTinyModel(env);
  MD2_ASSERT_OK_AND_ASSIGN(const ModelFolder folder, OpenModelFolder(env, "/m"));
  const int64_t parameters = CountParameters(WeightTable(TinySizes()));
  EXPECT_EQ(DescriptionToJson(Describe(folder)), (Json{{"revision", "2024-07-23"},
                                                       {"parameters", parameters},
                                                       {"tensors", 46},
                                                       {"bytes", 2 * parameters},
                                                       {"dtype", "f16"},
                                                       {"image_tokens", 4},
                                                       {"sizes", SizesToJson(TinySizes())}}));
}

}  // namespace
}  // namespace md2::model
