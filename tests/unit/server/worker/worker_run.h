// Defines WorkerRun, which runs commands of md2-worker with fakes around them.

#ifndef MD2_TESTS_UNIT_SERVER_WORKER_WORKER_RUN_H_
#define MD2_TESTS_UNIT_SERVER_WORKER_WORKER_RUN_H_

#include <map>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "core/base/cancel.h"
#include "core/model/sizes.h"
#include "gmock/gmock.h"
#include "server/worker/command.h"
#include "tests/testing/fake_clock.h"
#include "tests/testing/mem_file_env.h"

namespace md2::worker {

struct Ran {
  int exit_code = 0;
  std::string out;
  std::string notes;
};

// How GoogleTest shows it.
inline void PrintTo(const Ran& ran, std::ostream* out) {
  *out << "exit code " << ran.exit_code << "\nout:\n" << ran.out << "notes:\n" << ran.notes;
}

// One thread at a time.
class WorkerRun {
 public:
  explicit WorkerRun(std::vector<Command> commands) : commands_(std::move(commands)) {}

  // As "md2-worker ARGUMENTS" with `in` on stdin.
  Ran operator()(const std::vector<std::string>& arguments, const std::string& in = "");

  testing::MemFileEnv files;
  testing::FakeClock clock;
  std::map<std::string, std::string> environment;
  base::CancelSource interrupt;
  bool out_is_terminal = false;
  bool notes_is_terminal = false;

 private:
  std::vector<Command> commands_;
};

// tests/golden/tokenizer/tiny-tokenizer.json.
std::string TinyTokenizerJson();

// TinyModelSizes with room for the tiny tokenizer, for questions, and for a picture in one crop.
model::Sizes WorkerModelSizes();

MATCHER_P2(Succeeded, out, notes, "ended with 0, these results and these notes") {
  return arg.exit_code == 0 && ::testing::ExplainMatchResult(out, arg.out, result_listener) &&
         ::testing::ExplainMatchResult(notes, arg.notes, result_listener);
}

// Nothing on stdout, and "md2-worker: TEXT" on stderr.
MATCHER_P2(Failed, exit_code, text, "ended with this exit code and this error alone") {
  return arg.exit_code == exit_code && arg.out.empty() &&
         ::testing::ExplainMatchResult("md2-worker: " + std::string(text) + "\n", arg.notes,
                                       result_listener);
}

}  // namespace md2::worker

#endif  // MD2_TESTS_UNIT_SERVER_WORKER_WORKER_RUN_H_
