#include "core/text/tokenizer_json.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/json_fields.h"
#include "core/base/quoted.h"
#include "core/base/status_macros.h"
#include "core/text/vocabulary_json.h"

namespace md2::text {
namespace {

using base::FieldReader;
using base::Found;

constexpr base::JsonLimits kLimits = {
    .max_bytes = kMaxTokenizerFileBytes, .max_depth = 16, .max_values = 8 * kMaxTokens};

constexpr char kGpt2Expression[] =
    R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)";

std::string TypeOf(const base::Json& value) {
  if (!value.is_object()) return "";
  const auto type = value.find("type");
  return type != value.end() && type->is_string() ? type->get<std::string>() : "";
}

std::string Described(const base::Json& value) {
  const std::string type = TypeOf(value);
  return type.empty() ? Found(value) : base::Quoted(type);
}

class FileReader {
 public:
  explicit FileReader(base::ErrorList& problems) : problems_(problems) {}

  TokenizerSpec Read(const base::Json& file) {
    FieldReader fields(file, "", problems_);
    fields.OnlySupported("version", {"1.0"});
    fields.OnlySupported("truncation", {nullptr});
    fields.OnlySupported("padding", {nullptr});
    fields.OnlySupported("normalizer", {nullptr});
    const base::Json* const added_tokens = fields.Optional("added_tokens");
    const base::Json* const model = fields.Required("model");
    if (const base::Json* value = fields.Required("pre_tokenizer")) ReadPreTokenizer(*value);
    if (const base::Json* value = fields.Required("decoder")) RequireByteLevel(*value, "decoder");
    const base::Json* const post_processor = fields.Optional("post_processor");
    if (post_processor != nullptr && !post_processor->is_null()) {
      RequireByteLevel(*post_processor, "post_processor");
    }
    fields.RefuseOthers();
    if (model != nullptr) ReadModel(*model, added_tokens);
    return std::move(spec_);
  }

 private:
  void ReadModel(const base::Json& model, const base::Json* added_tokens) {
    FieldReader fields(model, "model", problems_);
    fields.OnlySupported("type", {"BPE"});
    fields.OnlySupported("dropout", {nullptr});
    fields.OnlySupported("unk_token", {nullptr});
    fields.OnlySupported("continuing_subword_prefix", {nullptr, ""});
    fields.OnlySupported("end_of_word_suffix", {nullptr, ""});
    fields.OnlySupported("byte_fallback", {false});
    fields.OnlySupported("ignore_merges", {false});
    fields.Boolean("fuse_unk", false);  // of no meaning where nothing is unknown
    const base::Json* const vocab = fields.Required("vocab");
    const base::Json* const merges = fields.Required("merges");
    fields.RefuseOthers();
    ReadVocabulary(vocab, merges, added_tokens, spec_, problems_);
  }

  void ReadPreTokenizer(const base::Json& value) {
    if (TypeOf(value) != "Sequence") {
      ReadByteLevel(value, "pre_tokenizer");
      return;
    }
    FieldReader fields(value, "pre_tokenizer", problems_);
    fields.RequiredString("type");
    const base::Json* const steps = fields.Required("pretokenizers");
    fields.RefuseOthers();
    if (steps == nullptr) return;
    const bool is_list = steps->is_array();
    if (is_list && steps->size() == 1) {
      ReadByteLevel((*steps)[0], "pre_tokenizer.pretokenizers[0]");
    } else if (is_list && steps->size() == 2 && TypeOf((*steps)[0]) == "Split") {
      ReadSplit((*steps)[0], "pre_tokenizer.pretokenizers[0]");
      ReadByteLevel((*steps)[1], "pre_tokenizer.pretokenizers[1]");
      if (spec_.use_regex || spec_.add_prefix_space) {
        problems_.Add(
            "pre_tokenizer: only a ByteLevel with use_regex false and add_prefix_space "
            "false is supported after a Split");
      }
      spec_.use_regex = true;
    } else {
      problems_.Add(
          absl::StrCat("pre_tokenizer.pretokenizers: only [ByteLevel] or [Split, ByteLevel] "
                       "is supported, found ",
                       DescribeSteps(*steps)));
    }
  }

  static std::string DescribeSteps(const base::Json& steps) {
    if (!steps.is_array()) return Found(steps);
    std::string text = absl::StrCat(steps.size(), " steps:");
    for (size_t i = 0; i < steps.size() && i < 5; ++i) {
      absl::StrAppend(&text, " ", Described(steps[i]));
    }
    return text;
  }

  void ReadSplit(const base::Json& value, const std::string& path) {
    FieldReader fields(value, path, problems_);
    fields.RequiredString("type");
    fields.OnlySupported("behavior", {"Isolated"});
    fields.OnlySupported("invert", {false});
    const base::Json* const pattern = fields.Required("pattern");
    fields.RefuseOthers();
    if (pattern == nullptr) return;
    FieldReader pattern_fields(*pattern, absl::StrCat(path, ".pattern"), problems_);
    if (pattern_fields.Required("Regex") != nullptr) {
      pattern_fields.OnlySupported("Regex", {kGpt2Expression});
    }
    pattern_fields.RefuseOthers();
  }

  void ReadByteLevel(const base::Json& value, const std::string& path) {
    if (!RequireByteLevel(value, path)) return;
    FieldReader fields(value, path, problems_);
    fields.RequiredString("type");
    spec_.add_prefix_space = fields.Boolean("add_prefix_space", true);
    spec_.use_regex = fields.Boolean("use_regex", true);
    fields.Boolean("trim_offsets", true);  // of no meaning for ids
    fields.RefuseOthers();
  }

  bool RequireByteLevel(const base::Json& value, absl::string_view path) {
    if (TypeOf(value) == "ByteLevel") return true;
    problems_.Add(
        absl::StrCat(path, ": only \"ByteLevel\" is supported, found ", Described(value)));
    return false;
  }

  base::ErrorList& problems_;
  TokenizerSpec spec_;
};

}  // namespace

absl::StatusOr<TokenizerSpec> ReadTokenizerJson(absl::string_view json, absl::string_view what) {
  MD2_ASSIGN_OR_RETURN(const base::Json file, base::ParseJson(json, kLimits, what));
  base::ErrorList problems;
  TokenizerSpec spec = FileReader(problems).Read(file);
  MD2_RETURN_IF_ERROR(problems.ToStatus(
      absl::StatusCode::kInvalidArgument, base::Reason::kTokenizerInvalid,
      absl::StrCat("expected a byte-level BPE tokenizer, found otherwise in ", what)));
  return spec;
}

}  // namespace md2::text
