// Defines the sizes of a model as data; nothing else in the code knows 27, 378, 729 or 2048.
//   VisionSizes, TextSizes, Sizes
//   NamedSizes      the built-in sizes: real, middle, nano
//   ValidateSizes   what a model must satisfy before anything is computed from its sizes
//   SizesToJson, SizesFromJson   the object `md2_sizes` of config.json

#ifndef MD2_CORE_MODEL_SIZES_H_
#define MD2_CORE_MODEL_SIZES_H_

#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/base/json_fwd.h"

namespace md2::model {

struct VisionSizes {
  int64_t dim = 0;
  int64_t depth = 0;  // blocks
  int64_t heads = 0;
  int64_t mlp_dim = 0;
  int64_t patch = 14;  // pixels on each side of a patch
  int64_t crop = 0;    // pixels on each side of one crop, a multiple of `patch`
  double eps = 1e-5;   // of every layer norm

  int64_t grid() const { return crop / patch; }        // patches on each side of one crop
  int64_t patches() const { return grid() * grid(); }  // patches of one crop
  int64_t head_dim() const { return dim / heads; }
  int64_t patch_values() const { return 3 * patch * patch; }  // RGB values of one patch
  int64_t crop_values() const { return 3 * crop * crop; }     // RGB values of one crop

  bool operator==(const VisionSizes&) const = default;
};

struct TextSizes {
  int64_t dim = 0;
  int64_t layers = 0;
  int64_t heads = 0;
  int64_t mlp_dim = 0;
  int64_t vocab = 0;             // rows of the embedding and of the head
  int64_t max_positions = 2048;  // tokens of the longest sequence, the image's included
  int64_t rotary_dim = 0;        // leading part of each head that is rotated; even
  double rotary_theta = 10000.0;
  double eps = 1e-5;  // of every layer norm

  int64_t head_dim() const { return dim / heads; }

  bool operator==(const TextSizes&) const = default;
};

// Rows of the vision tower that are read in one pass at most, unless one image has more.
inline constexpr int64_t kRowsReadTogether = 4096;

struct Sizes {
  VisionSizes vision;
  int64_t projector_dim = 0;  // width between the projector's two layers
  TextSizes text;
  int64_t bos_id = 0;  // begins every sequence, and pads
  int64_t eos_id = 0;  // ends every answer

  int64_t image_tokens() const { return vision.patches(); }
  int64_t prefix_tokens() const { return 1 + image_tokens(); }  // BOS and the image

  bool operator==(const Sizes&) const = default;
};

// The published model, revisions from 2024-05-20 on.
Sizes RealSizes();

// What a named size takes from the tokenizer that goes with it.
struct TokenizerFacts {
  int64_t num_ids = 0;  // one more than the highest id
  int64_t end_id = 0;   // of <|endoftext|>
};

// "real", "middle" or "nano"; nano alone takes its vocabulary, bos_id and eos_id from the
// tokenizer. USAGE_INVALID for another name.
absl::StatusOr<Sizes> NamedSizes(absl::string_view name, const TokenizerFacts& tokenizer);

// OK when every count is positive and within limits that no arithmetic on shapes can overflow,
// heads divide widths, patches divide the crop, the rotary part is even and fits its head, the
// image prefix leaves a position for text, and both ids are rows of the vocabulary. Else
// MODEL_CONFIG_INVALID, naming `what` and every problem.
absl::Status ValidateSizes(const Sizes& sizes, absl::string_view what);

base::Json SizesToJson(const Sizes& sizes);

// Strict: MODEL_CONFIG_INVALID names every missing, unknown and mistyped key and, when all are
// there, everything that ValidateSizes finds. `what` names the source.
absl::StatusOr<Sizes> SizesFromJson(const base::Json& json, absl::string_view what);

}  // namespace md2::model

#endif  // MD2_CORE_MODEL_SIZES_H_
