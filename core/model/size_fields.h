// Defines the fields of the sizes as tables, for checking, reading and writing them alike.

#ifndef MD2_CORE_MODEL_SIZE_FIELDS_H_
#define MD2_CORE_MODEL_SIZE_FIELDS_H_

#include <cstdint>

#include "core/model/sizes.h"

namespace md2::model {

// A count of 1 to `max`. The limits are far above any model of this kind, and so low that the
// product of all that a tensor or a model multiplies stays below 63 bits.
template <typename Owner>
struct CountField {
  const char* name;
  int64_t Owner::* member;
  int64_t max;
};

// A number above 0 and up to `max`.
template <typename Owner>
struct RealField {
  const char* name;
  double Owner::* member;
  double max;
};

inline constexpr int64_t kMaxWidth = 65'536;
inline constexpr int64_t kMaxMlpWidth = 262'144;
inline constexpr int64_t kMaxBlocks = 1'024;
inline constexpr int64_t kMaxHeads = 1'024;
inline constexpr int64_t kMaxVocab = 4'194'304;
inline constexpr int64_t kMaxCrop = 4'096;

inline constexpr CountField<VisionSizes> kVisionCounts[] = {
    {"dim", &VisionSizes::dim, kMaxWidth},     {"depth", &VisionSizes::depth, kMaxBlocks},
    {"heads", &VisionSizes::heads, kMaxHeads}, {"mlp_dim", &VisionSizes::mlp_dim, kMaxMlpWidth},
    {"patch", &VisionSizes::patch, 256},       {"crop", &VisionSizes::crop, kMaxCrop},
};
inline constexpr RealField<VisionSizes> kVisionReals[] = {{"eps", &VisionSizes::eps, 1.0}};

inline constexpr CountField<TextSizes> kTextCounts[] = {
    {"dim", &TextSizes::dim, kMaxWidth},
    {"layers", &TextSizes::layers, kMaxBlocks},
    {"heads", &TextSizes::heads, kMaxHeads},
    {"mlp_dim", &TextSizes::mlp_dim, kMaxMlpWidth},
    {"vocab", &TextSizes::vocab, kMaxVocab},
    {"max_positions", &TextSizes::max_positions, 1'048'576},
    {"rotary_dim", &TextSizes::rotary_dim, kMaxWidth},
};
inline constexpr RealField<TextSizes> kTextReals[] = {
    {"rotary_theta", &TextSizes::rotary_theta, 1e12}, {"eps", &TextSizes::eps, 1.0}};

inline constexpr CountField<Sizes> kProjectorCount = {"projector_dim", &Sizes::projector_dim,
                                                      kMaxMlpWidth};
// Ids begin at 0; their limit is the vocabulary.
inline constexpr CountField<Sizes> kIds[] = {{"bos_id", &Sizes::bos_id, kMaxVocab},
                                             {"eos_id", &Sizes::eos_id, kMaxVocab}};

}  // namespace md2::model

#endif  // MD2_CORE_MODEL_SIZE_FIELDS_H_
