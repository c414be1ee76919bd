#include "core/data/repeats.h"

#include <cstring>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace md2::data {
namespace {

using base::Sha256Digest;

uint64_t FirstBits(const Sha256Digest& digest) {
  uint64_t bits = 0;
  std::memcpy(&bits, digest.data(), sizeof(bits));
  return bits;
}

absl::Span<const uint8_t> BytesOf(absl::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

uint64_t KeyOf(absl::string_view text) { return FirstBits(base::Sha256Of(BytesOf(text))); }

uint64_t QuestionKey(DataPart part, const Sha256Digest& image, absl::string_view question) {
  base::Sha256 sha256;
  sha256.Update(image);
  sha256.Update(BytesOf(part == DataPart::kTrain ? "t" : "v"));
  sha256.Update(BytesOf(question));
  return FirstBits(sha256.Finish());
}

}  // namespace

absl::optional<Repeat> Repeats::Add(DataPart part, int64_t row, const Sha256Digest& image,
                                    const Row& texts) {
  const uint64_t path = KeyOf(texts.image);
  const auto [found, is_new] = images_.try_emplace(image, FirstImage{part, row, path});
  const FirstImage& first = found->second;
  absl::optional<Repeat> same_question = AddQuestion(part, row, image, texts);
  if (is_new) return absl::nullopt;
  if (first.part != part) {
    return Repeat{"image", absl::StrCat("expected a picture that is not trained on, found that of "
                                        "row ",
                                        first.row + 1,
                                        " of the training data: take it out of one of the two, or "
                                        "the evaluation flatters")};
  }
  if (same_question.has_value()) return same_question;
  if (first.path == path) return absl::nullopt;
  return Repeat{"image", absl::StrCat("expected each picture under one path, found that of row ",
                                      first.row + 1, " under another: drop one of the files")};
}

absl::optional<Repeat> Repeats::AddQuestion(DataPart part, int64_t row, const Sha256Digest& image,
                                            const Row& texts) {
  const uint64_t answer = KeyOf(texts.answer);
  const auto [found, is_new] =
      questions_.try_emplace(QuestionKey(part, image, texts.question), FirstQuestion{row, answer});
  if (is_new) return absl::nullopt;
  const FirstQuestion& first = found->second;
  const bool is_same = first.answer == answer;
  return Repeat{
      is_same ? "question" : "answer",
      absl::StrCat("expected each question about a picture once, found that of row ", first.row + 1,
                   is_same ? " again with the same answer: drop one, or it weighs more than others"
                           : " again with another answer: keep the right one")};
}

}  // namespace md2::data
