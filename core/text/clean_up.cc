#include "core/text/clean_up.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "core/text/unicode_class.h"
#include "core/text/utf8.h"

namespace md2::text {
namespace {

// Length of the longest end of `text` that is a beginning of `pattern`, but not all of it.
size_t OverlapBytes(absl::string_view text, absl::string_view pattern) {
  for (size_t size = std::min(text.size(), pattern.size() - 1); size > 0; --size) {
    if (absl::EndsWith(text, pattern.substr(0, size))) return size;
  }
  return 0;
}

bool IsStripped(uint32_t code_point) {
  return UnicodeClassOf(code_point) == UnicodeClass::kSpace ||
         (code_point >= 0x1C && code_point <= 0x1F);
}

// Bytes of the white-space character at the end of `text`, 0 when there is none.
size_t LastSpaceBytes(absl::string_view text) {
  for (size_t size = 1; size <= std::min<size_t>(3, text.size()); ++size) {
    const Utf8Scan scan = ScanUtf8(text.substr(text.size() - size));
    if (scan.kind == Utf8Scan::Kind::kCharacter && scan.num_bytes == size) {
      return IsStripped(scan.code_point) ? size : 0;
    }
  }
  return 0;
}

}  // namespace

std::string CleanUp(absl::string_view text) {
  std::string result(text);
  for (const Replacement& row : kCleanUpTable) {
    result = absl::StrReplaceAll(result, {{row.from, row.to}});
  }
  return result;
}

std::string CleanUpStream::Feed(absl::string_view text) {
  std::string passed(text);
  for (size_t i = 0; i < kCleanUpTable.size(); ++i) {
    const Replacement& row = kCleanUpTable[i];
    const std::string input = std::exchange(held_[i], "") + passed;
    passed.clear();
    absl::string_view rest = input;
    for (size_t at = rest.find(row.from); at != absl::string_view::npos; at = rest.find(row.from)) {
      absl::StrAppend(&passed, rest.substr(0, at), row.to);
      rest.remove_prefix(at + row.from.size());
    }
    const size_t num_held = OverlapBytes(rest, row.from);
    held_[i] = std::string(rest.substr(rest.size() - num_held));
    absl::StrAppend(&passed, rest.substr(0, rest.size() - num_held));
  }
  return passed;
}

std::string CleanUpStream::Finish() {
  // What a row lets go at the end is input of the rows after it.
  std::string passed;
  for (size_t i = 0; i < kCleanUpTable.size(); ++i) {
    const Replacement& row = kCleanUpTable[i];
    std::string input = std::exchange(held_[i], "");
    input += passed;
    passed = absl::StrReplaceAll(input, {{row.from, row.to}});
  }
  return passed;
}

absl::string_view StripWhiteSpace(absl::string_view text) {
  while (!text.empty()) {
    const Utf8Scan scan = ScanUtf8(text);
    if (scan.kind != Utf8Scan::Kind::kCharacter || !IsStripped(scan.code_point)) break;
    text.remove_prefix(scan.num_bytes);
  }
  for (size_t size = LastSpaceBytes(text); size > 0; size = LastSpaceBytes(text)) {
    text.remove_suffix(size);
  }
  return text;
}

}  // namespace md2::text
