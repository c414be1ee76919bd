#include "server/worker/answer_stream.h"

#include <cstddef>

#include "absl/strings/ascii.h"
#include "core/text/clean_up.h"

namespace md2::worker {
namespace {

// U+0080 to U+009F are 0xC2 and one of these.
bool IsSecondByteOfControl(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x80 && byte <= 0x9F;
}

}  // namespace

std::string WithoutControls(absl::string_view text) {
  std::string shown;
  for (size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte == 0xC2 && i + 1 < text.size() && IsSecondByteOfControl(text[i + 1])) {
      ++i;
    } else if (!absl::ascii_iscntrl(byte) || text[i] == '\n' || text[i] == '\t') {
      shown += text[i];
    }
  }
  return shown;
}

void AnswerStream::Feed(absl::string_view text) {
  held_ += WithoutControls(text);
  const absl::string_view middle = text::StripWhiteSpace(held_);
  if (middle.empty()) return;
  const auto begin = static_cast<size_t>(middle.data() - held_.data());
  const size_t end = begin + middle.size();
  out_ << (is_begun_ ? absl::string_view(held_).substr(0, end) : middle) << std::flush;
  held_.erase(0, end);
  is_begun_ = true;
}

void AnswerStream::Finish() { out_ << "\n" << std::flush; }

}  // namespace md2::worker
