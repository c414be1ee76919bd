#include "tests/unit/architecture/include_rules.h"

#include <algorithm>
#include <map>
#include <regex>
#include <sstream>

namespace md2::architecture {
namespace {

using Names = std::vector<std::string>;

// Which folders of ours a folder may include, itself aside.
const std::map<std::string, Names>& Folders() {
  static const auto* table = new std::map<std::string, Names>{
      {"core/base", {}},
      {"core/image", {"core/base"}},
      {"core/text", {"core/base"}},
      {"core/data", {"core/base", "core/image", "core/text"}},
      {"core/model", {"core/base", "core/image"}},
      {"core/train", {"core/base", "core/text", "core/data", "core/model"}},
      {"core/jobs", {"core/base", "core/train"}},
      {"server/worker",
       {"core/base", "core/image", "core/text", "core/data", "core/model", "core/train", "proto"}},
      {"server", {"core/base", "core/jobs", "core/model", "core/train", "proto"}},
      {"client", {"core/base", "core/data", "core/train", "proto"}},
  };
  return *table;
}

// A third party's header, and where alone it may be included.
struct Door {
  const char* header_prefix;
  Names allowed;
};

const std::vector<Door>& Doors() {
  static const auto* doors = new std::vector<Door>{
      {"spdlog/", {"core/base/log.cc"}},
      {"nlohmann/", {"core/base/json.h"}},
      {"toml++/", {"core/base/settings_toml.cc"}},
      {"stb", {"core/image/decode", "core/image/stb", "core/data/datagen/"}},
      {"sentencepiece", {"core/text/bpe_engine.cc"}},
      {"CLI/", {"server/", "client/"}},
      {"grpcpp/", {"server/", "client/"}},
      {"sqlite3.h", {"core/jobs/"}},
      {"SQLiteCpp/", {"core/jobs/"}},
      {"ATen/", {"core/model/", "core/train/", "server/worker/"}},
      {"c10/", {"core/model/", "core/train/", "server/worker/"}},
      {"torch/", {"core/model/", "core/train/", "server/worker/"}},
  };
  return *doors;
}

bool StartsWith(const std::string& text, const std::string& prefix) {
  return text.compare(0, prefix.size(), prefix) == 0;
}

// "core/text" of "core/text/a.cc"; the longest folder of the table, or nothing.
std::string FolderOf(const std::string& path) {
  std::string found;
  for (const auto& [folder, allowed] : Folders()) {
    if (StartsWith(path, folder + "/") && folder.size() > found.size()) found = folder;
  }
  return StartsWith(path, "proto/") ? "proto" : found;
}

bool MayInclude(const std::string& from, const std::string& to) {
  if (from == to) return true;
  const Names& allowed = Folders().at(from);
  return std::find(allowed.begin(), allowed.end(), to) != allowed.end();
}

}  // namespace

std::vector<std::string> FindBreaches(const std::string& path, const std::string& content) {
  static const std::regex include(R"(^\s*#\s*include\s*[<"]([^>"]+)[>"])");
  std::vector<std::string> breaches;
  const std::string from = FolderOf(path);
  if (from.empty()) return breaches;
  std::istringstream lines(content);
  for (std::string line; std::getline(lines, line);) {
    std::smatch match;
    if (!std::regex_search(line, match, include)) continue;
    const std::string header = match[1];
    const std::string to = FolderOf(header);
    if (StartsWith(header, "tests/") || (!to.empty() && !MayInclude(from, to))) {
      breaches.push_back(path + ": " + from + " may not include " + header);
    }
    for (const Door& door : Doors()) {
      if (!StartsWith(header, door.header_prefix)) continue;
      const bool open = std::any_of(door.allowed.begin(), door.allowed.end(),
                                    [&](const std::string& p) { return StartsWith(path, p); });
      if (!open) breaches.push_back(path + ": " + header + " is not included here but at its door");
    }
  }
  return breaches;
}

}  // namespace md2::architecture
