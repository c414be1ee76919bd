#include "core/text/bpe_engine.h"

#include <utility>

// No Abseil in this file; see the header.
#include "sentencepiece_model.pb.h"
#include "sentencepiece_processor.h"

namespace md2::text {
namespace {

// Holds a space, which is no character of the byte alphabet, so no text becomes it.
constexpr char kUnknownPiece[] = "< unknown >";

std::unique_ptr<sentencepiece::ModelProto> MakeModel(const std::vector<BpeEngine::Piece>& pieces) {
  auto model = std::make_unique<sentencepiece::ModelProto>();
  for (const BpeEngine::Piece& piece : pieces) {
    sentencepiece::ModelProto::SentencePiece* const added = model->add_pieces();
    added->set_piece(piece.characters);
    added->set_score(static_cast<float>(-piece.rank));
    added->set_type(sentencepiece::ModelProto::SentencePiece::NORMAL);
  }
  sentencepiece::ModelProto::SentencePiece* const unknown = model->add_pieces();
  unknown->set_piece(kUnknownPiece);
  unknown->set_type(sentencepiece::ModelProto::SentencePiece::UNKNOWN);

  sentencepiece::TrainerSpec* const trainer = model->mutable_trainer_spec();
  trainer->set_model_type(sentencepiece::TrainerSpec::BPE);
  trainer->set_byte_fallback(false);
  trainer->set_treat_whitespace_as_suffix(false);

  sentencepiece::NormalizerSpec* const normalizer = model->mutable_normalizer_spec();
  normalizer->set_name("identity");
  normalizer->set_add_dummy_prefix(false);
  normalizer->set_remove_extra_whitespaces(false);
  normalizer->set_escape_whitespaces(false);
  return model;
}

}  // namespace

struct BpeEngine::Impl {
  sentencepiece::SentencePieceProcessor processor;
  std::vector<int32_t> ids;  // by piece
};

BpeEngine::BpeEngine(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
BpeEngine::~BpeEngine() = default;

std::unique_ptr<BpeEngine> BpeEngine::Create(const std::vector<Piece>& pieces,
                                             std::string* problem) {
  auto impl = std::make_unique<Impl>();
  impl->ids.reserve(pieces.size());
  for (const Piece& piece : pieces) impl->ids.push_back(piece.id);
  const sentencepiece::util::Status status = impl->processor.Load(MakeModel(pieces));
  if (!status.ok()) {
    *problem = status.ToString();
    return nullptr;
  }
  return std::unique_ptr<BpeEngine>(new BpeEngine(std::move(impl)));
}

bool BpeEngine::Encode(std::string_view characters, std::vector<int32_t>* ids) const {
  std::vector<int> found;
  if (!impl_->processor.Encode(characters, &found).ok()) return false;
  for (const int piece : found) {
    if (piece < 0 || static_cast<size_t>(piece) >= impl_->ids.size()) return false;
  }
  for (const int piece : found) ids->push_back(impl_->ids[static_cast<size_t>(piece)]);
  return true;
}

}  // namespace md2::text
