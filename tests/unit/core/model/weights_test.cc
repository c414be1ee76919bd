#include "core/model/weights.h"

#include <ATen/ops/empty.h>

#include <cstring>
#include <map>
#include <random>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/base/json.h"
#include "core/model/weight_arena.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/mem_file_env.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/tensor_matchers.h"
#include "tests/testing/tiny_model.h"
#include "tests/testing/tiny_sizes.h"
#include "tests/unit/core/model/raw_safetensors.h"

namespace md2::model {
namespace {

using testing::IsSameTensor;
using testing::MemFileEnv;
using ::testing::SizeIs;
using testing::TinySizes;

constexpr Precision kPrecisions[] = {Precision::kFp32, Precision::kBf16, Precision::kFp16};

at::ScalarType StoredType(Dtype dtype) {
  if (dtype == Dtype::kF16) return at::kHalf;
  return dtype == Dtype::kBF16 ? at::kBFloat16 : at::kFloat;
}

bool IsNan(uint64_t bits, Dtype dtype) {
  if (dtype == Dtype::kF16) return (bits & 0x7fff) > 0x7c00;
  return dtype == Dtype::kBF16 ? (bits & 0x7fff) > 0x7f80 : (bits & 0x7fffffff) > 0x7f800000;
}

// Random bits: every size of number, denormal and infinite ones among them, but no NaN.
std::string RandomBytes(const WeightSpec& spec, Dtype dtype, std::mt19937_64& random) {
  std::string bytes;
  for (int64_t i = 0; i < CountElements(spec); ++i) {
    uint64_t bits = random();
    while (IsNan(bits, dtype)) bits = random();
    bytes.append(reinterpret_cast<const char*>(&bits), DtypeBytes(dtype));
  }
  return bytes;
}

using BytesByName = std::map<std::string, std::string>;

BytesByName RandomTensors(const std::vector<WeightSpec>& table, Dtype dtype) {
  std::mt19937_64 random(5);
  BytesByName bytes;
  for (const WeightSpec& spec : table) bytes[spec.name] = RandomBytes(spec, dtype, random);
  return bytes;
}

// A file of those tensors in the order of `table`, whose data begins at `shift` beyond a multiple
// of 64.
std::string FileOf(const std::vector<WeightSpec>& table, Dtype dtype, const BytesByName& bytes,
                   size_t shift) {
  base::Json header = base::Json::object();
  std::string data;
  for (const WeightSpec& spec : table) {
    const size_t begin = data.size();
    data += bytes.at(spec.name);
    header[spec.name] = {{"dtype", std::string(DtypeName(dtype))},
                         {"shape", spec.shape},
                         {"data_offsets", {begin, data.size()}}};
  }
  std::string text = header.dump();
  while ((kHeaderLengthBytes + text.size()) % 64 != shift) text += ' ';
  return RawSafetensors(text, data);
}

void PutConfig(MemFileEnv& env, const Sizes& sizes) {
  env.Put("/m/config.json", base::Json{{"md2_sizes", SizesToJson(sizes)}}.dump());
}

// What LibTorch makes of the same bytes where they are aligned.
at::Tensor Converted(const WeightSpec& spec, Dtype dtype, const std::string& bytes,
                     Precision precision) {
  at::Tensor stored = at::empty(spec.shape, StoredType(dtype));
  std::memcpy(stored.mutable_data_ptr(), bytes.data(), bytes.size());
  return stored.to(ScalarTypeOf(precision));
}

void ExpectLoads(MemFileEnv& env, Dtype dtype, const BytesByName& bytes) {
  MD2_ASSERT_OK_AND_ASSIGN(const ModelFolder folder, OpenModelFolder(env, "/m"));
  for (const Precision precision : kPrecisions) {
    MD2_ASSERT_OK_AND_ASSIGN(const Weights weights, LoadWeights(folder, precision, c10::kCPU));
    EXPECT_THAT(weights.all(), SizeIs(folder.table.size()));
    for (const WeightSpec& spec : folder.table) {
      SCOPED_TRACE(
          absl::StrCat(spec.name, " from ", DtypeName(dtype), " to ", PrecisionName(precision)));
      const at::Tensor& tensor = weights.Get(spec.name);
      EXPECT_THAT(tensor, IsSameTensor(Converted(spec, dtype, bytes.at(spec.name), precision)));
      EXPECT_EQ(reinterpret_cast<uintptr_t>(tensor.const_data_ptr()) % kWeightAlignment, 0);
    }
  }
}

class LoadWeightsTest : public ::testing::TestWithParam<Dtype> {};

TEST_P(LoadWeightsTest, ConvertsAsLibTorchDoesFromAnyOffset) {
  const std::vector<WeightSpec> table = WeightTable(TinySizes());
  const BytesByName bytes = RandomTensors(table, GetParam());
  for (const size_t shift : {0, 1, 2, 3, 7}) {
    SCOPED_TRACE(absl::StrCat("offset ", shift));
    MemFileEnv env;
    PutConfig(env, TinySizes());
    env.Put("/m/model.safetensors", FileOf(table, GetParam(), bytes, shift));
    ExpectLoads(env, GetParam(), bytes);
  }
}

TEST_P(LoadWeightsTest, ConvertsAsLibTorchDoesFromShards) {
  const std::vector<WeightSpec> table = WeightTable(TinySizes());
  const BytesByName bytes = RandomTensors(table, GetParam());
  std::vector<WeightSpec> shards[2];
  base::Json shard_of_name = base::Json::object();
  for (size_t i = 0; i < table.size(); ++i) {
    shards[i % 2].push_back(table[i]);
    shard_of_name[table[i].name] = i % 2 == 0 ? "a.safetensors" : "b.safetensors";
  }
  MemFileEnv env;
  PutConfig(env, TinySizes());
  env.Put("/m/a.safetensors", FileOf(shards[0], GetParam(), bytes, 0));
  env.Put("/m/b.safetensors", FileOf(shards[1], GetParam(), bytes, 5));
  env.Put("/m/model.safetensors.index.json", base::Json{{"weight_map", shard_of_name}}.dump());
  ExpectLoads(env, GetParam(), bytes);
}

// A tensor that several threads convert, each a part.
TEST_P(LoadWeightsTest, ConvertsTensorsThatAreCutIntoParts) {
  Sizes sizes = TinySizes();
  sizes.text.vocab = 150'001;
  const std::vector<WeightSpec> table = WeightTable(sizes);
  const BytesByName bytes = RandomTensors(table, GetParam());
  MemFileEnv env;
  PutConfig(env, sizes);
  env.Put("/m/model.safetensors", FileOf(table, GetParam(), bytes, 1));
  ExpectLoads(env, GetParam(), bytes);
}

INSTANTIATE_TEST_SUITE_P(All, LoadWeightsTest,
                         ::testing::Values(Dtype::kF32, Dtype::kF16, Dtype::kBF16),
                         [](const auto& test) { return std::string(DtypeName(test.param)); });

TEST(WeightsTest, TensorsOutliveTheFolderAndTheWeights) {
  at::Tensor embedding;
  {
    MemFileEnv env;
    testing::PutTinyModel(env, "/m");
    MD2_ASSERT_OK_AND_ASSIGN(const ModelFolder folder, OpenModelFolder(env, "/m"));
    MD2_ASSERT_OK_AND_ASSIGN(const Weights weights,
                             LoadWeights(folder, Precision::kFp32, c10::kCPU));
    embedding = weights.Get("text_model.transformer.embd.wte.weight");
  }
  EXPECT_EQ(embedding.size(0), testing::TinyModelSizes().text.vocab);
  EXPECT_GT(embedding.abs().sum().item<float>(), 0);
  EXPECT_FALSE(embedding.requires_grad());
}

}  // namespace
}  // namespace md2::model
