// Defines StreamDecoder, which gives an answer's text while its tokens are still being generated.

#ifndef MD2_CORE_TEXT_STREAM_DECODER_H_
#define MD2_CORE_TEXT_STREAM_DECODER_H_

#include <string>

#include "core/text/clean_up.h"
#include "core/text/token_id.h"
#include "core/text/tokenizer.h"
#include "core/text/utf8.h"

namespace md2::text {

// What Feed and Finish return, put together, is Decode of all the ids with the same options. Text
// once given is never taken back: half a character waits for its other half, and a space waits when
// what comes may clean it away. The tokenizer must outlive it. One thread at a time.
class StreamDecoder {
 public:
  explicit StreamDecoder(const Tokenizer& tokenizer, const DecodeOptions& options = {})
      : tokenizer_(tokenizer), options_(options) {}

  // The text that is certain after this id and was not before; often empty. Whole characters only.
  std::string Feed(TokenId id);

  // What was held back; afterwards the decoder is as new.
  std::string Finish();

 private:
  const Tokenizer& tokenizer_;
  const DecodeOptions options_;
  Utf8Repairer repairer_;
  CleanUpStream clean_up_;
};

}  // namespace md2::text

#endif  // MD2_CORE_TEXT_STREAM_DECODER_H_
