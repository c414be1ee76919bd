#include "server/worker/commands.h"

#include <set>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gtest/gtest.h"
#include "server/worker/help.h"
#include "server/worker/version.h"

namespace md2::worker {
namespace {

TEST(CommandsTest, EveryCommandHasWordsExamplesAndOutput) {
  for (const Command& command : AllCommands()) {
    EXPECT_FALSE(command.summary.empty()) << command.name;
    EXPECT_FALSE(command.examples.empty()) << command.name;
    EXPECT_EQ(command.settings.back().spec.name, "output") << command.name;
    for (const std::string& example : command.examples) {
      EXPECT_TRUE(absl::StrContains(example, absl::StrCat("md2-worker ", command.name))) << example;
    }
  }
}

TEST(CommandsTest, NamesOfSettingsAreDistinctAndRulesNameThem) {
  for (const Command& command : AllCommands()) {
    std::set<std::string> names;
    for (const CommandSetting& setting : command.settings) {
      EXPECT_TRUE(names.insert(setting.spec.name).second) << setting.spec.name;
      EXPECT_FALSE(setting.spec.help.empty()) << setting.spec.name;
    }
    for (const CommandSetting& setting : command.settings) {
      EXPECT_TRUE(setting.unless.empty() || names.count(setting.unless) == 1) << setting.unless;
      for (const std::string& other : setting.excludes) EXPECT_EQ(names.count(other), 1u);
    }
  }
}

TEST(CommandsTest, HelpFitsATerminal) {
  constexpr size_t kMaxColumns = 110;
  for (const Command& command : AllCommands()) {
    const std::string help = CommandHelp("md2-worker", command);
    // The usage line may wrap.
    const std::vector<std::string> lines = absl::StrSplit(help, '\n');
    for (size_t i = 1; i < lines.size(); ++i) EXPECT_LE(lines[i].size(), kMaxColumns) << lines[i];
  }
}

TEST(CommandsTest, VersionTellsFourThings) {
  const std::vector<std::string> lines = absl::StrSplit(VersionText(), '\n');
  ASSERT_EQ(lines.size(), 5u);
  EXPECT_TRUE(absl::StartsWith(lines[0], "md2-worker "));
  EXPECT_TRUE(absl::StartsWith(lines[1], "commit "));
  EXPECT_TRUE(absl::StartsWith(lines[2], "compiler "));
  EXPECT_TRUE(absl::StartsWith(lines[3], "LibTorch "));
}

}  // namespace
}  // namespace md2::worker
