#include "server/worker/command_line.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/server/worker/worker_run.h"

namespace md2::worker {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

std::vector<CommandSetting> Settings() {
  CommandSetting limit =
      WithDefault("8", Flag("max_new_tokens", "N", base::SettingKind::Int(1, 99), "how many"));
  limit.spec.aliases = {"limit"};
  return {Required(Flag("model", "DIR", "a folder")),
          RequiredUnless("rows", Flag("image", "FILE", "a picture")),
          Excluding({"image"}, Flag("rows", "FILE", "many pictures")),
          limit,
          Switch("decode", "the other way"),
          OutputSetting()};
}

// Prints the settings as they were resolved.
class CommandLineTest : public ::testing::Test {
 protected:
  CommandLineTest()
      : run_({{.name = "show",
               .summary = "shows",
               .description = "Shows.\n",
               .examples = {},
               .settings = Settings(),
               .run = [](const base::ResolvedSettings& settings, Surroundings& surroundings) {
                 surroundings.out << settings.Describe();
                 return absl::OkStatus();
               }}}) {}

  WorkerRun run_;
};

TEST(SplitArgumentsTest, AValueStandsBehindItsFlagOrAfterEquals) {
  const SplitResult split = SplitArguments(
      Settings(), {"--model", "a b", "--image=c=d", "--rows=", "--max-new-tokens", "-1"});
  EXPECT_THAT(split.flags, ElementsAre(Pair("model", "a b"), Pair("image", "c=d"), Pair("rows", ""),
                                       Pair("max-new-tokens", "-1")));
  EXPECT_THAT(split.problems, IsEmpty());
}

TEST(SplitArgumentsTest, ASwitchTakesNoArgumentButAnEqualsSign) {
  const SplitResult split = SplitArguments(Settings(), {"--decode", "--model", "m", "--decode=no"});
  EXPECT_THAT(split.flags,
              ElementsAre(Pair("decode", "true"), Pair("model", "m"), Pair("decode", "no")));
}

TEST(SplitArgumentsTest, OutputHasAShortName) {
  for (const std::vector<std::string>& arguments : std::vector<std::vector<std::string>>{
           {"-o", "json"}, {"-ojson"}, {"-o=json"}, {"--output", "json"}}) {
    EXPECT_THAT(SplitArguments(Settings(), arguments).flags, ElementsAre(Pair("output", "json")));
  }
}

TEST(SplitArgumentsTest, HelpIsFoundAnywhere) {
  EXPECT_TRUE(SplitArguments(Settings(), {"--nonsense", "--help"}).wants_help);
  EXPECT_TRUE(SplitArguments(Settings(), {"--model", "-h"}).wants_help);
  EXPECT_FALSE(SplitArguments(Settings(), {"--model", "help"}).wants_help);
}

TEST(SplitArgumentsTest, AnUnknownFlagTakesItsValueAlong) {
  const SplitResult split = SplitArguments(Settings(), {"--colour", "red", "--size", "--model=m"});
  EXPECT_THAT(split.flags,
              ElementsAre(Pair("colour", "red"), Pair("size", ""), Pair("model", "m")));
  EXPECT_THAT(split.problems, IsEmpty());
}

TEST_F(CommandLineTest, FlagBeforeEnvironmentBeforeDefault) {
  run_.environment = {{"MD2_MODEL", "from-environment"}, {"MD2_IMAGE", "a.png"}};
  EXPECT_THAT(run_({"show", "--limit", "9", "--model=m", "-ojson"}),
              Succeeded("model = m (flag --model)\n"
                        "image = a.png (environment MD2_IMAGE)\n"
                        "rows =  (default)\n"
                        "max_new_tokens = 9 (flag --limit)\n"
                        "decode = false (default)\n"
                        "output = json (flag --output)\n",
                        ""));
}

TEST_F(CommandLineTest, DashesAndUnderscoresAreTheSame) {
  for (const char* flag : {"--max-new-tokens", "--max_new_tokens", "--max-new_tokens"}) {
    EXPECT_EQ(run_({"show", "--model=m", "--image=i", flag, "9"}).exit_code, 0);
  }
}

TEST_F(CommandLineTest, AllProblemsAreNamedAtOnce) {
  run_.environment = {{"MD2_DECODE", "perhaps"}};
  EXPECT_THAT(
      run_(
          {"show", "stray", "--modle", "m", "--limit=0", "--rows", "r", "--image", "--output=xml"}),
      Failed(3,
             "command line of \"show\" that cannot be used (its --help says what can):\n"
             "  expected a flag, found \"stray\"; a value with spaces needs quotes\n"
             "  image: expected a value after --image, found \"--output=xml\"; join a value that "
             "begins so by \"=\"\n"
             "  modle: no such setting, in flag --modle; did you mean model?\n"
             "  max_new_tokens: expected a whole number from 1 to 99, found \"0\" in flag --limit\n"
             "  decode: expected true or false, found \"perhaps\" in environment MD2_DECODE\n"
             "  output: expected text or json, found \"xml\" in flag --output\n"
             "  model: expected --model DIR or the variable MD2_MODEL, found none\n"
             "  rows: expected either --rows or --image, found both"));
}

TEST_F(CommandLineTest, OneOfTwoIsRequired) {
  EXPECT_THAT(
      run_({"show", "--model=m"}),
      Failed(3,
             "command line of \"show\" that cannot be used (its --help says what can):\n"
             "  image: expected --image FILE or the variable MD2_IMAGE, or --rows, found none"));
  EXPECT_EQ(run_({"show", "--model=m", "--rows=r"}).exit_code, 0);
}

TEST_F(CommandLineTest, AnEmptyTextIsNoValue) {
  EXPECT_THAT(run_({"show", "--model=", "--image=i"}),
              Failed(3,
                     "command line of \"show\" that cannot be used (its --help says what can):\n"
                     "  model: expected a text, found \"\" in flag --model"));
}

TEST_F(CommandLineTest, AMissingValueAtTheEndIsNamed) {
  EXPECT_THAT(run_({"show", "--image=i", "--model"}),
              Failed(3,
                     "command line of \"show\" that cannot be used (its --help says what can):\n"
                     "  model: expected a value after --model, found the end of the command line"));
}

TEST_F(CommandLineTest, TheSameFlagTwiceIsAnError) {
  EXPECT_THAT(run_({"show", "--image=i", "--model=a", "--model=b"}),
              Failed(3,
                     "command line of \"show\" that cannot be used (its --help says what can):\n"
                     "  model: expected once, found in flag --model and in flag --model"));
}

}  // namespace
}  // namespace md2::worker
