#include "core/model/revision_table.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/model/weight_table.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/tiny_sizes.h"

namespace md2::model {
namespace {

using absl::StatusCode;
using base::Reason;
using base::Revision;
using testing::HasReason;
using testing::IsOk;
using testing::IsOkAndHolds;
using testing::StatusIs;
using testing::TinySizes;

struct NamePair {
  const char* name_2025;
  const char* name_2024;
};

constexpr NamePair kNames[] = {
    {"vision.patch_emb.weight", "vision_encoder.encoder.model.visual.patch_embed.linear.weight"},
    {"vision.patch_emb.bias", "vision_encoder.encoder.model.visual.patch_embed.linear.bias"},
    {"vision.pos_emb", "vision_encoder.encoder.model.visual.pos_embed"},
    {"vision.blocks.26.ln1.weight", "vision_encoder.encoder.model.visual.blocks.26.norm1.weight"},
    {"vision.blocks.0.ln2.bias", "vision_encoder.encoder.model.visual.blocks.0.norm2.bias"},
    {"vision.blocks.0.attn.qkv.weight",
     "vision_encoder.encoder.model.visual.blocks.0.attn.qkv.weight"},
    {"vision.blocks.0.attn.proj.bias",
     "vision_encoder.encoder.model.visual.blocks.0.attn.proj.bias"},
    {"vision.blocks.0.mlp.fc1.weight",
     "vision_encoder.encoder.model.visual.blocks.0.mlp.fc1.weight"},
    {"vision.blocks.0.mlp.fc2.bias", "vision_encoder.encoder.model.visual.blocks.0.mlp.fc2.bias"},
    {"vision.post_ln.weight", "vision_encoder.encoder.model.visual.norm.weight"},
    {"vision.proj_mlp.fc1.weight", "vision_encoder.projection.mlp.fc1.weight"},
    {"vision.proj_mlp.fc2.bias", "vision_encoder.projection.mlp.fc2.bias"},
    {"text.wte", "text_model.transformer.embd.wte.weight"},
    {"text.blocks.23.ln.weight", "text_model.transformer.h.23.ln.weight"},
    {"text.blocks.0.attn.qkv.bias", "text_model.transformer.h.0.mixer.Wqkv.bias"},
    {"text.blocks.0.attn.proj.weight", "text_model.transformer.h.0.mixer.out_proj.weight"},
    {"text.blocks.0.mlp.fc1.weight", "text_model.transformer.h.0.mlp.fc1.weight"},
    {"text.post_ln.bias", "text_model.lm_head.ln.bias"},
    {"text.lm_head.weight", "text_model.lm_head.linear.weight"},
    {"region.coord_encoder.weight", "region_model.coordinate_encoder.weight"},
    {"region.coord_decoder.fc1.weight", "region_model.coordinate_decoder.fc1.weight"},
    {"region.size_encoder.bias", "region_model.size_encoder.bias"},
    {"region.size_decoder.fc2.bias", "region_model.size_decoder.fc2.bias"},
    {"region.coord_features", "region_model.coordinate_features.weight"},
    {"region.size_features", "region_model.size_features.weight"},
};

TensorEntry Named(std::string name, Dtype dtype = Dtype::kF16) {
  return {.name = std::move(name), .dtype = dtype, .shape = {1}};
}

// The tiny model under its names of 2024.
std::vector<TensorEntry> TinyEntries() {
  std::vector<TensorEntry> entries;
  for (const WeightSpec& spec : WeightTable(TinySizes())) {
    entries.push_back({.name = spec.name, .dtype = Dtype::kF16, .shape = spec.shape});
  }
  return entries;
}

std::vector<TensorEntry> Entries2025(Dtype dtype) {
  std::vector<TensorEntry> entries;
  for (const NamePair& pair : kNames) {
    entries.push_back(Named(absl::StrCat("model.", pair.name_2025), dtype));
  }
  return entries;
}

absl::StatusOr<Revision> Deduce(const std::vector<TensorEntry>& entries) {
  return DeduceRevision(entries, TinySizes(), "m");
}

TEST(CanonicalNameTest, TranslatesEveryNameOf2025) {
  for (const NamePair& pair : kNames) {
    EXPECT_EQ(CanonicalName(pair.name_2025), pair.name_2024);
    EXPECT_EQ(CanonicalName(absl::StrCat("model.", pair.name_2025)), pair.name_2024);
  }
}

TEST(CanonicalNameTest, DropsTheWrappers) {
  EXPECT_EQ(CanonicalName("model._orig_mod.text.blocks.3._orig_mod.attn.qkv.weight"),
            "text_model.transformer.h.3.mixer.Wqkv.weight");
  EXPECT_EQ(CanonicalName("text_model._orig_mod.lm_head.ln.weight"),
            "text_model.lm_head.ln.weight");
  EXPECT_EQ(CanonicalName("model.text_model.lm_head.ln.weight"), "text_model.lm_head.ln.weight");
}

TEST(CanonicalNameTest, KeepsNamesOf2024) {
  for (const WeightSpec& spec : WeightTable(RealSizes())) {
    EXPECT_EQ(CanonicalName(spec.name), spec.name);
  }
}

TEST(CanonicalNameTest, KeepsWhatOnlyResemblesAName) {
  for (const char* name :
       {"", ".", "model", "vision.pos_emb.weight", "text.wte.weight", "text.wtex",
        "vision.patch_emb", "vision.blocks.", "vision.blocks.1", "vision.blocks.1.ln3.weight",
        "text.blocks.1.ln1.weight", "text.blocks.ln.weight", "a.text.wte", "my_orig_mod.weight"}) {
    EXPECT_EQ(CanonicalName(name), name);
  }
}

TEST(DeduceRevisionTest, NamesOf2024AreTheDefaultRevision) {
  EXPECT_THAT(Deduce(TinyEntries()), IsOkAndHolds(Revision::k2024_07_23));
}

TEST(DeduceRevisionTest, RegionTensorsAreTheRevisionOfAugust) {
  std::vector<TensorEntry> entries = TinyEntries();
  entries.push_back(Named("region_model.position_features.weight"));
  EXPECT_THAT(Deduce(entries), IsOkAndHolds(Revision::k2024_08_26));
}

TEST(DeduceRevisionTest, NamesOf2025AreOfJuneInBf16AndOfAprilElse) {
  EXPECT_THAT(Deduce(Entries2025(Dtype::kBF16)), IsOkAndHolds(Revision::k2025_06_21));
  EXPECT_THAT(Deduce(Entries2025(Dtype::kF16)), IsOkAndHolds(Revision::k2025_04_14));
}

TEST(DeduceRevisionTest, UnknownNamesBesideKnownOnesDecideNothing) {
  std::vector<TensorEntry> entries = TinyEntries();
  entries.push_back(Named("surplus", Dtype::kBF16));
  EXPECT_THAT(Deduce(entries), IsOkAndHolds(Revision::k2024_07_23));
}

TEST(DeduceRevisionTest, AProjectorOfOneFeatureMapIsTooOld) {
  std::vector<TensorEntry> entries = TinyEntries();
  for (TensorEntry& entry : entries) {
    if (entry.name == "vision_encoder.projection.mlp.fc1.weight") entry.shape = {9, 6};
  }
  const absl::Status status = Deduce(entries).status();
  EXPECT_THAT(status, HasReason(Reason::kModelUnsupported));
  EXPECT_THAT(status,
              StatusIs(StatusCode::kFailedPrecondition,
                       "a revision before 2024-05-20, which this build does not compute; take "
                       "2024-07-23 instead. Expected a projector that takes two feature maps, [9, "
                       "12], found one that takes one, [9, 6]: m"));
}

TEST(DeduceRevisionTest, AProjectorOfAnotherShapeIsLeftToTheWeightCheck) {
  std::vector<TensorEntry> entries = TinyEntries();
  for (TensorEntry& entry : entries) {
    if (entry.name == "vision_encoder.projection.mlp.fc1.weight") entry.shape = {9, 13};
  }
  EXPECT_THAT(Deduce(entries), IsOkAndHolds(Revision::k2024_07_23));
}

TEST(DeduceRevisionTest, WithoutAKnownNameThereIsNoRevision) {
  const std::string expected =
      "no known revision: expected tensors named as in a published model, as "
      "text_model.transformer.embd.wte.weight, found ";
  const absl::Status none = Deduce({}).status();
  EXPECT_THAT(none, HasReason(Reason::kModelWeightsInvalid));
  EXPECT_THAT(none, StatusIs(StatusCode::kInvalidArgument, expected + "none: m"));
  EXPECT_THAT(Deduce({Named("lm_head.weight"), Named("b")}),
              StatusIs(StatusCode::kInvalidArgument, expected + "\"lm_head.weight\": m"));
}

TEST(CheckRunnableTest, ThisBuildComputes2024) {
  EXPECT_THAT(CheckRunnable(Revision::k2024_07_23), IsOk());
  EXPECT_THAT(CheckRunnable(Revision::k2024_08_26), IsOk());
  for (const Revision revision : {Revision::k2025_01_09, Revision::k2025_03_27,
                                  Revision::k2025_04_14, Revision::k2025_06_21}) {
    const absl::Status status = CheckRunnable(revision);
    EXPECT_THAT(status, HasReason(Reason::kModelUnsupported));
    EXPECT_THAT(
        status,
        StatusIs(StatusCode::kFailedPrecondition,
                 absl::StrCat("this build recognises and describes the revisions of 2025, and "
                              "computes none of them: expected 2024-07-23 or 2024-08-26, found ",
                              base::RevisionName(revision))));
  }
}

}  // namespace
}  // namespace md2::model
