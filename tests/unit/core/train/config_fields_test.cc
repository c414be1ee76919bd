#include "core/train/config_fields.h"

#include <cmath>
#include <limits>
#include <set>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace md2::train {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// Each field with its default, as the published table of names has them.
TEST(ConfigFieldsTest, NamesAndDefaultsAreThePublishedOnes) {
  std::vector<std::string> lines;
  lines.reserve(ConfigFields().size());
  for (const ConfigField& field : ConfigFields()) {
    lines.push_back(field.name + " " + DefaultText(field));
  }
  EXPECT_THAT(
      lines,
      ElementsAre("method full", "lora_rank 32", "lora_alpha 64.0", "lora_dropout 0.0",
                  "train_vision none", "init base", "epochs 3", "batch_size 1", "grad_accum auto",
                  "learning_rate auto", "vision_learning_rate auto", "schedule cosine",
                  "warmup_ratio 0.1", "weight_decay 0.0", "clip_norm 1.0", "beta1 0.9",
                  "beta2 0.95", "epsilon 1e-06", "tiles auto", "attention auto", "shuffle true",
                  "seed 0", "val_split 0.0", "skip_bad_rows 0", "eval_every auto",
                  "eval_samples 200", "max_new_tokens auto", "best_metric loss", "patience 0",
                  "tolerance 0.0", "save_every auto", "keep_last 2", "precision auto",
                  "moment_bits 32", "activation_checkpointing auto"));
}

TEST(ConfigFieldsTest, EveryFieldAcceptsItsOwnDefaultAndHasAText) {
  std::set<std::string> names;
  for (const ConfigField& field : ConfigFields()) {
    EXPECT_TRUE(field.kind.Accepts(DefaultText(field))) << field.name;
    EXPECT_FALSE(field.help.empty()) << field.name;
    EXPECT_FALSE(field.placeholder.empty()) << field.name;
    names.insert(field.name);
    names.insert(field.aliases.begin(), field.aliases.end());
  }
  EXPECT_EQ(names.size(), ConfigFields().size() + 1);  // lr
}

TEST(ConfigFieldsTest, TextReadBackGivesTheSameValue) {
  for (const double rate : {3e-6, 0.1, 1.0 / 3, 5e-324, 1.0}) {
    TrainConfig config;
    config.learning_rate = rate;
    TrainConfig copy;
    const ConfigField* const field = FindConfigField("learning_rate");
    field->set(copy, field->text(config));
    EXPECT_EQ(copy, config) << rate;
  }
}

TEST(ConfigFieldsTest, AutoTakesAValueBack) {
  TrainConfig config;
  config.grad_accum = 8;
  FindConfigField("grad_accum")->set(config, "auto");
  EXPECT_EQ(config, TrainConfig());
}

TEST(ConfigFieldsTest, EveryWordOfAnEnumIsSet) {
  TrainConfig config;
  FindConfigField("activation_checkpointing")->set(config, "selective");
  FindConfigField("best_metric")->set(config, "char_accuracy");
  FindConfigField("schedule")->set(config, "moondream");
  FindConfigField("precision")->set(config, "fp16");
  FindConfigField("moment_bits")->set(config, "8");
  EXPECT_EQ(config.activation_checkpointing, ActivationCheckpointing::kSelective);
  EXPECT_EQ(config.best_metric, BestMetric::kCharAccuracy);
  EXPECT_EQ(config.schedule, Schedule::kMoondream);
  EXPECT_EQ(config.precision, ComputePrecision::kFp16);
  EXPECT_EQ(config.moment_bits, 8);
}

// What a field of this name refuses of these texts.
std::vector<std::string> Refused(absl::string_view name, const std::vector<std::string>& texts) {
  std::vector<std::string> refused;
  for (const std::string& text : texts) {
    if (!FindConfigField(name)->kind.Accepts(text)) refused.push_back(text);
  }
  return refused;
}

TEST(ConfigFieldsTest, RatesArePositiveAndAtMostOne) {
  EXPECT_THAT(Refused("learning_rate", {"auto", "3e-6", "1", "0", "-1e-4", "1.5", "nan", "inf"}),
              ElementsAre("0", "-1e-4", "1.5", "nan", "inf"));
}

TEST(ConfigFieldsTest, SharesAreBelowOne) {
  for (const char* name : {"lora_dropout", "warmup_ratio", "val_split", "beta1", "beta2"}) {
    EXPECT_THAT(Refused(name, {"0", "0.5", "0.999", "1", "-0.1", "nan"}),
                ElementsAre("1", "-0.1", "nan"))
        << name;
  }
}

TEST(ConfigFieldsTest, CountsBeginAtOneWhereNoneWouldBeNothing) {
  for (const char* name : {"epochs", "batch_size", "grad_accum", "lora_rank", "eval_samples",
                           "save_every", "keep_last", "max_new_tokens"}) {
    EXPECT_THAT(Refused(name, {"1", "7", "0", "-1", "1.5", ""}), ElementsAre("0", "-1", "1.5", ""))
        << name;
  }
  for (const char* name : {"seed", "skip_bad_rows", "patience", "eval_every"}) {
    EXPECT_THAT(Refused(name, {"0", "7", "-1"}), ElementsAre("-1")) << name;
  }
}

TEST(ConfigFieldsTest, MomentsHave32Or8Bits) {
  EXPECT_THAT(Refused("moment_bits", {"32", "8", "16", "0"}), ElementsAre("16", "0"));
}

TEST(ConfigFieldsTest, ANumberThatIsNotFiniteIsShownAndRefused) {
  TrainConfig config;
  config.clip_norm = std::nan("");
  EXPECT_EQ(FindConfigField("clip_norm")->text(config), "nan");
  config.clip_norm = std::numeric_limits<double>::infinity();
  EXPECT_EQ(FindConfigField("clip_norm")->text(config), "inf");
  EXPECT_THAT(Refused("clip_norm", {"nan", "inf"}), ElementsAre("nan", "inf"));
}

TEST(ConfigFieldsTest, OnlyNamesAreFound) {
  EXPECT_EQ(FindConfigField("lr"), nullptr);
  EXPECT_THAT(FindConfigField("seed")->aliases, IsEmpty());
}

}  // namespace
}  // namespace md2::train
