// Defines TokenizerSpec, what a tokenizer.json says, as plain data.

#ifndef MD2_CORE_TEXT_TOKENIZER_SPEC_H_
#define MD2_CORE_TEXT_TOKENIZER_SPEC_H_

#include <optional>
#include <string>
#include <vector>

#include "core/text/token_id.h"

namespace md2::text {

struct Token {
  std::string written;  // as the file has it
  // What it stands for when `written` is in the byte alphabet (core/text/byte_alphabet.h).
  std::optional<std::string> bytes;
  bool in_vocabulary = false;  // what merges work on
  bool is_added = false;       // listed under added_tokens; it may be both
};

// Two neighbours that become one token; the position in the list is the rank, lowest first.
struct Merge {
  TokenId left = 0;
  TokenId right = 0;
  TokenId result = 0;
};

// A string that is cut out of a text before anything else.
struct AddedToken {
  std::string content;
  TokenId id = 0;
  bool is_special = false;     // a control token: left out of answers, refused in questions
  bool is_normalized = false;  // searched only between those that are not
};

struct TokenizerSpec {
  std::vector<Token> tokens;  // by id, without gaps
  std::vector<Merge> merges;  // by rank
  std::vector<AddedToken> added_tokens;
  bool add_prefix_space =
      false;              // a space before each stretch of text that does not begin with one
  bool use_regex = true;  // false: each stretch between added tokens is one pre-token
};

}  // namespace md2::text

#endif  // MD2_CORE_TEXT_TOKENIZER_SPEC_H_
