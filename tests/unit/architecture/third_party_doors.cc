#include "tests/unit/architecture/third_party_doors.h"

#include <algorithm>
#include <vector>

#include "absl/strings/match.h"

namespace md2::architecture {
namespace {

using Names = std::vector<absl::string_view>;

struct Door {
  absl::string_view header_prefix;
  Names rows;   // all files of these rows of the folder table
  Names files;  // and these alone
};

const std::vector<Door>& Doors() {
  static const Names no_rows;
  static const Names rpc = {"server", "server/worker", "client"};
  static const Names model = {"core/model", "core/train", "server/worker"};
  static const auto* const doors = new std::vector<Door>{
      {"spdlog/", no_rows, {"core/base/log.cc"}},
      {"nlohmann/", no_rows, {"core/base/json.h", "core/base/json_fwd.h"}},
      {"toml++/", no_rows, {"core/base/settings_toml.cc"}},
      {"openssl/", no_rows, {"core/base/sha256.cc"}},
      {"stb_image.h", no_rows, {"core/image/decode.cc"}},
      {"stb_image_write.h", no_rows, {"core/image/encode_png.cc"}},
      {"stb_truetype.h", no_rows, {"core/data/datagen/font.cc"}},
      {"sentencepiece", no_rows, {"core/text/bpe_engine.cc"}},
      {"ATen/", model, {}},
      {"c10/", model, {}},
      {"torch/", model, {}},
      {"SQLiteCpp/", {"core/jobs"}, {}},
      {"sqlite3.h", {"core/jobs"}, {}},
      {"CLI/", rpc, {}},
      {"google/", rpc, {}},
      {"grpc/", rpc, {}},
      {"grpcpp/", rpc, {}},
      {"md2/v1/", rpc, {}},  // generated from proto/
      {"httplib.h", {"server"}, {}},
      {"prometheus/", {"server"}, {}},
  };
  return *doors;
}

bool Holds(const Names& names, absl::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// The headers of C++, of the processor and of Linux.
bool IsSystemHeader(absl::string_view header) {
  static const Names folders = {"arpa/", "linux/", "net/", "netinet/", "sys/"};
  static const Names headers = {"dirent.h", "dlfcn.h",  "fcntl.h",   "immintrin.h",
                                "netdb.h",  "poll.h",   "pthread.h", "sched.h",
                                "signal.h", "spawn.h",  "malloc.h",  "stdlib.h",
                                "string.h", "syslog.h", "termios.h", "unistd.h"};
  if (!absl::StrContains(header, '/') && !absl::StrContains(header, '.')) return true;
  return Holds(headers, header) ||
         std::any_of(folders.begin(), folders.end(),
                     [&](absl::string_view folder) { return absl::StartsWith(header, folder); });
}

}  // namespace

DoorState DoorOf(absl::string_view header, absl::string_view path, absl::string_view row) {
  if (IsSystemHeader(header) || absl::StartsWith(header, "absl/")) return DoorState::kOpen;
  for (const Door& door : Doors()) {
    if (!absl::StartsWith(header, door.header_prefix)) continue;
    const bool open = Holds(door.rows, row) || Holds(door.files, path);
    return open ? DoorState::kOpen : DoorState::kClosed;
  }
  return DoorState::kUnknownParty;
}

}  // namespace md2::architecture
