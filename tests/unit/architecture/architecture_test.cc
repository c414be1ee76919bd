#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/architecture/include_rules.h"

namespace md2::architecture {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

struct Source {
  std::string path;  // relative to the repository's root
  std::string content;
};

std::string ReadFile(const fs::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

std::vector<Source> OurSources() {
  std::vector<Source> sources;
  const fs::path root = MD2_SOURCE_DIR;
  for (const char* top : {"core", "server", "client", "tests"}) {
    if (!fs::exists(root / top)) continue;
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator(root / top)) {
      const std::string extension = entry.path().extension();
      if (extension != ".cc" && extension != ".h") continue;
      sources.push_back({fs::relative(entry.path(), root), ReadFile(entry.path())});
    }
  }
  return sources;
}

// As ARCHITECTURE.md and the folders' CMakeLists.txt have them.
const Rules& OurRules() {
  static const auto* const rules = [] {
    const fs::path root = MD2_SOURCE_DIR;
    auto* made = new Rules{ReadFolderTable(ReadFile(root / "ARCHITECTURE.md")), {}};
    for (const auto& [name, row] : made->table) {
      if (name == row.folder) continue;
      const std::string cmake = ReadFile(root / row.folder / "CMakeLists.txt");
      made->files_of_target[name] = ReadTargetFiles(cmake, row.folder, name);
    }
    return made;
  }();
  return *rules;
}

// The breaches of one include line in one file of ours.
std::vector<std::string> Planted(const std::string& path, const std::string& header) {
  return FindBreaches(OurRules(), path, "#include \"" + header + "\"\n");
}

// A pair of a file and a header.
class PlantedTest : public ::testing::TestWithParam<std::pair<const char*, const char*>> {};
class AllowedTest : public PlantedTest {};
class UpwardsTest : public PlantedTest {};
class BesideItsDoorTest : public PlantedTest {};

TEST(ArchitectureTest, EveryIncludeObeysTheFolderTable) {
  const std::vector<Source> sources = OurSources();
  ASSERT_GT(sources.size(), 50u);
  std::vector<std::string> breaches;
  for (const Source& source : sources) {
    for (std::string& breach : FindBreaches(OurRules(), source.path, source.content)) {
      breaches.push_back(std::move(breach));
    }
  }
  EXPECT_THAT(breaches, IsEmpty());
}

TEST(ArchitectureTest, TheTableIsReadFromTheDocument) {
  const FolderTable& table = OurRules().table;
  EXPECT_THAT(table.at("core/base").may_include, IsEmpty());
  EXPECT_THAT(table.at("core/data").may_include,
              ElementsAre("core/base", "core/image", "core/text"));
  EXPECT_EQ(table.at("md2_model_config").folder, "core/model");
  EXPECT_THAT(OurRules().files_of_target.at("md2_model_config"),
              AllOf(Contains("core/model/sizes.h"), Contains("core/model/sizes.cc")));
}

TEST_P(UpwardsTest, IsFound) {
  const auto [path, header] = GetParam();
  EXPECT_THAT(Planted(path, header),
              ElementsAre(AllOf(HasSubstr(" may not include "), HasSubstr(header))));
}

INSTANTIATE_TEST_SUITE_P(Pairs, UpwardsTest,
                         ::testing::Values(std::pair("core/base/a.h", "core/image/image.h"),
                                           std::pair("core/base/a.h", "tests/testing/fake_clock.h"),
                                           std::pair("core/image/a.cc", "core/text/tokenizer.h"),
                                           std::pair("core/text/a.cc", "core/model/sizes.h"),
                                           std::pair("core/data/a.cc", "core/model/sizes.h"),
                                           std::pair("core/model/a.cc", "core/train/trainer.h"),
                                           std::pair("core/model/a.cc", "core/jobs/queue.h"),
                                           std::pair("core/model/sizes.cc",
                                                     "core/model/moondream.h"),
                                           std::pair("core/model/sizes.cc", "core/image/image.h"),
                                           std::pair("core/train/a.cc", "core/jobs/queue.h"),
                                           std::pair("core/jobs/a.cc", "core/model/sizes.h"),
                                           std::pair("core/jobs/a.cc", "core/train/trainer.h"),
                                           std::pair("server/a.cc", "core/image/decode.h"),
                                           std::pair("server/a.cc", "core/text/tokenizer.h"),
                                           std::pair("server/a.cc", "core/data/rows.h"),
                                           std::pair("server/a.cc", "core/model/moondream.h"),
                                           std::pair("server/a.cc", "server/worker/command.h"),
                                           std::pair("server/a.cc", "client/client.h"),
                                           std::pair("server/worker/a.cc", "core/jobs/queue.h"),
                                           std::pair("server/worker/a.cc", "server/app.h"),
                                           std::pair("client/a.cc", "core/model/sizes.h"),
                                           std::pair("client/a.cc", "core/data/order.h"),
                                           std::pair("client/a.cc", "server/app.h")));

TEST_P(BesideItsDoorTest, IsFound) {
  const auto [path, header] = GetParam();
  EXPECT_THAT(Planted(path, header), ElementsAre(std::string(path) + ": " + header +
                                                 " is not included here but at its door"));
}

INSTANTIATE_TEST_SUITE_P(Pairs, BesideItsDoorTest,
                         ::testing::Values(std::pair("core/base/settings.cc", "spdlog/logger.h"),
                                           std::pair("core/model/config.cc", "nlohmann/json.hpp"),
                                           std::pair("core/base/settings.cc", "toml++/toml.h"),
                                           std::pair("core/data/dataset.cc", "openssl/evp.h"),
                                           std::pair("core/image/png.cc", "stb_image.h"),
                                           std::pair("core/text/tokenizer.cc",
                                                     "sentencepiece_processor.h"),
                                           std::pair("core/image/a.cc", "ATen/ATen.h"),
                                           std::pair("core/model/sizes.cc", "c10/core/Device.h"),
                                           std::pair("server/app.cc", "torch/version.h"),
                                           std::pair("core/train/a.cc", "grpcpp/grpcpp.h"),
                                           std::pair("core/jobs/a.cc", "google/protobuf/message.h"),
                                           std::pair("core/base/a.cc", "md2/v1/job.pb.h"),
                                           std::pair("server/app.cc", "SQLiteCpp/Database.h"),
                                           std::pair("core/text/a.cc", "CLI/CLI.hpp"),
                                           std::pair("server/worker/a.cc", "prometheus/registry.h"),
                                           std::pair("client/a.cc", "httplib.h")));

TEST_P(AllowedTest, IsNoBreach) {
  const auto [path, header] = GetParam();
  EXPECT_THAT(Planted(path, header), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(
    Pairs, AllowedTest,
    ::testing::Values(std::pair("core/text/bpe_engine.cc", "sentencepiece_processor.h"),
                      std::pair("core/text/a.cc", "core/text/tokenizer.h"),
                      std::pair("core/text/a.cc", "absl/strings/str_cat.h"),
                      std::pair("core/text/a.cc", "vector"),
                      std::pair("core/base/a.cc", "sys/stat.h"),
                      std::pair("core/model/moondream.cc", "core/model/sizes.h"),
                      std::pair("core/model/moondream.cc", "ATen/core/Tensor.h"),
                      std::pair("core/train/a.cc", "core/model/moondream.h"),
                      std::pair("server/a.cc", "core/model/sizes.h"),
                      std::pair("server/worker/a.cc", "core/model/moondream.h"),
                      std::pair("server/worker/version.cc", "md2_commit.h"),
                      std::pair("tests/unit/a_test.cc", "core/jobs/queue.h")));

TEST(ArchitectureTest, AnIncludeLineIsFoundHoweverItIsWritten) {
  EXPECT_THAT(FindBreaches(OurRules(), "core/text/a.cc",
                           "#include \"core/base/error.h\"\n\t # include <core/model/sizes.h>\r\n"
                           "// #include \"core/model/config.h\"\n"),
              ElementsAre("core/text/a.cc: core/text may not include core/model/sizes.h"));
}

TEST(ArchitectureTest, AnUnknownThirdPartyIsFound) {
  EXPECT_THAT(Planted("core/text/a.cc", "boost/any.hpp"),
              ElementsAre("core/text/a.cc: boost/any.hpp is of no third party that we know"));
  EXPECT_THAT(Planted("core/text/a.cc", "tokenizer.h"),
              ElementsAre("core/text/a.cc: tokenizer.h is of no third party that we know"));
}

TEST(ArchitectureTest, AFolderWithoutARowIsFound) {
  EXPECT_THAT(Planted("core/extra/a.cc", "vector"),
              ElementsAre("core/extra/a.cc: has no row in the folder table"));
  EXPECT_THAT(Planted("core/text/a.cc", "core/extra/a.h"),
              ElementsAre("core/text/a.cc: core/extra/a.h has no row in the folder table"));
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
