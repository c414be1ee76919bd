// Any bytes as a tokenizer.json: refused, or a tokenizer that encodes and decodes.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "core/text/stream_decoder.h"
#include "core/text/tokenizer.h"
#include "core/text/utf8.h"

namespace {

constexpr absl::string_view kText =
    "\n\nQuestion: What's  written here? abab aaaaaaa <|endoftext|>\t\t12 日本 😀\n\nAnswer: a b c";

void Require(bool condition) {
  if (!condition) std::abort();
}

void Use(const md2::text::Tokenizer& tokenizer) {
  const absl::StatusOr<std::vector<md2::text::TokenId>> ids = tokenizer.Encode(kText);
  Require(ids.ok());
  for (const md2::text::TokenId id : *ids) {
    Require(id >= 0 && static_cast<size_t>(id) < tokenizer.num_ids());
  }
  const std::string text = tokenizer.Decode(*ids);
  Require(!md2::text::FindInvalidUtf8(text).has_value());
  md2::text::StreamDecoder decoder(tokenizer);
  std::string streamed;
  for (const md2::text::TokenId id : *ids) streamed += decoder.Feed(id);
  streamed += decoder.Finish();
  Require(streamed == text);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto tokenizer = md2::text::Tokenizer::FromJson(
      absl::string_view(reinterpret_cast<const char*>(data), size), "the input");
  if (tokenizer.ok()) Use(**tokenizer);
  return 0;
}
