#include "core/model/sizes.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "core/base/error.h"
#include "core/base/quoted.h"
#include "core/model/size_fields.h"

namespace md2::model {
namespace {

// <|endoftext|> of the published tokenizer; the published config's 1 and 2 are wrong.
constexpr int64_t kPublishedEndId = 50256;

Sizes MiddleSizes() {
  Sizes s;
  s.vision = {.dim = 384, .depth = 6, .heads = 6, .mlp_dim = 1536, .crop = 378};
  s.projector_dim = 1024;
  s.text = {.dim = 512, .layers = 8, .heads = 8, .mlp_dim = 2048, .vocab = 51200, .rotary_dim = 32};
  s.bos_id = s.eos_id = kPublishedEndId;
  return s;
}

Sizes NanoSizes(const TokenizerFacts& tokenizer) {
  Sizes s;
  s.vision = {.dim = 160, .depth = 5, .heads = 5, .mlp_dim = 480, .crop = 126};
  s.projector_dim = 384;
  s.text = {.dim = 160,
            .layers = 4,
            .heads = 5,
            .mlp_dim = 640,
            .vocab = tokenizer.num_ids,
            .rotary_dim = 16};
  s.bos_id = s.eos_id = tokenizer.end_id;
  return s;
}

template <typename Owner, size_t N>
void CheckCounts(const Owner& owner, const CountField<Owner> (&fields)[N],
                 absl::string_view section, base::ErrorList& errors) {
  for (const CountField<Owner>& field : fields) {
    const int64_t value = owner.*field.member;
    if (value >= 1 && value <= field.max) continue;
    errors.Add(absl::StrCat(section, field.name, ": expected 1 to ", field.max, ", found ", value));
  }
}

template <typename Owner, size_t N>
void CheckReals(const Owner& owner, const RealField<Owner> (&fields)[N], absl::string_view section,
                base::ErrorList& errors) {
  for (const RealField<Owner>& field : fields) {
    const double value = owner.*field.member;
    if (value > 0 && value <= field.max) continue;  // NaN is neither
    errors.Add(absl::StrCat(section, field.name, ": expected a number above 0 and up to ",
                            field.max, ", found ", value));
  }
}

// From here on what is outside its own range is left out: that is a problem already.

void CheckMultiple(int64_t value, absl::string_view name, int64_t of, absl::string_view of_name,
                   base::ErrorList& errors) {
  if (value < 1 || of < 1 || value % of == 0) return;
  errors.Add(absl::StrCat(name, ": expected a multiple of ", of_name, ", which is ", of, ", found ",
                          value));
}

void CheckRotary(const TextSizes& t, base::ErrorList& errors) {
  if (t.heads < 1 || t.dim < t.heads || t.rotary_dim < 1) return;
  if (t.rotary_dim % 2 == 0 && t.rotary_dim <= t.head_dim()) return;
  errors.Add(
      absl::StrCat("text.rotary_dim: expected an even number up to the width of a head, which is ",
                   t.head_dim(), ", found ", t.rotary_dim));
}

void CheckPositions(const Sizes& s, base::ErrorList& errors) {
  const VisionSizes& v = s.vision;
  if (v.patch < 1 || v.crop < v.patch || v.crop > kMaxCrop || s.text.max_positions < 1) return;
  if (s.text.max_positions > s.prefix_tokens()) return;
  errors.Add(
      absl::StrCat("text.max_positions: expected more than the tokens of BOS and image, which "
                   "are ",
                   s.prefix_tokens(), ", found ", s.text.max_positions));
}

void CheckIds(const Sizes& s, base::ErrorList& errors) {
  if (s.text.vocab < 1) return;
  for (const CountField<Sizes>& field : kIds) {
    const int64_t id = s.*field.member;
    if (id >= 0 && id < s.text.vocab) continue;
    errors.Add(absl::StrCat(field.name, ": expected an id of the vocabulary, 0 to ",
                            s.text.vocab - 1, ", found ", id));
  }
}

}  // namespace

Sizes RealSizes() {
  Sizes s;
  s.vision = {.dim = 1152, .depth = 27, .heads = 16, .mlp_dim = 4304, .crop = 378};
  s.projector_dim = 8192;
  s.text = {
      .dim = 2048, .layers = 24, .heads = 32, .mlp_dim = 8192, .vocab = 51200, .rotary_dim = 32};
  s.bos_id = s.eos_id = kPublishedEndId;
  return s;
}

absl::StatusOr<Sizes> NamedSizes(absl::string_view name, const TokenizerFacts& tokenizer) {
  if (name == "real") return RealSizes();
  if (name == "middle") return MiddleSizes();
  if (name == "nano") return NanoSizes(tokenizer);
  return base::MakeError(
      absl::StatusCode::kInvalidArgument, base::Reason::kUsageInvalid,
      absl::StrCat("expected the sizes real, middle or nano, found ", base::Quoted(name)));
}

absl::Status ValidateSizes(const Sizes& sizes, absl::string_view what) {
  base::ErrorList errors;
  CheckCounts(sizes.vision, kVisionCounts, "vision.", errors);
  CheckReals(sizes.vision, kVisionReals, "vision.", errors);
  CheckCounts(sizes, {kProjectorCount}, "", errors);
  CheckCounts(sizes.text, kTextCounts, "text.", errors);
  CheckReals(sizes.text, kTextReals, "text.", errors);
  CheckMultiple(sizes.vision.dim, "vision.dim", sizes.vision.heads, "vision.heads", errors);
  CheckMultiple(sizes.vision.crop, "vision.crop", sizes.vision.patch, "vision.patch", errors);
  CheckMultiple(sizes.text.dim, "text.dim", sizes.text.heads, "text.heads", errors);
  CheckRotary(sizes.text, errors);
  CheckPositions(sizes, errors);
  CheckIds(sizes, errors);
  return errors.ToStatus(absl::StatusCode::kInvalidArgument, base::Reason::kModelConfigInvalid,
                         absl::StrCat("invalid sizes in ", what));
}

}  // namespace md2::model
