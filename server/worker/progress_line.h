// Defines ProgressLine, which tells on stderr how far long work is.

#ifndef MD2_SERVER_WORKER_PROGRESS_LINE_H_
#define MD2_SERVER_WORKER_PROGRESS_LINE_H_

#include <cstdint>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/worker/surroundings.h"

namespace md2::worker {

// On a terminal one line that is written over, ten times a second at most, and gone in the end;
// elsewhere a line every five seconds, so that short work says nothing. The surroundings must
// outlive it. One thread at a time.
class ProgressLine {
 public:
  ProgressLine(Surroundings& surroundings, std::string what)
      : surroundings_(surroundings),
        what_(std::move(what)),
        last_(surroundings.clock.MonotonicNow()) {}
  ~ProgressLine();
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  void Update(uint64_t done_bytes, uint64_t total_bytes);
  // As Update, of things that are counted: `things` ends "45 % of 8,000 ...".
  void UpdateCount(int64_t done, int64_t total, absl::string_view things);

 private:
  // Whether it is time for a line; if so, the next one has to wait from now on.
  bool IsTime();
  // "WHAT: 45 % of TOTAL".
  void Show(double share, absl::string_view total);

  Surroundings& surroundings_;
  const std::string what_;
  absl::Duration last_;  // when a line was written, or the work began
  bool is_shown_ = false;
};

}  // namespace md2::worker

#endif  // MD2_SERVER_WORKER_PROGRESS_LINE_H_
