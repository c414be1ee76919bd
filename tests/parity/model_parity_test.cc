// The ladder from a picture to an answer: every rung against the numbers of
// tests/reference/md2_reference.py. The first rung that fails names the fault.

#include <ATen/core/Tensor.h>
#include <ATen/ops/cat.h>
#include <c10/core/InferenceMode.h>

#include <cstdint>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "core/base/file_env.h"
#include "core/image/decode.h"
#include "core/image/resize.h"
#include "core/image/tiles.h"
#include "core/model/generate.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/parity/golden_model.h"
#include "tests/parity/ladder.h"
#include "tests/testing/status_matchers.h"

namespace md2::parity {
namespace {

using model::AttentionKind;
using model::Mask;
using model::Moondream;
using model::Precision;
using model::Sizes;
using ::testing::IsEmpty;
using ::testing::Not;

struct Kind {
  const char* name;
  AttentionKind attention;
};

constexpr Kind kKinds[] = {{"causal", AttentionKind::kCausal}, {"prefix", AttentionKind::kPrefix}};

// FNV-1a, 64 bits.
std::string DigestOf(const void* data, size_t num_bytes) {
  uint64_t digest = 0xcbf29ce484222325;
  for (size_t i = 0; i < num_bytes; ++i) {
    digest = (digest ^ static_cast<const uint8_t*>(data)[i]) * 0x100000001b3;
  }
  return absl::StrFormat("%016x", digest);
}

// What each text block gives for BOS, the image and the prompt: all rows, [1 + P + prompt, D].
std::vector<at::Tensor> TextBlocks(const Moondream& model, const at::Tensor& features,
                                   const std::vector<int64_t>& prompt, AttentionKind attention) {
  const c10::InferenceMode guard;
  const Sizes& sizes = model.sizes();
  const auto num_ids = static_cast<int64_t>(prompt.size());
  model::KvCache prefix = model.text().MakeCache(sizes.prefix_tokens());
  model::KvCache question = model.text().MakeCache(num_ids);
  const model::Span spans[] = {
      {.num_rows = sizes.prefix_tokens(),
       .mask = attention == AttentionKind::kCausal ? Mask::kCausal : Mask::kNone,
       .num_wanted = sizes.prefix_tokens(),
       .cache = &prefix},
      {.num_rows = num_ids,
       .position = sizes.prefix_tokens(),
       .num_wanted = num_ids,
       .past = &prefix,
       .cache = &question}};
  const at::Tensor bos = model.text().Embed({sizes.bos_id});
  const at::Tensor x =
      at::cat({bos, features.to(bos.scalar_type()), model.text().Embed(prompt)}, 0);
  std::vector<at::Tensor> blocks;
  model.text().Forward(x, spans,
                       [&](int64_t, const at::Tensor& rows) { blocks.push_back(rows.clone()); });
  return blocks;
}

class Ladder {
 public:
  Ladder(const std::string& name, Precision precision)
      : name_(name),
        precision_(precision),
        golden_(GoldenModel::Named(name)),
        model_(golden_.model(precision)) {}

  const std::vector<GoldenImage>& images() const { return golden_.images(); }
  const std::vector<GoldenReading>& readings() const { return golden_.readings(); }
  const Moondream& model() const { return model_; }
  int crop() const { return static_cast<int>(golden_.sizes().vision.crop); }
  int64_t limit() const { return golden_.limit(); }
  std::string Where(const std::string& what) const { return absl::StrCat(name_, " ", what); }

  image::Image Picture(size_t i) const { return Decoded(images()[i].png); }
  image::Crops Crops(size_t i) const { return CropsOf(Picture(i)); }
  image::Crops CropsOf(const image::Image& picture) const {
    auto crops = image::MakeCrops(picture, {.crop = crop()});
    EXPECT_THAT(crops, testing::IsOk());
    return *std::move(crops);
  }
  image::Image Decoded(const std::string& path) const {
    auto picture = image::DecodeImageFile(*base::RealFileEnv(), path, {});
    EXPECT_THAT(picture, testing::IsOk());
    return *std::move(picture);
  }

  at::Tensor Features(size_t i) const {
    return golden_.Tensor(absl::StrCat("image", i, ".features"));
  }

  void CompareVision() const {
    const c10::InferenceMode guard;
    for (size_t i = 0; i < images().size(); ++i) {
      const std::string image = absl::StrCat("image", i, ".");
      const auto compare_block = [&](int64_t block, const at::Tensor& rows) {
        Compare(Rung::kVisionBlock, golden_.Kept(rows), absl::StrCat(image, "block", block));
      };
      const model::VisionTower& vision = model_.vision();
      const at::Tensor maps = vision.Encode(vision.Patches(Crops(i)), compare_block);
      Compare(Rung::kVisionOutput, golden_.Kept(maps), image + "vit");
    }
  }

