#include "tests/unit/server/worker/worker_run.h"

#include <sstream>

#include "core/base/file_env.h"
#include "server/worker/program.h"
#include "server/worker/surroundings.h"
#include "tests/testing/tiny_sizes.h"

namespace md2::worker {

Ran WorkerRun::operator()(const std::vector<std::string>& arguments, const std::string& in) {
  std::istringstream in_stream(in);
  std::ostringstream out;
  std::ostringstream notes;
  Surroundings surroundings = {
      .files = files,
      .clock = clock,
      .in = in_stream,
      .out = out,
      .notes = notes,
      .out_is_terminal = out_is_terminal,
      .notes_is_terminal = notes_is_terminal,
      .environment = [this](const std::string& name) -> absl::optional<std::string> {
        const auto found = environment.find(name);
        if (found == environment.end()) return absl::nullopt;
        return found->second;
      },
      .catch_interrupt = [this] { return interrupt.token(); },
  };
  const int exit_code =
      RunProgram({"md2-worker", "md2-worker 1.2.3\n", commands_}, arguments, surroundings);
  return {exit_code, out.str(), notes.str()};
}

std::string TinyTokenizerJson() {
  constexpr uint64_t kMaxBytes = 1 << 20;
  const auto json =
      base::ReadWholeFile(*base::RealFileEnv(),
                          MD2_SOURCE_DIR "/tests/golden/tokenizer/tiny-tokenizer.json", kMaxBytes);
  return json.ok() ? *json : std::string(json.status().message());
}

model::Sizes WorkerModelSizes() {
  model::Sizes sizes = testing::TinyModelSizes();
  sizes.vision.patch = 14;
  sizes.vision.crop = 28;
  sizes.text.vocab = 600;
  sizes.text.max_positions = 64;
  return sizes;
}

}  // namespace md2::worker
