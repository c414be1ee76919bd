// Defines Surroundings: all that a command of md2-worker touches outside itself.

#ifndef MD2_SERVER_WORKER_SURROUNDINGS_H_
#define MD2_SERVER_WORKER_SURROUNDINGS_H_

#include <functional>
#include <istream>
#include <ostream>
#include <string>

#include "absl/types/optional.h"
#include "core/base/cancel.h"
#include "core/base/clock.h"
#include "core/base/file_env.h"

namespace md2::worker {

// Made by main for the real program and by tests with fakes; what it refers to must outlive it.
// One thread at a time.
struct Surroundings {
  base::FileEnv& files;
  const base::Clock& clock;
  std::istream& in;
  std::ostream& out;    // results, nothing else
  std::ostream& notes;  // notes, progress and errors
  bool out_is_terminal = false;
  bool notes_is_terminal = false;

  // Where relative paths begin; absolute.
  std::string working_folder = "";

  // The variable's text; nothing when it is not set.
  std::function<absl::optional<std::string>(const std::string& name)> environment;

  // From the call on Ctrl-C cancels the token. A command that never calls it is ended by Ctrl-C at
  // once, as any program is.
  std::function<base::CancelToken()> catch_interrupt;
};

}  // namespace md2::worker

#endif  // MD2_SERVER_WORKER_SURROUNDINGS_H_
