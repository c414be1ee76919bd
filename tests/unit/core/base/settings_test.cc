#include "core/base/settings.h"

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace md2::base {
namespace {

using absl::StatusCode;
using ::testing::ElementsAre;
using testing::HasReason;
using testing::IsOkAndHolds;
using testing::StatusIs;

std::vector<SettingSpec> Specs() {
  std::vector<SettingSpec> specs(6);
  specs[0].name = "learning_rate";
  specs[0].default_value = "auto";
  specs[0].kind = SettingKind::Double(0, 1).OrWords({"auto"});
  specs[0].aliases = {"lr"};
  specs[0].extra_environment = {"LR"};
  specs[1].name = "batch_size";
  specs[1].default_value = "1";
  specs[1].kind = SettingKind::Int(1, 64);
  specs[2].name = "shuffle";
  specs[2].default_value = "true";
  specs[2].kind = SettingKind::Bool();
  specs[3].name = "cache_size";
  specs[3].default_value = "4GiB";
  specs[3].kind = SettingKind::Bytes(0, uint64_t{1} << 40);
  specs[4].name = "base";
  specs[4].is_list = true;
  specs[5].name = "token";
  specs[5].kind = SettingKind::Checked("a token of 8 letters",
                                       [](absl::string_view text) { return text.size() == 8; });
  specs[5].is_secret = true;
  return specs;
}

class SettingsTest : public ::testing::Test {
 protected:
  SettingsTest() {
    input_.environment_prefix = "MD2_";
    input_.file_path = "md2.toml";
    input_.environment = [this](const std::string& name) -> absl::optional<std::string> {
      const auto found = environment_.find(name);
      if (found == environment_.end()) return absl::nullopt;
      return found->second;
    };
  }

  absl::StatusOr<ResolvedSettings> Resolve() { return ResolveSettings(Specs(), input_); }

  // "value (source)"; the error's text when there is one.
  std::string Resolved(const std::string& name) {
    const absl::StatusOr<ResolvedSettings> settings = Resolve();
    if (!settings.ok()) return std::string(settings.status().message());
    const ResolvedSetting* const setting = settings->Find(name);
    return setting->ShownValue() + " (" + setting->source + ")";
  }

  SettingsInput input_;
  std::map<std::string, std::string> environment_;
};

TEST_F(SettingsTest, FlagBeforeEnvironmentBeforeFileBeforeDefault) {
  EXPECT_EQ(Resolved("batch_size"), "1 (default)");
  input_.file_text = "# sizes\n\nbatch_size = 2\n";
  EXPECT_EQ(Resolved("batch_size"), "2 (file md2.toml:3)");
  environment_["MD2_BATCH_SIZE"] = "3";
  EXPECT_EQ(Resolved("batch_size"), "3 (environment MD2_BATCH_SIZE)");
  input_.flags = {{"batch-size", "4"}};
  EXPECT_EQ(Resolved("batch_size"), "4 (flag --batch-size)");
}

TEST_F(SettingsTest, IsDefaultTellsWhetherAnybodySaidAnything) {
  input_.flags = {{"batch_size", "1"}};
  MD2_ASSERT_OK_AND_ASSIGN(const ResolvedSettings settings, Resolve());
  EXPECT_FALSE(settings.Find("batch_size")->is_default);
  EXPECT_TRUE(settings.Find("learning_rate")->is_default);
}

TEST_F(SettingsTest, DashesUnderscoresAndAliasesAreTheSameName) {
  for (const char* name : {"learning-rate", "learning_rate", "lr"}) {
    input_.flags = {{name, "0.5"}};
    EXPECT_EQ(Resolved("learning_rate"), "0.5 (flag --" + std::string(name) + ")");
  }
  input_.flags.clear();
  for (const char* name : {"learning-rate", "learning_rate", "lr"}) {
    input_.file_text = std::string(name) + " = 0.5";
    EXPECT_EQ(Resolved("learning_rate"), "0.5 (file md2.toml:1)");
  }
}

TEST_F(SettingsTest, PrefixedVariablesComeBeforeExtraOnes) {
  environment_["LR"] = "0.1";
  EXPECT_EQ(Resolved("learning_rate"), "0.1 (environment LR)");
  environment_["MD2_LR"] = "0.2";
  EXPECT_EQ(Resolved("learning_rate"), "0.2 (environment MD2_LR)");
  environment_["MD2_LEARNING_RATE"] = "0.3";
  EXPECT_EQ(Resolved("learning_rate"), "0.3 (environment MD2_LEARNING_RATE)");
}

TEST_F(SettingsTest, AnEmptyVariableIsNotSet) {
  environment_["MD2_BATCH_SIZE"] = "";
  EXPECT_EQ(Resolved("batch_size"), "1 (default)");
}

TEST_F(SettingsTest, WithoutAnEnvironmentOnlyTheRestCounts) {
  input_.environment = nullptr;
  EXPECT_EQ(Resolved("batch_size"), "1 (default)");
}

TEST_F(SettingsTest, FileTakesTextNumbersAndBooleans) {
  input_.file_text =
      "learning_rate = 3e-6\nbatch_size = 0x10\nshuffle = false\n"
      "cache_size = '1MiB'\nbase = ['a=/x', '/y']\n";
  MD2_ASSERT_OK_AND_ASSIGN(const ResolvedSettings settings, Resolve());
  EXPECT_THAT(settings.GetDouble("learning_rate"), IsOkAndHolds(3e-6));
  EXPECT_THAT(settings.GetInt("batch_size"), IsOkAndHolds(16));
  EXPECT_THAT(settings.GetBool("shuffle"), IsOkAndHolds(false));
  EXPECT_THAT(settings.GetBytes("cache_size"), IsOkAndHolds(uint64_t{1} << 20));
  EXPECT_THAT(settings.GetList("base"), IsOkAndHolds(ElementsAre("a=/x", "/y")));
}

TEST_F(SettingsTest, ListsComeFromRepeatedFlagsOrCommas) {
  environment_["MD2_BASE"] = "/x,/y";
  MD2_ASSERT_OK_AND_ASSIGN(const ResolvedSettings from_environment, Resolve());
  EXPECT_THAT(from_environment.GetList("base"), IsOkAndHolds(ElementsAre("/x", "/y")));
  input_.flags = {{"base", "/a,b"}, {"base", "/c"}};
  MD2_ASSERT_OK_AND_ASSIGN(const ResolvedSettings from_flags, Resolve());
  EXPECT_THAT(from_flags.GetList("base"), IsOkAndHolds(ElementsAre("/a,b", "/c")));
}

TEST_F(SettingsTest, AnUnusedListIsEmpty) {
  MD2_ASSERT_OK_AND_ASSIGN(const ResolvedSettings settings, Resolve());
  EXPECT_THAT(settings.GetList("base"), IsOkAndHolds(ElementsAre()));
}

TEST_F(SettingsTest, IsWordTellsAutoFromANumber) {
  MD2_ASSERT_OK_AND_ASSIGN(const ResolvedSettings defaults, Resolve());
  EXPECT_THAT(defaults.IsWord("learning_rate"), IsOkAndHolds(true));
  input_.flags = {{"lr", "0.5"}};
  MD2_ASSERT_OK_AND_ASSIGN(const ResolvedSettings given, Resolve());
  EXPECT_THAT(given.IsWord("learning_rate"), IsOkAndHolds(false));
}

TEST_F(SettingsTest, AllProblemsAreNamedAtOnce) {
  input_.flags = {{"batch-size", "65"}, {"lerning-rate", "1"}, {"seed", "1"}};
  environment_["LR"] = "fast";
  environment_["MD2_CACHE_SIZE"] = "4G";
  input_.file_text = "shuffel = true\nshuffle = \"maybe\"\n";
  const absl::Status status = Resolve().status();
  EXPECT_THAT(
      status,
      StatusIs(StatusCode::kInvalidArgument,
               "settings that cannot be used:\n"
               "  lerning-rate: no such setting, in flag --lerning-rate; did you mean "
               "learning_rate?\n"
               "  seed: no such setting, in flag --seed\n"
               "  shuffel: no such setting, in file md2.toml:1; did you mean shuffle?\n"
               "  learning_rate: expected a number from 0 to 1, or auto, found \"fast\" in "
               "environment LR\n"
               "  batch_size: expected a whole number from 1 to 64, found \"65\" in flag "
               "--batch-size\n"
               "  shuffle: expected true or false, found \"maybe\" in file md2.toml:2\n"
               "  cache_size: expected a size such as 512MiB or 4GiB, of at most 1099511627776 "
               "bytes, found \"4G\" in environment MD2_CACHE_SIZE"));
  EXPECT_THAT(status, HasReason(Reason::kSettingInvalid));
}

TEST_F(SettingsTest, ABadValueIsAnErrorEvenWhereAStrongerSourceCoversIt) {
  environment_["MD2_BATCH_SIZE"] = "many";
  input_.flags = {{"batch_size", "4"}};
  EXPECT_EQ(Resolved("batch_size"),
            "settings that cannot be used:\n"
            "  batch_size: expected a whole number from 1 to 64, found \"many\" in environment "
            "MD2_BATCH_SIZE");
}

TEST_F(SettingsTest, TheSameSettingTwiceInOneSourceIsAnError) {
  input_.flags = {{"lr", "0.5"}, {"learning-rate", "0.25"}};
  input_.file_text = "lr = 0.5\nlearning_rate = 0.25\n";
  EXPECT_EQ(Resolved("learning_rate"),
            "settings that cannot be used:\n"
            "  learning_rate: expected once, found in flag --lr and in flag --learning-rate\n"
            "  learning_rate: expected once, found in file md2.toml:1 and in file md2.toml:2");
}

TEST_F(SettingsTest, ATextThatIsNotTomlNamesTheLine) {
  input_.file_text = "batch_size = 2\nshuffle =\n";
  EXPECT_EQ(Resolved("batch_size"),
            "settings that cannot be used:\n"
            "  md2.toml:2: expected TOML, found: Error while parsing key-value pair: expected "
            "value, saw '\\n'");
}

TEST_F(SettingsTest, TablesDatesAndListsOfListsAreNoSettings) {
  input_.file_text = "batch_size = 2024-07-23\nbase = [['a']]\n[shuffle]\nx = 1\n";
  EXPECT_EQ(Resolved("batch_size"),
            "settings that cannot be used:\n"
            "  md2.toml:1: expected batch_size = a text, number, true, false or a list of these\n"
            "  md2.toml:2: expected base = a text, number, true, false or a list of these\n"
            "  md2.toml:3: expected shuffle = a text, number, true, false or a list of these");
}

TEST_F(SettingsTest, AListForASingleValueIsAnError) {
  input_.file_text = "batch_size = [1, 2]\n";
  EXPECT_EQ(Resolved("batch_size"),
            "settings that cannot be used:\n"
            "  batch_size: expected a whole number from 1 to 64, found a list in file md2.toml:1");
}

TEST_F(SettingsTest, ASecretIsShownNowhere) {
  input_.flags = {{"token", "password"}};
  MD2_ASSERT_OK_AND_ASSIGN(const ResolvedSettings settings, Resolve());
  EXPECT_THAT(settings.GetString("token"), IsOkAndHolds("password"));
  EXPECT_EQ(settings.Describe().find("password"), std::string::npos);
  input_.flags = {{"token", "short"}};
  EXPECT_EQ(Resolved("token"),
            "settings that cannot be used:\n"
            "  token: expected a token of 8 letters, found another value in flag --token");
}

TEST_F(SettingsTest, DescribeTellsEachValueAndItsSource) {
  input_.flags = {{"lr", "3e-6"}, {"token", "password"}, {"base", "/x"}, {"base", "/y"}};
  input_.file_text = "batch_size = 2\n";
  environment_["MD2_SHUFFLE"] = "no";
  MD2_ASSERT_OK_AND_ASSIGN(const ResolvedSettings settings, Resolve());
  EXPECT_EQ(settings.Describe(),
            "learning_rate = 3e-6 (flag --lr)\n"
            "batch_size = 2 (file md2.toml:1)\n"
            "shuffle = no (environment MD2_SHUFFLE)\n"
            "cache_size = 4GiB (default)\n"
            "base = /x,/y (flag --base)\n"
            "token = (hidden) (flag --token)\n");
}

TEST_F(SettingsTest, GettersSayWhenTheyAreAskedWrongly) {
  MD2_ASSERT_OK_AND_ASSIGN(const ResolvedSettings settings, Resolve());
  EXPECT_THAT(settings.GetInt("sed").status(),
              StatusIs(StatusCode::kInternal, "setting asked for wrongly, no such setting: sed"));
  EXPECT_THAT(settings.GetInt("learning_rate"), HasReason(Reason::kInternal));
  EXPECT_THAT(settings.GetDouble("learning_rate"), HasReason(Reason::kInternal));
  EXPECT_THAT(settings.GetBool("batch_size"), IsOkAndHolds(true));  // "1" reads as true
  EXPECT_THAT(settings.GetBool("cache_size"), HasReason(Reason::kInternal));
  EXPECT_THAT(settings.GetBytes("shuffle"), HasReason(Reason::kInternal));
  EXPECT_THAT(settings.GetString("base"), HasReason(Reason::kInternal));
  EXPECT_THAT(settings.GetList("batch_size"), HasReason(Reason::kInternal));
  EXPECT_THAT(settings.IsWord("sed"), HasReason(Reason::kInternal));
  EXPECT_EQ(settings.Find("sed"), nullptr);
}

}  // namespace
}  // namespace md2::base
