#include "server/worker/progress_line.h"

#include "absl/strings/str_cat.h"
#include "server/worker/fields.h"

namespace md2::worker {
namespace {

constexpr absl::Duration kTerminalStep = absl::Milliseconds(100);
constexpr absl::Duration kPipeStep = absl::Seconds(5);
constexpr char kClearLine[] = "\r\033[K";

}  // namespace

ProgressLine::~ProgressLine() {
  if (is_shown_) surroundings_.notes << kClearLine << std::flush;
}

void ProgressLine::Update(uint64_t done_bytes, uint64_t total_bytes) {
  const bool is_terminal = surroundings_.notes_is_terminal;
  const absl::Duration now = surroundings_.clock.MonotonicNow();
  if (total_bytes == 0 || now - last_ < (is_terminal ? kTerminalStep : kPipeStep)) return;
  last_ = now;
  const auto percent =
      static_cast<int>(100.0 * static_cast<double>(done_bytes) / static_cast<double>(total_bytes));
  const std::string line = absl::StrCat(what_, ": ", percent, " % of ", ShownBytes(total_bytes));
  if (is_terminal) {
    surroundings_.notes << kClearLine << line << std::flush;
    is_shown_ = true;
  } else {
    surroundings_.notes << line << std::endl;
  }
}

}  // namespace md2::worker