  void CompareFeatures() const {
    for (size_t i = 0; i < images().size(); ++i) {
      MD2_ASSERT_OK_AND_ASSIGN(const at::Tensor features, model_.EncodeImage(Crops(i)));
      Compare(Rung::kFeatures, features, absl::StrCat("image", i, ".features"));
    }
  }

  void CompareTextBlocks(const Kind& kind) const {
    for (size_t r = 0; r < readings().size(); ++r) {
      const GoldenReading& reading = readings()[r];
      const std::vector<at::Tensor> blocks =
          TextBlocks(model_, Features(reading.image), reading.prompt, kind.attention);
      ASSERT_EQ(blocks.size(), golden_.sizes().text.layers);
      for (size_t block = 0; block < blocks.size(); ++block) {
        Compare(Rung::kTextBlock, blocks[block],
                absl::StrCat("reading", r, ".", kind.name, ".block", block));
      }
    }
  }

  void CompareLastLogits(const Kind& kind) const {
    for (size_t r = 0; r < readings().size(); ++r) {
      MD2_ASSERT_OK_AND_ASSIGN(const model::FirstReading first, Read(readings()[r], kind));
      Compare(Rung::kLogits, first.sessions[0].logits(),
              absl::StrCat("reading", r, ".", kind.name, ".last_logits"));
    }
  }

  absl::StatusOr<model::FirstReading> Read(const GoldenReading& reading, const Kind& kind) const {
    const at::Tensor features = Features(reading.image).to(model::ScalarTypeOf(precision_));
    return model_.Read(features, kind.attention,
                       {.prompts = {reading.prompt}, .max_new_tokens = golden_.limit()});
  }

  void ExpectAnswer(model::FirstReading first, const GoldenReading& reading,
                    const Kind& kind) const {
    model::GenerateOptions options;
    options.max_new_tokens = golden_.limit();
    MD2_ASSERT_OK_AND_ASSIGN(const std::vector<model::GeneratedAnswer> answers,
                             model::Generate(model_, absl::MakeSpan(first.sessions), options));
    const std::vector<int64_t>& expected = reading.answers.at(kind.name);
    EXPECT_EQ(answers[0].ids, expected) << kind.name;
    const bool is_full = static_cast<int64_t>(expected.size()) == golden_.limit();
    EXPECT_EQ(answers[0].finish_reason,
              is_full ? model::FinishReason::kLength : model::FinishReason::kStop);
  }

 private:
  void Compare(Rung rung, const at::Tensor& found, const std::string& tensor) const {
    ExpectOnRung(rung, precision_, found, golden_.Tensor(tensor), Where(tensor));
  }

