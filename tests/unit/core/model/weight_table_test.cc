#include "core/model/weight_table.h"

#include <set>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/tiny_sizes.h"

namespace md2::model {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;
using testing::TinySizes;

// The parameters and tensors of the names that begin with `prefix`.
std::pair<int64_t, size_t> CountUnder(const std::vector<WeightSpec>& table,
                                      absl::string_view prefix) {
  std::pair<int64_t, size_t> counts;
  for (const WeightSpec& spec : table) {
    if (!absl::StartsWith(spec.name, prefix)) continue;
    counts.first += CountElements(spec);
    ++counts.second;
  }
  return counts;
}

std::vector<int64_t> ShapeOf(const std::vector<WeightSpec>& table, absl::string_view name) {
  for (const WeightSpec& spec : table) {
    if (spec.name == name) return spec.shape;
  }
  ADD_FAILURE() << "no tensor " << name;
  return {};
}

TEST(WeightTableTest, RealSizesGiveThePublishedCounts) {
  const std::vector<WeightSpec> table = WeightTable(RealSizes());
  EXPECT_THAT(table, SizeIs(578));
  EXPECT_EQ(CountParameters(table), 1'866'919'792);
  EXPECT_EQ(CountUnder(table, names::kVision), std::pair(int64_t{412'987'248}, size_t{329}));
  EXPECT_EQ(CountUnder(table, names::kProjector), std::pair(int64_t{35'661'824}, size_t{4}));
  EXPECT_EQ(CountUnder(table, names::kText), std::pair(int64_t{1'418'270'720}, size_t{245}));
  EXPECT_EQ(CountUnder(table, "vision_encoder.encoder.model.visual.blocks.26."),
            std::pair(int64_t{15'239'504}, size_t{12}));
  EXPECT_EQ(CountUnder(table, "text_model.transformer.h.23."),
            std::pair(int64_t{50'354'176}, size_t{10}));
}

TEST(WeightTableTest, RealSizesGiveThePublishedShapes) {
  const std::vector<WeightSpec> table = WeightTable(RealSizes());
  const std::string visual = names::kVision;
  EXPECT_THAT(ShapeOf(table, visual + "pos_embed"), ElementsAre(1, 729, 1152));
  EXPECT_THAT(ShapeOf(table, visual + "patch_embed.linear.weight"), ElementsAre(1152, 588));
  EXPECT_THAT(ShapeOf(table, visual + "blocks.0.attn.qkv.weight"), ElementsAre(3456, 1152));
  EXPECT_THAT(ShapeOf(table, visual + "blocks.0.mlp.fc1.weight"), ElementsAre(4304, 1152));
  EXPECT_THAT(ShapeOf(table, "vision_encoder.projection.mlp.fc1.weight"), ElementsAre(8192, 2304));
  EXPECT_THAT(ShapeOf(table, "vision_encoder.projection.mlp.fc2.weight"), ElementsAre(2048, 8192));
  EXPECT_THAT(ShapeOf(table, "text_model.transformer.embd.wte.weight"), ElementsAre(51200, 2048));
  EXPECT_THAT(ShapeOf(table, "text_model.transformer.h.0.mixer.Wqkv.bias"), ElementsAre(6144));
  EXPECT_THAT(ShapeOf(table, "text_model.lm_head.linear.weight"), ElementsAre(51200, 2048));
}

TEST(WeightTableTest, EveryNameAndShapeOfATinyModel) {
  std::vector<std::string> lines;
  for (const WeightSpec& spec : WeightTable(TinySizes())) {
    std::string line = spec.name;
    for (const int64_t size : spec.shape) line += " " + std::to_string(size);
    lines.push_back(line);
  }
  EXPECT_THAT(
      lines,
      ElementsAre("vision_encoder.encoder.model.visual.pos_embed 1 4 6",
                  "vision_encoder.encoder.model.visual.patch_embed.linear.weight 6 12",
                  "vision_encoder.encoder.model.visual.patch_embed.linear.bias 6",
                  "vision_encoder.encoder.model.visual.blocks.0.norm1.weight 6",
                  "vision_encoder.encoder.model.visual.blocks.0.norm1.bias 6",
                  "vision_encoder.encoder.model.visual.blocks.0.attn.qkv.weight 18 6",
                  "vision_encoder.encoder.model.visual.blocks.0.attn.qkv.bias 18",
                  "vision_encoder.encoder.model.visual.blocks.0.attn.proj.weight 6 6",
                  "vision_encoder.encoder.model.visual.blocks.0.attn.proj.bias 6",
                  "vision_encoder.encoder.model.visual.blocks.0.norm2.weight 6",
                  "vision_encoder.encoder.model.visual.blocks.0.norm2.bias 6",
                  "vision_encoder.encoder.model.visual.blocks.0.mlp.fc1.weight 10 6",
                  "vision_encoder.encoder.model.visual.blocks.0.mlp.fc1.bias 10",
                  "vision_encoder.encoder.model.visual.blocks.0.mlp.fc2.weight 6 10",
                  "vision_encoder.encoder.model.visual.blocks.0.mlp.fc2.bias 6",
                  "vision_encoder.encoder.model.visual.norm.weight 6",
                  "vision_encoder.encoder.model.visual.norm.bias 6",
                  "vision_encoder.projection.mlp.fc1.weight 9 12",
                  "vision_encoder.projection.mlp.fc1.bias 9",
                  "vision_encoder.projection.mlp.fc2.weight 8 9",
                  "vision_encoder.projection.mlp.fc2.bias 8",
                  "text_model.transformer.embd.wte.weight 11 8",
                  "text_model.transformer.h.0.ln.weight 8", "text_model.transformer.h.0.ln.bias 8",
                  "text_model.transformer.h.0.mixer.Wqkv.weight 24 8",
                  "text_model.transformer.h.0.mixer.Wqkv.bias 24",
                  "text_model.transformer.h.0.mixer.out_proj.weight 8 8",
                  "text_model.transformer.h.0.mixer.out_proj.bias 8",
                  "text_model.transformer.h.0.mlp.fc1.weight 12 8",
                  "text_model.transformer.h.0.mlp.fc1.bias 12",
                  "text_model.transformer.h.0.mlp.fc2.weight 8 12",
                  "text_model.transformer.h.0.mlp.fc2.bias 8",
                  "text_model.transformer.h.1.ln.weight 8", "text_model.transformer.h.1.ln.bias 8",
                  "text_model.transformer.h.1.mixer.Wqkv.weight 24 8",
                  "text_model.transformer.h.1.mixer.Wqkv.bias 24",
                  "text_model.transformer.h.1.mixer.out_proj.weight 8 8",
                  "text_model.transformer.h.1.mixer.out_proj.bias 8",
                  "text_model.transformer.h.1.mlp.fc1.weight 12 8",
                  "text_model.transformer.h.1.mlp.fc1.bias 12",
                  "text_model.transformer.h.1.mlp.fc2.weight 8 12",
                  "text_model.transformer.h.1.mlp.fc2.bias 8", "text_model.lm_head.ln.weight 8",
                  "text_model.lm_head.ln.bias 8", "text_model.lm_head.linear.weight 11 8",
                  "text_model.lm_head.linear.bias 11"));
}

TEST(WeightTableTest, NamesAreUnique) {
  std::set<std::string> seen;
  for (const WeightSpec& spec : WeightTable(RealSizes())) {
    EXPECT_TRUE(seen.insert(spec.name).second) << spec.name;
  }
}

// The limits of size_fields.h keep every sum within 63 bits.
TEST(WeightTableTest, TheLargestSizesDoNotOverflow) {
  Sizes s;
  s.vision = {
      .dim = 65'536, .depth = 1'024, .heads = 1, .mlp_dim = 262'144, .patch = 256, .crop = 4'096};
  s.projector_dim = 262'144;
  s.text = {.dim = 65'536,
            .layers = 1'024,
            .heads = 1,
            .mlp_dim = 262'144,
            .vocab = 4'194'304,
            .max_positions = 1'048'576,
            .rotary_dim = 65'536};
  ASSERT_TRUE(ValidateSizes(s, "the largest").ok());
  __int128 exact = 0;
  for (const WeightSpec& spec : WeightTable(s)) {
    __int128 elements = 1;
    for (const int64_t size : spec.shape) elements *= size;
    exact += elements;
  }
  EXPECT_LT(exact, static_cast<__int128>(INT64_MAX) / 8);  // bytes too
  EXPECT_EQ(CountParameters(WeightTable(s)), static_cast<int64_t>(exact));
}

}  // namespace
}  // namespace md2::model
