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
  if (total_bytes == 0 || !IsTime()) return;
  Show(static_cast<double>(done_bytes) / static_cast<double>(total_bytes), ShownBytes(total_bytes));
}

void ProgressLine::UpdateCount(int64_t done, int64_t total, absl::string_view things) {
  if (total == 0 || !IsTime()) return;
  Show(static_cast<double>(done) / static_cast<double>(total),
       absl::StrCat(WithThousands(total), " ", things));
}

bool ProgressLine::IsTime() {
  const absl::Duration now = surroundings_.clock.MonotonicNow();
  if (now - last_ < (surroundings_.notes_is_terminal ? kTerminalStep : kPipeStep)) return false;
  last_ = now;
  return true;
}

void ProgressLine::Show(double share, absl::string_view total) {
  const std::string line =
      absl::StrCat(what_, ": ", static_cast<int>(100.0 * share), " % of ", total);
  if (surroundings_.notes_is_terminal) {
    surroundings_.notes << kClearLine << line << std::flush;
    is_shown_ = true;
  } else {
    surroundings_.notes << line << std::endl;
  }
}

}  // namespace md2::worker
