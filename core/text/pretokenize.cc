#include "core/text/pretokenize.h"

#include "absl/strings/match.h"
#include "core/text/unicode_class.h"
#include "core/text/utf8.h"

namespace md2::text {
namespace {

struct Character {
  size_t num_bytes;
  UnicodeClass kind;
};

// REQUIRES: at < text.size().
Character CharacterAt(absl::string_view text, size_t at) {
  const Utf8Scan scan = ScanUtf8(text.substr(at));
  return {scan.num_bytes, UnicodeClassOf(scan.code_point)};
}

// 's|'t|'re|'ve|'m|'ll|'d
size_t ContractionBytes(absl::string_view text) {
  if (text.size() < 2 || text[0] != '\'') return 0;
  switch (text[1]) {
    case 's':
    case 't':
    case 'm':
    case 'd':
      return 2;
    default:
      break;
  }
  for (const absl::string_view two : {"re", "ve", "ll"}) {
    if (absl::StartsWith(text.substr(1), two)) return 3;
  }
  return 0;
}

// End of the run of characters of that class which begins at `at`.
size_t RunEnd(absl::string_view text, size_t at, UnicodeClass kind) {
  while (at < text.size()) {
    const Character character = CharacterAt(text, at);
    if (character.kind != kind) break;
    at += character.num_bytes;
  }
  return at;
}

// \s+(?!\S)|\s+ : a run of white space leaves its last character to the text that follows it.
size_t SpaceBytes(absl::string_view text) {
  size_t end = 0;
  size_t last = 0;  // where the last character of the run begins
  while (end < text.size()) {
    const Character character = CharacterAt(text, end);
    if (character.kind != UnicodeClass::kSpace) break;
    last = end;
    end += character.num_bytes;
  }
  const bool text_follows = end < text.size();
  return text_follows && last > 0 ? last : end;
}

}  // namespace

size_t NextPreToken(absl::string_view text) {
  if (const size_t contraction = ContractionBytes(text); contraction > 0) return contraction;
  size_t begin = 0;
  Character character = CharacterAt(text, begin);
  if (text[0] == ' ' && text.size() > 1) {
    begin = 1;
    character = CharacterAt(text, begin);
  }
  if (character.kind == UnicodeClass::kSpace) return SpaceBytes(text);
  return RunEnd(text, begin + character.num_bytes, character.kind);
}

}  // namespace md2::text
