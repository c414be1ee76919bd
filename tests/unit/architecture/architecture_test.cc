#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/architecture/include_rules.h"

namespace md2::architecture {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

struct Source {
  std::string path;  // relative to the repository's root
  std::string content;
};

std::vector<Source> OurSources() {
  std::vector<Source> sources;
  const fs::path root = MD2_SOURCE_DIR;
  for (const char* top : {"core", "server", "client", "tests"}) {
    if (!fs::exists(root / top)) continue;
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator(root / top)) {
      const std::string extension = entry.path().extension();
      if (extension != ".cc" && extension != ".h") continue;
      std::ifstream file(entry.path());
      sources.push_back({fs::relative(entry.path(), root),
                         {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()}});
    }
  }
  return sources;
}

TEST(ArchitectureTest, EveryIncludeObeysTheFolderTable) {
  const std::vector<Source> sources = OurSources();
  ASSERT_GT(sources.size(), 50u);
  std::vector<std::string> breaches;
  for (const Source& source : sources) {
    for (std::string& breach : FindBreaches(source.path, source.content)) {
      breaches.push_back(std::move(breach));
    }
  }
  EXPECT_THAT(breaches, IsEmpty());
}

TEST(ArchitectureTest, APlantedIncludeOfAFolderAboveIsFound) {
  EXPECT_THAT(FindBreaches("core/text/a.cc",
                           "#include \"core/base/error.h\"\n# include \"core/model/sizes.h\"\n"),
              ElementsAre("core/text/a.cc: core/text may not include core/model/sizes.h"));
  EXPECT_THAT(FindBreaches("server/app.cc", "#include \"core/image/decode.h\"\n"),
              ElementsAre("server/app.cc: server may not include core/image/decode.h"));
  EXPECT_THAT(FindBreaches("core/base/a.h", "#include \"tests/testing/fake_clock.h\"\n"),
              ElementsAre("core/base/a.h: core/base may not include tests/testing/fake_clock.h"));
}

TEST(ArchitectureTest, APlantedThirdPartyBesideItsDoorIsFound) {
  EXPECT_THAT(FindBreaches("core/text/tokenizer.cc", "#include <sentencepiece_processor.h>\n"),
              ElementsAre("core/text/tokenizer.cc: sentencepiece_processor.h is not included here "
                          "but at its door"));
  EXPECT_THAT(FindBreaches("core/text/bpe_engine.cc", "#include <sentencepiece_processor.h>\n"),
              IsEmpty());
}

TEST(ArchitectureTest, NoFileIsNamedForHavingNoPurpose) {
  const std::set<std::string> refused = {"utils", "util", "helpers", "helper", "common", "misc"};
  for (const Source& source : OurSources()) {
    EXPECT_EQ(refused.count(fs::path(source.path).stem()), 0u) << source.path;
  }
}

TEST(ArchitectureTest, NoFileIsLongerThanFourHundredLines) {
  for (const Source& source : OurSources()) {
    const auto lines = std::count(source.content.begin(), source.content.end(), '\n');
    EXPECT_LE(lines, 400) << source.path;
  }
}

}  // namespace
}  // namespace md2::architecture
