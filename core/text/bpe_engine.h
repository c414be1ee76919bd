// Defines BpeEngine, the one door to SentencePiece. Only std types here: SentencePiece's header
// declares an absl::string_view of its own, so nothing that includes Abseil may meet it.

#ifndef MD2_CORE_TEXT_BPE_ENGINE_H_
#define MD2_CORE_TEXT_BPE_ENGINE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace md2::text {

// Byte-pair encoding of one pre-token. It merges whatever neighbours together give a piece, the
// piece of the lowest rank first, the leftmost of equals; that this is GPT-2's rule is the caller's
// to check (core/text/merge_check.h). Immutable, share freely.
class BpeEngine {
 public:
  struct Piece {
    std::string characters;  // UTF-8, not empty, no two alike
    int32_t id = 0;
    int32_t rank = 0;  // of the merge that gives it; of no meaning for a single character
  };

  // Nothing when SentencePiece refuses the pieces, and then `problem` says why.
  static std::unique_ptr<BpeEngine> Create(const std::vector<Piece>& pieces, std::string* problem);
  ~BpeEngine();

  // Appends the ids of the pieces; false, with `ids` unchanged, when SentencePiece fails or meets a
  // character that is no piece. REQUIRES: characters is UTF-8.
  bool Encode(std::string_view characters, std::vector<int32_t>* ids) const;

 private:
  struct Impl;
  explicit BpeEngine(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

}  // namespace md2::text

#endif  // MD2_CORE_TEXT_BPE_ENGINE_H_
