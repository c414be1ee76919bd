// Defines CheckMerges: whether an engine that merges whatever neighbours give a vocabulary string
// (core/text/bpe_engine.h) computes the same as the rule "apply the listed merges, lowest rank
// first". It does when
//   (i)   no two merges give the same string,
//   (ii)  the parts of each merge come from earlier merges or are single bytes,
//   (iii) every vocabulary string tokenises to itself.

#ifndef MD2_CORE_TEXT_MERGE_CHECK_H_
#define MD2_CORE_TEXT_MERGE_CHECK_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "core/text/tokenizer_spec.h"

namespace md2::text {

// OK when all 256 bytes are tokens and (i) to (iii) hold; added tokens and "<|endoftext|>" need no
// merge that gives them. Else TOKENIZER_INVALID, naming `what` and every token and merge that
// fails; (iii) is only looked at when the rest holds. Merges are counted from 0, as ranks.
// REQUIRES: ids in spec.merges are of tokens in the vocabulary that stand for bytes, and the
// result's bytes are those of the parts.
absl::Status CheckMerges(const TokenizerSpec& spec, absl::string_view what);

}  // namespace md2::text

#endif  // MD2_CORE_TEXT_MERGE_CHECK_H_