  std::string name_;
  Precision precision_;
  GoldenModel& golden_;
  const Moondream& model_;
};

class Fp32ParityTest : public ::testing::TestWithParam<std::string> {
 protected:
  Ladder ladder_{GetParam(), Precision::kFp32};
};

TEST_P(Fp32ParityTest, SquashedPictureIsEqual) {
  for (size_t i = 0; i < ladder_.images().size(); ++i) {
    const GoldenImage& golden = ladder_.images()[i];
    const image::Image picture = ladder_.Picture(i);
    const image::Size size = image::TargetSize(picture.width(), picture.height(), ladder_.crop());
    EXPECT_EQ(size.width, golden.squashed_width) << golden.png;
    EXPECT_EQ(size.height, golden.squashed_height) << golden.png;
    const image::Image squashed = image::ResizeBicubic(picture, size.width, size.height);
    EXPECT_EQ(DigestOf(squashed.pixels().data(), squashed.pixels().size()), golden.squashed)
        << golden.png;
  }
}

TEST_P(Fp32ParityTest, CropsAreEqual) {
  for (size_t i = 0; i < ladder_.images().size(); ++i) {
    const GoldenImage& golden = ladder_.images()[i];
    const image::Crops crops = ladder_.Crops(i);
    EXPECT_EQ(crops.rows, golden.rows) << golden.png;
    EXPECT_EQ(crops.cols, golden.cols) << golden.png;
    EXPECT_EQ(DigestOf(crops.pixels.data(), crops.pixels.size() * sizeof(float)), golden.crops)
        << golden.png;
  }
}

TEST_P(Fp32ParityTest, PatchesAreEqual) {
  for (size_t i = 0; i < ladder_.images().size(); ++i) {
    const image::Crops crops = ladder_.Crops(i);
    const at::Tensor patches = ladder_.model().vision().Patches(crops).contiguous();
    EXPECT_EQ(DigestOf(patches.const_data_ptr(), patches.nbytes()), ladder_.images()[i].patches)
        << ladder_.images()[i].png;
  }
}

TEST_P(Fp32ParityTest, VisionBlocksAndOutputAreNear) { ladder_.CompareVision(); }

TEST_P(Fp32ParityTest, FeaturesAreNear) { ladder_.CompareFeatures(); }

// The JPEG's own pixels differ from Pillow's, so this says only that nothing else does.
TEST_P(Fp32ParityTest, FeaturesOfAJpegAreLooselyNear) {
  for (size_t i = 0; i < ladder_.images().size(); ++i) {
    const std::string& jpeg = ladder_.images()[i].jpeg;
    if (jpeg.empty()) continue;
    const image::Crops crops = ladder_.CropsOf(ladder_.Decoded(jpeg));
    MD2_ASSERT_OK_AND_ASSIGN(const at::Tensor features, ladder_.model().EncodeImage(crops));
    ExpectOnRung(Rung::kJpegFeatures, Precision::kFp32, features, ladder_.Features(i),
                 ladder_.Where(jpeg.substr(jpeg.rfind('/') + 1)));
  }
}

TEST_P(Fp32ParityTest, TextBlocksOfCausalAttentionAreNear) { ladder_.CompareTextBlocks(kKinds[0]); }

TEST_P(Fp32ParityTest, TextBlocksOfPrefixAttentionAreNear) { ladder_.CompareTextBlocks(kKinds[1]); }

TEST_P(Fp32ParityTest, LastLogitsOfCausalAttentionAreNear) { ladder_.CompareLastLogits(kKinds[0]); }

TEST_P(Fp32ParityTest, LastLogitsOfPrefixAttentionAreNear) { ladder_.CompareLastLogits(kKinds[1]); }

TEST_P(Fp32ParityTest, AnswersOfBothAttentionsAreEqual) {
  for (const Kind& kind : kKinds) {
    for (const GoldenReading& reading : ladder_.readings()) {
      MD2_ASSERT_OK_AND_ASSIGN(model::FirstReading first, ladder_.Read(reading, kind));
      ladder_.ExpectAnswer(std::move(first), reading, kind);
    }
  }
}

// The whole way, on what the rungs before it gave.
TEST_P(Fp32ParityTest, AnswersFromThePicturesAreEqual) {
  for (const Kind& kind : kKinds) {
    for (const GoldenReading& reading : ladder_.readings()) {
      MD2_ASSERT_OK_AND_ASSIGN(const at::Tensor features,
                               ladder_.model().EncodeImage(ladder_.Crops(reading.image)));
      MD2_ASSERT_OK_AND_ASSIGN(
          model::FirstReading first,
          ladder_.model().Read(features, kind.attention,
                               {.prompts = {reading.prompt}, .max_new_tokens = ladder_.limit()}));
      ladder_.ExpectAnswer(std::move(first), reading, kind);
    }
  }
}

// Ids are not compared here: where two are nearly as likely, 16 bits may choose the other.
class SixteenBitParityTest : public ::testing::TestWithParam<std::tuple<Precision, std::string>> {
 protected:
  Ladder ladder_{std::get<1>(GetParam()), std::get<0>(GetParam())};
};

TEST_P(SixteenBitParityTest, VisionBlocksAndOutputAreNear) { ladder_.CompareVision(); }

TEST_P(SixteenBitParityTest, FeaturesAreNear) { ladder_.CompareFeatures(); }

TEST_P(SixteenBitParityTest, TextBlocksAreNear) {
  for (const Kind& kind : kKinds) ladder_.CompareTextBlocks(kind);
}

TEST_P(SixteenBitParityTest, LastLogitsAreNear) {
  for (const Kind& kind : kKinds) ladder_.CompareLastLogits(kind);
}

std::string TestName(std::string name) {
  for (char& c : name) {
    if (c == '-') c = '_';
  }
  return name;
}

INSTANTIATE_TEST_SUITE_P(Golden, Fp32ParityTest, ::testing::ValuesIn(GoldenNames()),
                         [](const auto& test) { return TestName(test.param); });

INSTANTIATE_TEST_SUITE_P(Golden, SixteenBitParityTest,
                         ::testing::Combine(::testing::Values(Precision::kBf16, Precision::kFp16),
                                            ::testing::ValuesIn(GoldenNames())),
                         [](const auto& test) {
                           return absl::StrCat(model::PrecisionName(std::get<0>(test.param)), "_",
                                               TestName(std::get<1>(test.param)));
                         });

TEST(GoldenModelTest, ThereIsOne) { EXPECT_THAT(GoldenNames(), Not(IsEmpty())); }

}  // namespace
}  // namespace md2::parity
