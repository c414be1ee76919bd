// Defines
//   Moondream   the whole model: image and ids in, logits out
//   Prefix      BOS and one image, as the text model keeps them
//   Session     one question about a prefix, and what was answered so far
//
// Legend: P patches of a crop, D width of the text model.

#ifndef MD2_CORE_MODEL_MOONDREAM_H_
#define MD2_CORE_MODEL_MOONDREAM_H_

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "core/image/tiles.h"
#include "core/model/kv_cache.h"
#include "core/model/model_folder.h"
#include "core/model/precision.h"
#include "core/model/text_model.h"
#include "core/model/vision.h"

namespace md2::model {

struct Adapter;

enum class AttentionKind {
  kCausal,  // every token sees itself and what came before, as in the revisions of 2024
  kPrefix,  // BOS and the image see each other, as in those of 2025
};

// Immutable, share freely; of use to the model that made it only.
class Prefix {
 public:
  explicit Prefix(KvCache cache) : cache_(std::move(cache)) {}

  int64_t num_tokens() const { return cache_.capacity(); }
  int64_t num_bytes() const { return cache_.num_bytes(); }
  const KvCache& cache() const { return cache_; }
  // For the one reading that fills it.
  KvCache& mutable_cache() { return cache_; }

 private:
  KvCache cache_;
};

// Holds its prefix alive. One thread at a time.
class Session {
 public:
  Session(std::shared_ptr<const Prefix> prefix, KvCache cache)
      : prefix_(std::move(prefix)), cache_(std::move(cache)) {}

  const Prefix& prefix() const { return *prefix_; }
  int64_t num_tokens() const { return prefix_->num_tokens() + cache_.length(); }
  // How many more tokens it can take.
  int64_t room() const { return cache_.capacity() - cache_.length(); }
  // What follows its last token: [vocab], fp32.
  const at::Tensor& logits() const { return logits_; }

 private:
  friend class Moondream;

  std::shared_ptr<const Prefix> prefix_;
  KvCache cache_;
  at::Tensor logits_;
};

// The ids after the image of each question, and how many tokens its answer may take.
struct Questions {
  std::vector<std::vector<int64_t>> prompts;
  int64_t max_new_tokens = 0;
};

struct FirstReading {
  std::shared_ptr<const Prefix> prefix;
  std::vector<Session> sessions;  // one a prompt
};

struct ModelOptions {
  Precision precision = Precision::kFp32;
  c10::Device device = c10::kCPU;  // opened by OpenDevice
};

// Immutable, share freely: what grows belongs to sessions. Every method may return OUT_OF_MEMORY or
// INTERNAL; no exception of LibTorch leaves it. None takes part in autograd.
class Moondream {
 public:
  // MODEL_UNSUPPORTED for a revision that is not computed yet. REQUIRES: folder.weights is there.
  static absl::StatusOr<std::unique_ptr<const Moondream>> Load(const ModelFolder& folder,
                                                               const ModelOptions& options);

  // With a low-rank adapter beside the weights, which stay as they are. REQUIRES: CheckAdapterFits.
  static absl::StatusOr<std::unique_ptr<const Moondream>> LoadWithAdapter(
      const ModelFolder& folder, const Adapter& adapter, const ModelOptions& options);
  // Of weights that the caller has, adapters among them perhaps. Shares their memory: whoever
  // changes them lets no method run meanwhile. REQUIRES: all of WeightTable(sizes) is there.
  static absl::StatusOr<std::unique_ptr<const Moondream>> Create(const Sizes& sizes,
                                                                 const Weights& weights);

  const Sizes& sizes() const { return sizes_; }
  const VisionTower& vision() const { return vision_; }
  const TextModel& text() const { return text_; }

  // [P, D]: the embeddings that follow BOS. INTERNAL when the crops are not of the model's size.
  absl::StatusOr<at::Tensor> EncodeImage(const image::Crops& crops) const;

  // The same of each, to the same bit: small ones are read together where that changes nothing.
  // Nothing is kept after an error.
  absl::StatusOr<std::vector<at::Tensor>> EncodeImages(
      absl::Span<const image::Crops* const> images) const;

  // Reads BOS, the image and all questions about it in one pass. CONTEXT_OVERFLOW
  // (InvalidArgument), naming each question that leaves no room for a token of an answer; longer
  // answers than there is room for are what Session::room() allows.
  absl::StatusOr<FirstReading> Read(const at::Tensor& features, AttentionKind attention,
                                    const Questions& questions) const;
  // Further questions about an image that was read before; `prefix` outlives the call.
  absl::StatusOr<std::vector<Session>> Ask(std::shared_ptr<const Prefix> prefix,
                                           const Questions& questions) const;

  // Each session takes one more token; afterwards its logits follow that. After an error the
  // sessions are as before. REQUIRES: as many ids as sessions, each with room.
  absl::Status Step(absl::Span<Session* const> sessions, absl::Span<const int64_t> ids) const;

 private:
  absl::Status CheckCrops(const image::Crops& crops) const;
  size_t NumReadTogether(absl::Span<const image::Crops* const> images) const;
  Moondream(const Sizes& sizes, const Weights& weights)
      : sizes_(sizes), vision_(sizes, weights), text_(sizes, weights) {}

  absl::Status CheckRoom(int64_t prefix_tokens, const Questions& questions) const;
  std::vector<Session> MakeSessions(const std::shared_ptr<const Prefix>& prefix,
                                    const Questions& questions) const;
  // `rows` and `spans` of what comes before the questions, if anything does.
  void ReadQuestions(std::vector<at::Tensor> rows, std::vector<Span> spans,
                     const Questions& questions, std::vector<Session>& sessions) const;

  Sizes sizes_;
  VisionTower vision_;
  TextModel text_;
};

}  // namespace md2::model

#endif  // MD2_CORE_MODEL_MOONDREAM_H_
