// Defines Quoted, untrusted text made fit for an error: in quotes, escaped, cut when long.

#ifndef MD2_CORE_BASE_QUOTED_H_
#define MD2_CORE_BASE_QUOTED_H_

#include <cstddef>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace md2::base {

inline constexpr size_t kMaxQuotedBytes = 200;

inline std::string Quoted(absl::string_view text) {
  const bool cut = text.size() > kMaxQuotedBytes;
  // What is cut may end within a character, so all of it is escaped.
  return cut ? absl::StrCat("\"", absl::CEscape(text.substr(0, kMaxQuotedBytes)), "\" (cut)")
             : absl::StrCat("\"", absl::Utf8SafeCEscape(text), "\"");
}

}  // namespace md2::base

#endif  // MD2_CORE_BASE_QUOTED_H_
