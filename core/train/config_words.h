// Defines the published word of each enum value of TrainConfig:
//   kWordsOf   all words of an enum, in the order of its values
//   WordOf     Method::kLora -> "lora"
//   FindWord   "lora" -> Method::kLora

#ifndef MD2_CORE_TRAIN_CONFIG_WORDS_H_
#define MD2_CORE_TRAIN_CONFIG_WORDS_H_

#include <array>
#include <cstddef>
#include <optional>

#include "absl/strings/string_view.h"
#include "core/train/train_config.h"

namespace md2::train {

// One row an enum; its words in the order of its values, which begin at 0 and leave none out.
template <typename Enum>
inline constexpr std::array<const char*, 0> kWordsOf{};

template <>
inline constexpr std::array kWordsOf<Method> = {"full", "lora"};
template <>
inline constexpr std::array kWordsOf<TrainVision> = {"none", "projector", "all"};
template <>
inline constexpr std::array kWordsOf<Init> = {"base", "random"};
template <>
inline constexpr std::array kWordsOf<Tiles> = {"auto", "off"};
template <>
inline constexpr std::array kWordsOf<Attention> = {"auto", "causal", "prefix"};
template <>
inline constexpr std::array kWordsOf<ComputePrecision> = {"auto", "fp32", "bf16", "fp16"};
template <>
inline constexpr std::array kWordsOf<Schedule> = {"cosine", "linear", "constant", "moondream"};
template <>
inline constexpr std::array kWordsOf<ActivationCheckpointing> = {"auto", "none", "selective",
                                                                 "full"};
template <>
inline constexpr std::array kWordsOf<BestMetric> = {"loss", "token_accuracy", "exact_match", "anls",
                                                    "char_accuracy"};

template <typename Enum>
absl::string_view WordOf(Enum value) {
  return kWordsOf<Enum>[static_cast<size_t>(value)];
}

// Nothing for another word.
template <typename Enum>
std::optional<Enum> FindWord(absl::string_view word) {
  for (size_t i = 0; i < kWordsOf<Enum>.size(); ++i) {
    if (word == kWordsOf<Enum>[i]) return static_cast<Enum>(i);
  }
  return std::nullopt;
}

}  // namespace md2::train

#endif  // MD2_CORE_TRAIN_CONFIG_WORDS_H_
