#include "tests/unit/core/train/asked_model.h"

#include <stdexcept>

#include "absl/strings/str_cat.h"
#include "core/base/file_env.h"
#include "tests/testing/tiny_model.h"

namespace md2::train {
namespace {

model::Sizes Sizes() {
  model::Sizes sizes = testing::TinyModelSizes();
  sizes.text.vocab = 600;
  sizes.text.max_positions = 64;
  sizes.eos_id = kEndId;
  return sizes;
}

std::unique_ptr<const model::Moondream> Model() {
  testing::TinyModelOptions options;
  options.sizes = Sizes();
  return testing::MakeTinyModel(options);
}

std::unique_ptr<const text::Tokenizer> TinyTokenizer() {
  auto tokenizer = text::Tokenizer::Load(
      *base::RealFileEnv(), MD2_SOURCE_DIR "/tests/golden/tokenizer/tiny-tokenizer.json");
  if (!tokenizer.ok()) throw std::runtime_error(tokenizer.status().ToString());
  return *std::move(tokenizer);
}

}  // namespace

absl::StatusOr<at::Tensor> MemFeatures::Get(int64_t row) {
  asked.push_back(row);
  if (row == failing_row) return failure;
  const auto seed = static_cast<uint64_t>(images_.at(static_cast<size_t>(row)));
  return testing::RandomValues({sizes_.image_tokens(), sizes_.text.dim}, seed);
}

AskedModel::AskedModel(const std::string& images)
    : tokenizer(TinyTokenizer()), model(Model()), features(Sizes(), images) {
  for (size_t i = 0; i < images.size(); ++i) {
    const std::string question(1 + i % 3, 'a' + static_cast<char>(i % 26));
    rows.push_back({.row = static_cast<int64_t>(i),
                    .image = images.substr(i, 1),
                    .question = question,
                    .reference = "b"});
  }
}

Answering AskedModel::answering(model::AttentionKind attention) {
  return {*model, *tokenizer, base::Revision::k2024_08_26, attention, features};
}

}  // namespace md2::train
