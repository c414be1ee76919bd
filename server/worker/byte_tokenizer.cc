#include "server/worker/byte_tokenizer.h"

#include "core/base/json.h"
#include "core/text/byte_alphabet.h"
#include "core/text/reserved_markers.h"

namespace md2::worker {

using base::Json;

std::string ByteTokenizerJson() {
  constexpr int kNumBytes = 256;
  Json vocabulary = Json::object();
  for (int byte = 0; byte < kNumBytes; ++byte) {
    std::string character;
    text::AppendAsCharacters(std::string(1, static_cast<char>(byte)), &character);
    vocabulary[character] = byte;
  }
  const Json byte_level = {{"type", "ByteLevel"},
                           {"add_prefix_space", false},
                           {"trim_offsets", true},
                           {"use_regex", true}};
  const Json end_of_text = {
      {"id", kNumBytes}, {"content", text::kEndOfText}, {"single_word", false}, {"lstrip", false},
      {"rstrip", false}, {"normalized", false},         {"special", true}};
  const Json document = {
      {"version", "1.0"},
      {"added_tokens", Json::array({end_of_text})},
      {"normalizer", nullptr},
      {"pre_tokenizer", byte_level},
      {"post_processor", nullptr},
      {"decoder", byte_level},
      {"model", {{"type", "BPE"}, {"vocab", vocabulary}, {"merges", Json::array()}}},
  };
  return document.dump() + "\n";
}

}  // namespace md2::worker
