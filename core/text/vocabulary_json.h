// Defines ReadVocabulary: the part of tokenizer.json that says which tokens there are.

#ifndef MD2_CORE_TEXT_VOCABULARY_JSON_H_
#define MD2_CORE_TEXT_VOCABULARY_JSON_H_

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/text/tokenizer_spec.h"

namespace md2::text {

// Fills tokens, merges and added_tokens of `spec` from `model.vocab`, `model.merges` and
// `added_tokens`, each null when the file has none. Adds every problem; after one, `spec` is of no
// use.
void ReadVocabulary(const base::Json* vocab, const base::Json* merges,
                    const base::Json* added_tokens, TokenizerSpec& spec, base::ErrorList& problems);

}  // namespace md2::text

#endif  // MD2_CORE_TEXT_VOCABULARY_JSON_H_
