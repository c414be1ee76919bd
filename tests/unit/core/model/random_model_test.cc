#include "core/model/random_model.h"

#include <cerrno>
#include <cmath>
#include <cstring>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "core/base/errno_status.h"
#include "core/model/model_folder.h"
#include "core/model/random_values.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/mem_file_env.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_folder.h"
#include "tests/testing/tiny_sizes.h"

namespace md2::model {
namespace {

using absl::StatusCode;
using base::Reason;
using ::testing::ElementsAre;
using ::testing::Ge;
using testing::HasReason;
using ::testing::IsEmpty;
using testing::IsOk;
using testing::MemFileEnv;
using ::testing::SizeIs;
using testing::StatusIs;
using testing::TinySizes;

RandomModelOptions TinyOptions() {
  RandomModelOptions options;
  options.sizes = TinySizes();
  options.seed = 3;
  options.tokenizer_json = "{\"a tokenizer\": 1}";
  return options;
}

// Tensors beyond one block and beyond what one thread is given, and of no round size.
RandomModelOptions WideOptions() {
  RandomModelOptions options = TinyOptions();
  options.sizes.text.dim = 1026;
  options.sizes.text.vocab = 4'111;
  return options;
}

std::string WeightsOf(const RandomModelOptions& options) {
  MemFileEnv env;
  EXPECT_THAT(WriteRandomModel(env, "/m", options), IsOk());
  return env.Get("/m/model.safetensors").value_or("");
}

void ExpectRefused(const RandomModelOptions& options, Reason reason, const std::string& text) {
  MemFileEnv env;
  const absl::Status status = WriteRandomModel(env, "/m", options);
  EXPECT_THAT(status, HasReason(reason));
  EXPECT_THAT(status, StatusIs(StatusCode::kInvalidArgument, text));
  EXPECT_EQ(env.num_operations(), 0);
}

TEST(WriteRandomModelTest, WritesAModelFolder) {
  MemFileEnv env;
  ASSERT_THAT(WriteRandomModel(env, "/deep/m", TinyOptions()), IsOk());
  EXPECT_THAT(env.Files(), ElementsAre("/deep/m/config.json", "/deep/m/model.safetensors",
                                       "/deep/m/tokenizer.json"));
  EXPECT_EQ(env.Get("/deep/m/tokenizer.json"), std::string("{\"a tokenizer\": 1}"));
  MD2_ASSERT_OK_AND_ASSIGN(const ModelFolder folder, OpenModelFolder(env, "/deep/m"));
  EXPECT_EQ(folder.config.sizes, TinySizes());
  EXPECT_EQ(folder.revision, base::Revision::k2024_07_23);
  EXPECT_EQ(Describe(folder).dtype, "f16");
  EXPECT_EQ(folder.weights->metadata().at("format"), "pt");
}

TEST(WriteRandomModelTest, ValuesAreThoseOfRandomTensor) {
  MemFileEnv env;
  RandomModelOptions options = TinyOptions();
  options.dtype = Dtype::kF32;
  ASSERT_THAT(WriteRandomModel(env, "/m", options), IsOk());
  MD2_ASSERT_OK_AND_ASSIGN(const ModelFolder folder, OpenModelFolder(env, "/m"));
  for (size_t i = 0; i < folder.table.size(); ++i) {
    const TensorEntry& entry = folder.entries[i];
    SCOPED_TRACE(entry.name);
    std::vector<float> expected(static_cast<size_t>(entry.num_elements()));
    RandomTensor(folder.table[i], options.seed).Fill(0, absl::MakeSpan(expected));
    const absl::Span<const uint8_t> bytes = folder.weights->Bytes(entry);
    ASSERT_EQ(bytes.size(), expected.size() * sizeof(float));
    EXPECT_EQ(std::memcmp(bytes.data(), expected.data(), bytes.size()), 0);
  }
}

TEST(WriteRandomModelTest, HalvesAreTheRoundedFloats) {
  RandomModelOptions options = WideOptions();
  const std::string halves = WeightsOf(options);
  options.dtype = Dtype::kF32;
  const std::string floats = WeightsOf(options);
  const size_t num_values = static_cast<size_t>(CountParameters(WeightTable(options.sizes)));
  ASSERT_THAT(halves, SizeIs(Ge(2 * num_values)));
  ASSERT_THAT(floats, SizeIs(Ge(4 * num_values)));
  const char* const half_data = halves.data() + halves.size() - 2 * num_values;
  const char* const float_data = floats.data() + floats.size() - 4 * num_values;
  for (size_t i = 0; i < num_values; ++i) {
    uint16_t half = 0;
    float value = 0;
    std::memcpy(&half, half_data + 2 * i, sizeof half);
    std::memcpy(&value, float_data + 4 * i, sizeof value);
    ASSERT_EQ(half, FloatToHalf(value)) << i;
  }
}

TEST(WriteRandomModelTest, BytesDoNotDependOnTheNumberOfThreads) {
  RandomModelOptions options = WideOptions();
  options.num_threads = 1;
  const std::string bytes = WeightsOf(options);
  for (const int num_threads : {2, 3, 7, 256}) {
    options.num_threads = num_threads;
    EXPECT_TRUE(WeightsOf(options) == bytes) << num_threads << " threads";
  }
}

TEST(WriteRandomModelTest, ASeedDecidesTheBytes) {
  RandomModelOptions options = TinyOptions();
  const std::string bytes = WeightsOf(options);
  EXPECT_TRUE(WeightsOf(options) == bytes);
  options.seed = 4;
  const std::string others = WeightsOf(options);
  EXPECT_EQ(others.size(), bytes.size());
  EXPECT_FALSE(others == bytes);
}

TEST(WriteRandomModelTest, ReportsProgressUpToTheEnd) {
  RandomModelOptions options = WideOptions();
  const auto total = static_cast<uint64_t>(2 * CountParameters(WeightTable(options.sizes)));
  uint64_t last = 0;
  int num_reports = 0;
  options.progress = [&](uint64_t done_bytes, uint64_t total_bytes) {
    EXPECT_GT(done_bytes, last);
    EXPECT_EQ(total_bytes, total);
    last = done_bytes;
    ++num_reports;
  };
  WeightsOf(options);
  EXPECT_EQ(last, total);
  EXPECT_GT(num_reports, 1);
}

TEST(WriteRandomModelTest, RefusesAFolderThatHoldsAPartOfAModel) {
  for (const char* file : {"config.json", "model.safetensors", "tokenizer.json"}) {
    MemFileEnv env;
    env.Put(std::string("/m/") + file, "old");
    const absl::Status status = WriteRandomModel(env, "/m", TinyOptions());
    EXPECT_THAT(status, HasReason(Reason::kFileExists));
    EXPECT_THAT(status,
                StatusIs(StatusCode::kAlreadyExists,
                         std::string("expected a folder without a model, name another; found in "
                                     "/m:\n  ") +
                             file));
    EXPECT_EQ(env.Get(std::string("/m/") + file), std::string("old"));
    EXPECT_THAT(env.Files(), SizeIs(1));
  }
}

TEST(WriteRandomModelTest, NamesAllFilesThatAreThere) {
  MemFileEnv env;
  ASSERT_THAT(WriteRandomModel(env, "/m", TinyOptions()), IsOk());
  EXPECT_THAT(WriteRandomModel(env, "/m", TinyOptions()),
              StatusIs(StatusCode::kAlreadyExists,
                       "expected a folder without a model, name another; found in /m:\n  "
                       "model.safetensors\n  tokenizer.json\n  config.json"));
}

TEST(WriteRandomModelTest, TakesAFolderWithOtherFiles) {
  MemFileEnv env;
  env.Put("/m/notes.txt", "mine");
  EXPECT_THAT(WriteRandomModel(env, "/m", TinyOptions()), IsOk());
  EXPECT_EQ(env.Get("/m/notes.txt"), std::string("mine"));
}

TEST(WriteRandomModelTest, AFileWhereTheFolderShouldBe) {
  MemFileEnv env;
  env.Put("/m", "a file");
  EXPECT_THAT(WriteRandomModel(env, "/m", TinyOptions()), HasReason(Reason::kFileNotRegular));
}

TEST(WriteRandomModelTest, BadOptionsAreRefusedBeforeTheDiskIsTouched) {
  RandomModelOptions options = TinyOptions();
  options.sizes.bos_id = 11;
  ExpectRefused(options, Reason::kModelConfigInvalid,
                "invalid sizes in the model to be made:\n  bos_id: expected an id of the "
                "vocabulary, 0 to 10, found 11");
  options = TinyOptions();
  options.dtype = Dtype::kBF16;
  ExpectRefused(options, Reason::kModelUnsupported,
                "expected the dtype f16 or f32 for random weights, found bf16");
  options = TinyOptions();
  for (const int num_threads : {-1, 0, 257}) {
    options.num_threads = num_threads;
    ExpectRefused(options, Reason::kSettingInvalid,
                  "expected 1 to 256 threads, found " + std::to_string(num_threads));
  }
}

TEST(WriteRandomModelTest, AFullDiskLeavesNothing) {
  const std::string weights = WeightsOf(TinyOptions());
  for (const uint64_t room : {uint64_t{100}, weights.size() / 2, weights.size() + 5,
                              weights.size() + TinyOptions().tokenizer_json.size() + 5}) {
    MemFileEnv env;
    env.SetCapacity(room);
    EXPECT_THAT(WriteRandomModel(env, "/m", TinyOptions()), HasReason(Reason::kStorageFull));
    EXPECT_THAT(env.Files(), IsEmpty()) << room;
  }
}

TEST(WriteRandomModelTest, CancelledAtAnyBlockItLeavesNothing) {
  int num_blocks = 0;
  RandomModelOptions options = TinyOptions();
  options.progress = [&](uint64_t, uint64_t) { ++num_blocks; };
  WeightsOf(options);
  for (int cancelled_after = 0; cancelled_after <= num_blocks; ++cancelled_after) {
    MemFileEnv env;
    base::CancelSource source;
    int num_written = 0;
    if (cancelled_after == 0) source.Cancel();
    options.cancel = source.token();
    options.progress = [&](uint64_t, uint64_t) {
      if (++num_written == cancelled_after) source.Cancel();
    };
    EXPECT_THAT(WriteRandomModel(env, "/m", options), HasReason(Reason::kCancelled));
    EXPECT_EQ(num_written, cancelled_after);
    EXPECT_THAT(env.Files(), IsEmpty()) << cancelled_after;
  }
}

TEST(WriteRandomModelTest, WritesToTheRealDisk) {
  testing::TempFolder folder;
  base::FileEnv& env = *base::RealFileEnv();
  const std::string dir = folder.File("model");
  ASSERT_THAT(WriteRandomModel(env, dir, TinyOptions()), IsOk());
  MD2_ASSERT_OK_AND_ASSIGN(const ModelFolder opened,
                           OpenModelFolder(env, dir, {.weights = true, .tokenizer = true}));
  EXPECT_EQ(Describe(opened).parameters, CountParameters(WeightTable(TinySizes())));
}

}  // namespace
}  // namespace md2::model
