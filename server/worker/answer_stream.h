// Defines AnswerStream, which shows an answer on a terminal while it is being generated.

#ifndef MD2_SERVER_WORKER_ANSWER_STREAM_H_
#define MD2_SERVER_WORKER_ANSWER_STREAM_H_

#include <ostream>
#include <string>

#include "absl/strings/string_view.h"

namespace md2::worker {

// `text` without control characters but newlines and tabs: what a model says must not steer a
// terminal. REQUIRES: text is UTF-8.
std::string WithoutControls(absl::string_view text);

// Shows the text of the answer, without white space around it, each piece at once. The stream must
// outlive it. One thread at a time.
class AnswerStream {
 public:
  explicit AnswerStream(std::ostream& out) : out_(out) {}

  // REQUIRES: whole characters.
  void Feed(absl::string_view text);
  // Ends the line; an empty answer is an empty line.
  void Finish();

  // Whether anything was shown.
  bool is_begun() const { return is_begun_; }

 private:
  std::ostream& out_;
  std::string held_;  // white space that only text behind it will show
  bool is_begun_ = false;
};

}  // namespace md2::worker

#endif  // MD2_SERVER_WORKER_ANSWER_STREAM_H_
