#include "core/train/metrics_of_text.h"

#include <algorithm>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "core/train/code_points.h"

namespace md2::train {
namespace {

constexpr double kAnlsCut = 0.5;

int64_t Distance(const std::u32string& a, const std::u32string& b) {
  const std::u32string& outer = a.size() > b.size() ? a : b;
  const std::u32string& inner = a.size() > b.size() ? b : a;
  std::vector<int64_t> row(inner.size() + 1);  // from the outer text so far to each start of inner
  std::iota(row.begin(), row.end(), int64_t{0});
  for (size_t i = 0; i < outer.size(); ++i) {
    int64_t diagonal = std::exchange(row[0], static_cast<int64_t>(i) + 1);
    for (size_t j = 0; j < inner.size(); ++j) {
      const int64_t replaced = diagonal + (outer[i] == inner[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

// Distance / length of the longer one; 0 for two empty texts.
double NormalisedDistance(const std::u32string& a, const std::u32string& b) {
  const size_t length = std::max(a.size(), b.size());
  if (length == 0) return 0;
  return static_cast<double>(Distance(a, b)) / static_cast<double>(length);
}

std::u32string Folded(absl::string_view text) {
  std::string spaced(text);
  for (char& c : spaced) {
    if (absl::ascii_isspace(static_cast<unsigned char>(c))) c = ' ';
  }
  absl::RemoveExtraAsciiWhitespace(&spaced);
  std::u32string folded = CodePointsOf(spaced);
  std::transform(folded.begin(), folded.end(), folded.begin(), LowerCase);
  return folded;
}

}  // namespace

bool IsExactMatch(absl::string_view answer, absl::string_view reference) {
  return absl::StripAsciiWhitespace(answer) == absl::StripAsciiWhitespace(reference);
}

double Anls(absl::string_view answer, absl::string_view reference) {
  const double distance = NormalisedDistance(Folded(answer), Folded(reference));
  return distance < kAnlsCut ? 1 - distance : 0;
}

double CharAccuracy(absl::string_view answer, absl::string_view reference) {
  return 1 - NormalisedDistance(CodePointsOf(absl::StripAsciiWhitespace(answer)),
                                CodePointsOf(absl::StripAsciiWhitespace(reference)));
}

int64_t EditDistance(absl::string_view a, absl::string_view b) {
  return Distance(CodePointsOf(a), CodePointsOf(b));
}

void AnswerScores::Add(absl::string_view answer, absl::string_view reference) {
  ++n_;
  exact_sum_ += IsExactMatch(answer, reference) ? 1 : 0;
  anls_sum_ += Anls(answer, reference);
  char_sum_ += CharAccuracy(answer, reference);
}

}  // namespace md2::train
