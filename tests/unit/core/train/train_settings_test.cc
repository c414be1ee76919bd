#include "core/train/train_settings.h"

#include <map>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace md2::train {
namespace {

using absl::StatusCode;
using testing::IsOk;
using testing::StatusIs;

class TrainSettingsTest : public ::testing::Test {
 protected:
  TrainSettingsTest() {
    input_.environment_prefix = "MD2_";
    input_.file_path = "md2.toml";
    input_.environment = [this](const std::string& name) -> absl::optional<std::string> {
      const auto found = environment_.find(name);
      if (found == environment_.end()) return absl::nullopt;
      return found->second;
    };
  }

  absl::StatusOr<TrainRequest> Read(PublishedNames names = PublishedNames::kRead) {
    std::vector<base::SettingSpec> specs;
    for (const TrainSetting& setting : TrainSettings(names)) specs.push_back(setting.spec);
    MD2_ASSIGN_OR_RETURN(const base::ResolvedSettings settings,
                         base::ResolveSettings(specs, input_));
    return ReadTrainSettings(settings);
  }

  // "value (source)"; the error's text when there is one.
  std::string Resolved(const std::string& name) {
    const absl::StatusOr<TrainRequest> request = Read();
    if (!request.ok()) return std::string(request.status().message());
    const base::ResolvedSetting* const setting = request->resolved.Find(name);
    return setting->ShownValue() + " (" + setting->source + ")";
  }

