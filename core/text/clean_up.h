// Defines what becomes of decoded text before a person reads it:
//   CleanUp          takes away the space before punctuation and contractions, as the published
//   model's
//                    tokenizer does: a table of replacements, each over the whole text, one after
//                    another
//   CleanUpStream    the same for text that comes in pieces
//   StripWhiteSpace  at both ends, as the published model's answers are stripped

#ifndef MD2_CORE_TEXT_CLEAN_UP_H_
#define MD2_CORE_TEXT_CLEAN_UP_H_

#include <array>
#include <string>

#include "absl/strings/string_view.h"

namespace md2::text {

struct Replacement {
  absl::string_view from;
  absl::string_view to;
};

// In the order in which they are applied; each scans from left to right.
inline constexpr std::array<Replacement, 10> kCleanUpTable = {{
    {" .", "."},
    {" ?", "?"},
    {" !", "!"},
    {" ,", ","},
    {" ' ", "'"},
    {" n't", "n't"},
    {" 'm", "'m"},
    {" 's", "'s"},
    {" 've", "'ve"},
    {" 're", "'re"},
}};

std::string CleanUp(absl::string_view text);

// However the text is cut into pieces, what comes out in all is CleanUp of the whole. One thread at
// a time.
class CleanUpStream {
 public:
  // What no later text can change.
  std::string Feed(absl::string_view text);
  // What was held back; afterwards the stream is as new.
  std::string Finish();

 private:
  // For each row of the table, the end of its input so far that may be the beginning of `from`.
  std::array<std::string, kCleanUpTable.size()> held_;
};

// White space is Unicode's and the separators U+001C-001F, as Python's str.strip has it. Bytes that
// are not UTF-8 stay.
absl::string_view StripWhiteSpace(absl::string_view text);

}  // namespace md2::text

#endif  // MD2_CORE_TEXT_CLEAN_UP_H_
