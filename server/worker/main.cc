// md2-worker: the data plane. Everything that it does is a command; see commands.cc.

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <string>
#include <system_error>
#include <vector>

#include "core/base/clock.h"
#include "core/base/file_env.h"
#include "core/base/heap.h"
#include "server/worker/commands.h"
#include "server/worker/interrupt.h"
#include "server/worker/program.h"
#include "server/worker/surroundings.h"
#include "server/worker/version.h"

namespace {

absl::optional<std::string> Environment(const std::string& name) {
  const char* const text = std::getenv(name.c_str());
  if (text == nullptr) return absl::nullopt;
  return std::string(text);
}

// Empty when it was removed: then no path within it leads anywhere.
std::string WorkingFolder() {
  std::error_code error;
  return std::filesystem::current_path(error).string();
}

}  // namespace

int main(int argc, char** argv) {
  md2::base::KeepFreedMemory();
  std::ios::sync_with_stdio(false);
  std::cin.tie(nullptr);
  md2::worker::Surroundings surroundings = {
      .files = *md2::base::RealFileEnv(),
      .clock = *md2::base::RealClock(),
      .in = std::cin,
      .out = std::cout,
      .notes = std::cerr,
      .out_is_terminal = isatty(STDOUT_FILENO) == 1,
      .notes_is_terminal = isatty(STDERR_FILENO) == 1,
      .working_folder = WorkingFolder(),
      .environment = Environment,
      .catch_interrupt = md2::worker::CatchInterrupt,
  };
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  return md2::worker::RunProgram(
      {"md2-worker", md2::worker::VersionText(), md2::worker::AllCommands()}, arguments,
      surroundings);
}