  base::SettingsInput input_;
  std::map<std::string, std::string> environment_;
};

TEST_F(TrainSettingsTest, NothingGivenIsTheDefaultJob) {
  MD2_ASSERT_OK_AND_ASSIGN(const TrainRequest request, Read());
  EXPECT_EQ(request.config, TrainConfig());
  EXPECT_EQ(request.data_path, "data/train.jsonl");
  EXPECT_EQ(request.val_path, "");
  EXPECT_EQ(request.output_dir, "./outputs/moondream2_ft");
}

TEST_F(TrainSettingsTest, FlagsEnvironmentAndFileReachTheConfig) {
  input_.flags = {{"lr", "1e-4"}, {"grad-accum", "4"}, {"val_data", "val.jsonl"}};
  environment_["MD2_BATCH_SIZE"] = "8";
  input_.file_text = "patience = 3\nshuffle = false\n";
  MD2_ASSERT_OK_AND_ASSIGN(const TrainRequest request, Read());
  EXPECT_EQ(request.config.learning_rate, 1e-4);
  EXPECT_EQ(request.config.grad_accum, 4);
  EXPECT_EQ(request.config.batch_size, 8);
  EXPECT_EQ(request.config.patience, 3);
  EXPECT_FALSE(request.config.shuffle);
  EXPECT_EQ(request.val_path, "val.jsonl");
}

TEST_F(TrainSettingsTest, ThePublishedRecipesVariablesAreRead) {
  environment_ = {{"DATA_PATH", "d.jsonl"},
                  {"OUTPUT_DIR", "out"},
                  {"EPOCHS", "2"},
                  {"BATCH_SIZE", "8"},
                  {"LR", "1e-5"}};
  MD2_ASSERT_OK_AND_ASSIGN(const TrainRequest request, Read());
  EXPECT_EQ(request.data_path, "d.jsonl");
  EXPECT_EQ(request.output_dir, "out");
  EXPECT_EQ(request.config.epochs, 2);
  EXPECT_EQ(request.config.batch_size, 8);
  EXPECT_EQ(request.config.learning_rate, 1e-5);
  EXPECT_EQ(Resolved("learning_rate"), "1e-5 (environment LR)");
  MD2_ASSERT_OK_AND_ASSIGN(const TrainRequest ignored, Read(PublishedNames::kIgnored));
  EXPECT_EQ(ignored.config, TrainConfig());
}

TEST_F(TrainSettingsTest, ThePresetSetsWhatNobodySaid) {
  input_.flags = {{"preset", "published"}};
  EXPECT_EQ(Resolved("learning_rate"), "3e-6 (preset published)");
  EXPECT_EQ(Resolved("grad_accum"), "128 (preset published)");
  MD2_ASSERT_OK_AND_ASSIGN(const TrainRequest request, Read());
  EXPECT_EQ(request.config.learning_rate, 3e-6);
  EXPECT_EQ(request.config.grad_accum, 128);
  environment_["LR"] = "1e-5";
  EXPECT_EQ(Resolved("learning_rate"), "1e-5 (environment LR)");
}

TEST_F(TrainSettingsTest, BidirectionalAttentionIsPrefix) {
  input_.flags = {{"use-bidirectional-image-attn", "true"}};
  EXPECT_EQ(Resolved("attention"), "prefix (flag --use-bidirectional-image-attn)");
  MD2_ASSERT_OK_AND_ASSIGN(const TrainRequest request, Read());
  EXPECT_EQ(request.config.attention, Attention::kPrefix);
  input_.flags.emplace_back("attention", "prefix");
  EXPECT_THAT(Read(), IsOk());
  input_.flags.back().second = "causal";
  EXPECT_EQ(Resolved("attention"),
            "use_bidirectional_image_attn: means attention prefix (flag "
            "--use-bidirectional-image-attn), found attention causal (flag --attention); leave one "
            "of them out");
}

TEST_F(TrainSettingsTest, SeveralDevicesAreRefusedWithWhatToDo) {
  input_.flags = {{"devices", "2"}};
  EXPECT_EQ(Resolved("devices"),
            "settings that cannot be used:\n"
            "  devices: expected 1, since one job cannot train on several devices yet (for more "
            "rows an update raise grad_accum; to use all devices start one job on each), found "
            "\"2\" in flag --devices");
}

TEST_F(TrainSettingsTest, AllTextsThatNoFieldTakesAreNamedAtOnce) {
  input_.flags = {{"lr", "0"}, {"lora-rnak", "8"}, {"epochs", "0"}};
  environment_["MD2_LORA_DROPOUT"] = "nan";
  EXPECT_EQ(Resolved("epochs"),
            "settings that cannot be used:\n"
            "  lora-rnak: no such setting, in flag --lora-rnak; did you mean lora_rank?\n"
            "  lora_dropout: expected a number from 0 and below 1, found \"nan\" in environment "
            "MD2_LORA_DROPOUT\n"
            "  epochs: expected a whole number from 1 to 1000000, found \"0\" in flag --epochs\n"
            "  learning_rate: expected a number above 0 and up to 1, or auto, found \"0\" in flag "
            "--lr");
}

TEST_F(TrainSettingsTest, UselessValuesAreRefusedWhereverTheyCameFrom) {
  environment_["MD2_LORA_RANK"] = "32";
  input_.flags = {{"patience", "2"}};
  EXPECT_THAT(Read(), StatusIs(StatusCode::kInvalidArgument,
                               "hyperparameters that cannot be used:\n"
                               "  lora_rank: 32 has no effect with method full; leave it out, or "
                               "set method to lora\n"
                               "  patience: 2 has no effect with no validation rows; leave it "
                               "out, or give a validation file or val_split"));
  input_.flags.emplace_back("method", "lora");
  input_.flags.emplace_back("val", "val.jsonl");
  EXPECT_THAT(Read(), IsOk());
}

TEST_F(TrainSettingsTest, SettingsOfTheCommandItselfAreLeftAlone) {
  std::vector<base::SettingSpec> specs(1);
  specs[0].name = "resume";
  for (const TrainSetting& setting : TrainSettings(PublishedNames::kRead)) {
    specs.push_back(setting.spec);
  }
  MD2_ASSERT_OK_AND_ASSIGN(const base::ResolvedSettings settings,
                           base::ResolveSettings(specs, input_));
  MD2_ASSERT_OK_AND_ASSIGN(const TrainRequest request, ReadTrainSettings(settings));
  EXPECT_NE(request.resolved.Find("resume"), nullptr);
}

}  // namespace
}  // namespace md2::train
