// Defines how a generated answer is scored against its reference, by Unicode code points:
//   IsExactMatch, Anls, CharAccuracy   one answer
//   AnswerScores                       the means over many
//
// Texts are UTF-8; a byte that is not part of it counts as one character that differs from all
// characters of valid text. Normal forms are not unified.

#ifndef MD2_CORE_TRAIN_METRICS_OF_TEXT_H_
#define MD2_CORE_TRAIN_METRICS_OF_TEXT_H_

#include <cstdint>

#include "absl/strings/string_view.h"
#include "core/train/estimate.h"

namespace md2::train {

// Equal, but for ASCII white space before and behind. Case counts.
bool IsExactMatch(absl::string_view answer, absl::string_view reference);

// Normalised similarity of ST-VQA (Biten et al. 2019, equation 1), as DocVQA uses it: 1 - NL where
// NL < 0.5, else 0, and NL is the edit distance divided by the longer one's length. Both texts are
// first put in lower case, and their runs of ASCII white space made one space, none at the ends.
// Lower case is that of ASCII, Latin-1, Latin Extended-A, Greek and Cyrillic letters; others stay.
// In [0, 1]; 1 for two empty texts.
double Anls(absl::string_view answer, absl::string_view reference);

// 1 - edit distance / length of the longer one, texts as they are but for ASCII white space at the
// ends. Case counts and nothing is cut off. In [0, 1]; 1 for two empty texts.
double CharAccuracy(absl::string_view answer, absl::string_view reference);

// Insertions, deletions and replacements of one code point that make `b` of `a` (Levenshtein).
// Time grows with the product of the lengths, memory with the shorter one.
int64_t EditDistance(absl::string_view a, absl::string_view b);

// One thread at a time.
class AnswerScores {
 public:
  void Add(absl::string_view answer, absl::string_view reference);

  Estimate exact_match() const { return WilsonEstimate(exact_sum_, n_); }
  Estimate anls() const { return WilsonEstimate(anls_sum_, n_); }
  Estimate char_accuracy() const { return WilsonEstimate(char_sum_, n_); }

 private:
  int64_t n_ = 0;
  double exact_sum_ = 0;
  double anls_sum_ = 0;
  double char_sum_ = 0;
};

}  // namespace md2::train

#endif  // MD2_CORE_TRAIN_METRICS_OF_TEXT_H_
