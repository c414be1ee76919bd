#include "core/text/utf8.h"

#include "absl/strings/str_cat.h"

namespace md2::text {
namespace {

constexpr absl::string_view kReplacement = "\xEF\xBF\xBD";

// What a lead byte says about the bytes after it.
struct Lead {
  size_t num_bytes = 0;  // 0: no character begins so
  uint8_t second_first = 0x80;
  uint8_t second_last = 0xBF;
};

Lead LeadOf(uint8_t byte) {
  if (byte < 0x80) return {1};
  if (byte < 0xC2) return {};
  if (byte < 0xE0) return {2};
  if (byte < 0xF0) {
    // E0 would be overlong below A0; ED would be a surrogate above 9F.
    return {3, static_cast<uint8_t>(byte == 0xE0 ? 0xA0 : 0x80),
            static_cast<uint8_t>(byte == 0xED ? 0x9F : 0xBF)};
  }
  if (byte < 0xF5) {
    // F0 would be overlong below 90; F4 would pass U+10FFFF above 8F.
    return {4, static_cast<uint8_t>(byte == 0xF0 ? 0x90 : 0x80),
            static_cast<uint8_t>(byte == 0xF4 ? 0x8F : 0xBF)};
  }
  return {};
}

}  // namespace

Utf8Scan ScanUtf8(absl::string_view text) {
  const uint8_t first = static_cast<uint8_t>(text[0]);
  if (first < 0x80) return {Utf8Scan::Kind::kCharacter, 1, first};
  const Lead lead = LeadOf(first);
  if (lead.num_bytes == 0) return {Utf8Scan::Kind::kInvalid, 1, 0};
  uint32_t code_point = first & (0x7Fu >> lead.num_bytes);
  for (size_t i = 1; i < lead.num_bytes; ++i) {
    if (i == text.size()) return {Utf8Scan::Kind::kIncomplete, i, 0};
    const uint8_t byte = static_cast<uint8_t>(text[i]);
    const bool fits =
        i == 1 ? byte >= lead.second_first && byte <= lead.second_last : (byte & 0xC0) == 0x80;
    if (!fits) return {Utf8Scan::Kind::kInvalid, i, 0};
    code_point = (code_point << 6) | (byte & 0x3F);
  }
  return {Utf8Scan::Kind::kCharacter, lead.num_bytes, code_point};
}

std::optional<size_t> FindInvalidUtf8(absl::string_view text) {
  size_t at = 0;
  while (at < text.size()) {
    const Utf8Scan scan = ScanUtf8(text.substr(at));
    if (scan.kind != Utf8Scan::Kind::kCharacter) return at;
    at += scan.num_bytes;
  }
  return std::nullopt;
}

std::string Utf8Repairer::Feed(absl::string_view bytes) {
  pending_.append(bytes.data(), bytes.size());
  std::string text;
  absl::string_view rest = pending_;
  while (!rest.empty()) {
    const Utf8Scan scan = ScanUtf8(rest);
    if (scan.kind == Utf8Scan::Kind::kIncomplete) break;
    const bool valid = scan.kind == Utf8Scan::Kind::kCharacter;
    absl::StrAppend(&text, valid ? rest.substr(0, scan.num_bytes) : kReplacement);
    rest.remove_prefix(scan.num_bytes);
  }
  pending_ = std::string(rest);
  return text;
}

std::string Utf8Repairer::Finish() {
  const bool held = !pending_.empty();
  pending_.clear();
  return held ? std::string(kReplacement) : std::string();
}

}  // namespace md2::text
