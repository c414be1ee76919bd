#include "core/model/revision_table.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "core/base/error.h"
#include "core/base/quoted.h"
#include "core/base/status_macros.h"
#include "core/model/weight_table.h"

namespace md2::model {
namespace {

using base::Revision;

constexpr char kWrapperPrefix[] = "model.";
constexpr absl::string_view kCompiledComponent = "_orig_mod";

struct NameRule {
  absl::string_view name_2025;
  absl::string_view name_2024;
};

// Whole prefixes, the first that fits; a block's number stands between two rules of one row below.
constexpr NameRule kPrefixRules[] = {
    {"vision.patch_emb.", "vision_encoder.encoder.model.visual.patch_embed.linear."},
    {"vision.pos_emb", "vision_encoder.encoder.model.visual.pos_embed"},
    {"vision.post_ln.", "vision_encoder.encoder.model.visual.norm."},
    {"vision.proj_mlp.", "vision_encoder.projection.mlp."},
    {"text.wte", "text_model.transformer.embd.wte.weight"},
    {"text.post_ln.", "text_model.lm_head.ln."},
    {"text.lm_head.", "text_model.lm_head.linear."},
    {"region.coord_encoder.", "region_model.coordinate_encoder."},
    {"region.coord_decoder.", "region_model.coordinate_decoder."},
    {"region.size_encoder.", "region_model.size_encoder."},
    {"region.size_decoder.", "region_model.size_decoder."},
    {"region.coord_features", "region_model.coordinate_features.weight"},
    {"region.size_features", "region_model.size_features.weight"},
};

// PREFIX, a number and ".", then a part of the block.
struct BlockRule {
  NameRule prefix;
  absl::Span<const NameRule> parts;
};

constexpr NameRule kVisionParts[] = {
    {"ln1.", "norm1."}, {"ln2.", "norm2."}, {"attn.", "attn."}, {"mlp.", "mlp."}};
constexpr NameRule kTextParts[] = {{"ln.", "ln."},
                                   {"attn.qkv.", "mixer.Wqkv."},
                                   {"attn.proj.", "mixer.out_proj."},
                                   {"mlp.", "mlp."}};
const BlockRule kBlockRules[] = {
    {{"vision.blocks.", "vision_encoder.encoder.model.visual.blocks."}, kVisionParts},
    {{"text.blocks.", "text_model.transformer.h."}, kTextParts},
};

// The name with `rules` applied to its front; empty when none fits. A rule that does not end in "."
// names the whole.
std::string ApplyRules(absl::string_view name, absl::Span<const NameRule> rules) {
  for (const NameRule& rule : rules) {
    const bool fits = absl::EndsWith(rule.name_2025, ".") ? absl::StartsWith(name, rule.name_2025)
                                                          : name == rule.name_2025;
    if (fits) return absl::StrCat(rule.name_2024, name.substr(rule.name_2025.size()));
  }
  return "";
}

std::string ApplyBlockRule(absl::string_view name, const BlockRule& rule) {
  if (!absl::ConsumePrefix(&name, rule.prefix.name_2025)) return "";
  const size_t dot = name.find('.');
  if (dot == absl::string_view::npos) return "";
  const std::string part = ApplyRules(name.substr(dot + 1), rule.parts);
  if (part.empty()) return "";
  return absl::StrCat(rule.prefix.name_2024, name.substr(0, dot + 1), part);
}

std::string WithoutWrappers(absl::string_view name) {
  absl::ConsumePrefix(&name, kWrapperPrefix);
  if (!absl::StrContains(name, kCompiledComponent)) return std::string(name);
  std::vector<absl::string_view> components = absl::StrSplit(name, '.');
  components.erase(std::remove(components.begin(), components.end(), kCompiledComponent),
                   components.end());
  return absl::StrJoin(components, ".");
}

// Empty unless `plain` is a name of 2025.
std::string From2025(absl::string_view plain) {
  std::string name = ApplyRules(plain, kPrefixRules);
  for (const BlockRule& rule : kBlockRules) {
    if (name.empty()) name = ApplyBlockRule(plain, rule);
  }
  return name;
}

bool IsModelName(absl::string_view canonical) {
  return absl::StartsWith(canonical, "vision_encoder.") ||
         absl::StartsWith(canonical, names::kText) || absl::StartsWith(canonical, names::kRegion);
}

// Older than 2024-05-20: the projector takes one feature map instead of two.
absl::Status CheckProjector(const TensorEntry& fc1, const Sizes& sizes, absl::string_view what) {
  const std::vector<int64_t> shape_before = {sizes.projector_dim, sizes.vision.dim};
  if (fc1.shape != shape_before) return absl::OkStatus();
  return base::MakeError(
      absl::StatusCode::kFailedPrecondition, base::Reason::kModelUnsupported,
      absl::StrCat(
          "a revision before 2024-05-20, which this build does not compute; take 2024-07-23 "
          "instead. Expected a projector that takes two feature maps, ",
          ShapeText({sizes.projector_dim, 2 * sizes.vision.dim}), ", found one that takes one, ",
          ShapeText(fc1.shape), ": ", what));
}

}  // namespace

std::string CanonicalName(absl::string_view name) {
  std::string plain = WithoutWrappers(name);
  std::string translated = From2025(plain);
  return translated.empty() ? plain : translated;
}

absl::StatusOr<Revision> DeduceRevision(const std::vector<TensorEntry>& entries, const Sizes& sizes,
                                        absl::string_view what) {
  bool has_known = false;
  bool has_2025 = false;
  bool has_region = false;
  bool has_bf16 = false;
  const std::string fc1 = absl::StrCat(names::kProjector, "fc1.weight");
  for (const TensorEntry& entry : entries) {
    const std::string plain = WithoutWrappers(entry.name);
    const std::string translated = From2025(plain);
    const std::string& canonical = translated.empty() ? plain : translated;
    if (!IsModelName(canonical)) continue;
    has_known = true;
    has_2025 = has_2025 || !translated.empty();
    has_region = has_region || absl::StartsWith(canonical, names::kRegion);
    has_bf16 = has_bf16 || entry.dtype == Dtype::kBF16;
    if (canonical == fc1) MD2_RETURN_IF_ERROR(CheckProjector(entry, sizes, what));
  }
  if (!has_known) {
    return base::MakeError(
        absl::StatusCode::kInvalidArgument, base::Reason::kModelWeightsInvalid,
        absl::StrCat("no known revision: expected tensors named as in a published model, as ",
                     names::kText, "transformer.embd.wte.weight, found ",
                     entries.empty() ? "none" : base::Quoted(entries.front().name), ": ", what));
  }
  if (has_2025) return has_bf16 ? Revision::k2025_06_21 : Revision::k2025_04_14;
  return has_region ? Revision::k2024_08_26 : Revision::k2024_07_23;
}

absl::Status CheckRunnable(Revision revision) {
  if (revision == Revision::k2024_07_23 || revision == Revision::k2024_08_26) {
    return absl::OkStatus();
  }
  return base::MakeError(
      absl::StatusCode::kFailedPrecondition, base::Reason::kModelUnsupported,
      absl::StrCat(
          "this build recognises and describes the revisions of 2025, and computes none of "
          "them: expected 2024-07-23 or 2024-08-26, found ",
          base::RevisionName(revision)));
}

}  // namespace md2::model
