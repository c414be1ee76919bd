// Defines ByteTokenizerJson, a tokenizer.json for model folders that nobody gave one.

#ifndef MD2_SERVER_WORKER_BYTE_TOKENIZER_H_
#define MD2_SERVER_WORKER_BYTE_TOKENIZER_H_

#include <string>

namespace md2::worker {

// The 256 bytes as ids 0 to 255, "<|endoftext|>" as 256, no merges.
std::string ByteTokenizerJson();

}  // namespace md2::worker

#endif  // MD2_SERVER_WORKER_BYTE_TOKENIZER_H_
