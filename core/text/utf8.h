// Defines reading of UTF-8 (RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF):
//   ScanUtf8      one character
//   FindInvalidUtf8
//   Utf8Repairer  a stream of bytes that becomes valid text

#ifndef MD2_CORE_TEXT_UTF8_H_
#define MD2_CORE_TEXT_UTF8_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace md2::text {

struct Utf8Scan {
  enum class Kind {
    kCharacter,   // a whole character
    kInvalid,     // bytes that no continuation makes valid
    kIncomplete,  // the text ends within a character
  };
  Kind kind = Kind::kInvalid;
  // Bytes of the character, of the incomplete one, or of the maximal part of an invalid sequence,
  // which one U+FFFD replaces (the practice that Unicode recommends). At least 1.
  size_t num_bytes = 1;
  uint32_t code_point = 0;  // of a whole character
};

// What `text` begins with. REQUIRES: text is not empty.
Utf8Scan ScanUtf8(absl::string_view text);

// Offset of the first byte that is not part of a whole character.
std::optional<size_t> FindInvalidUtf8(absl::string_view text);

// Turns bytes that come in pieces into valid text. Each maximal invalid part becomes one U+FFFD.
// However the bytes are cut into pieces, the text is the same. One thread at a time.
class Utf8Repairer {
 public:
  // What is certain now; holds back at most 3 bytes that may yet become a character.
  std::string Feed(absl::string_view bytes);
  // What was held back, as U+FFFD; afterwards the repairer is as new.
  std::string Finish();

 private:
  std::string pending_;
};

}  // namespace md2::text

#endif  // MD2_CORE_TEXT_UTF8_H_
