#include "core/text/stream_decoder.h"

namespace md2::text {

std::string StreamDecoder::Feed(TokenId id) {
  std::string text = repairer_.Feed(tokenizer_.BytesOfToken(id, options_.skip_special));
  return options_.clean_up ? clean_up_.Feed(text) : text;
}

std::string StreamDecoder::Finish() {
  std::string text = repairer_.Finish();
  if (!options_.clean_up) return text;
  text = clean_up_.Feed(text);
  return text + clean_up_.Finish();
}

}  // namespace md2::text
