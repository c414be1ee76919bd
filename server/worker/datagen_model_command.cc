#include "server/worker/datagen_model_command.h"

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>

#include "absl/strings/str_cat.h"
#include "core/base/cancel.h"
#include "core/base/error.h"
#include "core/base/status_macros.h"
#include "core/model/config.h"
#include "core/model/random_model.h"
#include "core/text/tokenizer.h"
#include "core/text/tokenizer_json.h"
#include "server/worker/byte_tokenizer.h"
#include "server/worker/compute_settings.h"
#include "server/worker/model_report.h"
#include "server/worker/progress_line.h"

namespace md2::worker {
namespace {

using base::SettingKind;

struct DatagenModelOptions {
  std::string sizes;      // a name or a file
  std::string tokenizer;  // a file; empty: none
  uint64_t seed = 0;
  model::Dtype dtype = model::Dtype::kF16;
  std::string out;
  int num_threads = 1;
};

// tokenizer.json and what sizes take from it.
struct GivenTokenizer {
  std::string json;
  std::string what;  // for errors
  int64_t num_ids = 0;
  std::optional<text::TokenId> end_id;
};

absl::StatusOr<DatagenModelOptions> ReadOptions(const base::ResolvedSettings& settings) {
  DatagenModelOptions options;
  MD2_ASSIGN_OR_RETURN(options.sizes, settings.GetString("sizes"));
  MD2_ASSIGN_OR_RETURN(options.tokenizer, settings.GetString("tokenizer"));
  MD2_ASSIGN_OR_RETURN(const int64_t seed, settings.GetInt("seed"));
  options.seed = static_cast<uint64_t>(seed);
  MD2_ASSIGN_OR_RETURN(const std::string dtype, settings.GetString("dtype"));
  options.dtype = dtype == "f32" ? model::Dtype::kF32 : model::Dtype::kF16;
  MD2_ASSIGN_OR_RETURN(options.out, settings.GetString("out"));
  MD2_ASSIGN_OR_RETURN(options.num_threads, ReadThreads(settings));
  return options;
}

absl::StatusOr<GivenTokenizer> ReadTokenizer(const std::string& path, Surroundings& surroundings) {
  GivenTokenizer given;
  if (path.empty()) {
    surroundings.notes << "no --tokenizer: writing one of 256 bytes and <|endoftext|>\n";
    given.json = ByteTokenizerJson();
    given.what = "the tokenizer of bytes";
  } else {
    MD2_ASSIGN_OR_RETURN(
        given.json, base::ReadWholeFile(surroundings.files, path, text::kMaxTokenizerFileBytes));
    given.what = path;
  }
  MD2_ASSIGN_OR_RETURN(const std::unique_ptr<const text::Tokenizer> tokenizer,
                       text::Tokenizer::FromJson(given.json, given.what));
  given.num_ids = static_cast<int64_t>(tokenizer->num_ids());
  given.end_id = tokenizer->end_of_text_id();
  return given;
}

absl::StatusOr<model::Sizes> ReadSizesFile(const std::string& path, base::FileEnv& files) {
  const auto text = base::ReadWholeFile(files, path, model::kMaxConfigBytes);
  if (!text.ok()) {
    return base::WithContext(text.status(),
                             "--sizes is none of real, middle and nano, and not a file of sizes");
  }
  return model::ParseSizesText(*text, path);
}

absl::StatusOr<model::Sizes> ReadSizes(const std::string& sizes, const GivenTokenizer& tokenizer,
                                       base::FileEnv& files) {
  const bool is_name = sizes == "real" || sizes == "middle" || sizes == "nano";
  if (sizes == "nano" && !tokenizer.end_id.has_value()) {
    return base::MakeError(
        absl::StatusCode::kInvalidArgument, base::Reason::kTokenizerInvalid,
        absl::StrCat(
            "expected a tokenizer with the token <|endoftext|>, by which nano ends answers, "
            "found none: ",
            tokenizer.what));
  }
  const model::TokenizerFacts facts = {.num_ids = tokenizer.num_ids,
                                       .end_id = tokenizer.end_id.value_or(0)};
  MD2_ASSIGN_OR_RETURN(const model::Sizes read,
                       is_name ? model::NamedSizes(sizes, facts) : ReadSizesFile(sizes, files));
  if (tokenizer.num_ids <= read.text.vocab) return read;
  return base::MakeError(
      absl::StatusCode::kInvalidArgument, base::Reason::kModelConfigInvalid,
      absl::StrCat("expected a tokenizer of at most ", read.text.vocab, " ids, the vocabulary of ",
                   sizes, ", found one of ", tokenizer.num_ids,
                   "; name another, or larger sizes: ", tokenizer.what));
}

absl::Status WriteModel(const DatagenModelOptions& options, Surroundings& surroundings) {
  const base::CancelToken cancel = surroundings.catch_interrupt();
  MD2_ASSIGN_OR_RETURN(const GivenTokenizer tokenizer,
                       ReadTokenizer(options.tokenizer, surroundings));
  MD2_ASSIGN_OR_RETURN(const model::Sizes sizes,
                       ReadSizes(options.sizes, tokenizer, surroundings.files));
  ProgressLine line(surroundings, "random weights");
  return model::WriteRandomModel(
      surroundings.files, options.out,
      {.sizes = sizes,
       .seed = options.seed,
       .dtype = options.dtype,
       .tokenizer_json = tokenizer.json,
       .num_threads = options.num_threads,
       .progress = [&line](uint64_t done, uint64_t total) { line.Update(done, total); },
       .cancel = cancel});
}

absl::Status Run(const base::ResolvedSettings& settings, Surroundings& surroundings) {
  MD2_ASSIGN_OR_RETURN(const DatagenModelOptions options, ReadOptions(settings));
  MD2_ASSIGN_OR_RETURN(const bool as_json, WantsJson(settings));
  MD2_RETURN_IF_ERROR(WriteModel(options, surroundings));
  return WriteModelReport(options.out, as_json, surroundings);
}

}  // namespace

Command DatagenModelCommand() {
  return {
      .name = "datagen model",
      .summary = "writes a model folder with random weights",
      .description =
          "Writes config.json, model.safetensors and tokenizer.json, then says what they hold as\n"
          "inspect does. The bytes depend on sizes, seed and dtype alone, not on threads. Sizes "
          "are a\n"
          "name or a file: a JSON object of sizes, or one that holds it as md2_sizes, such as "
          "another\n"
          "model's config.json. Without --tokenizer the folder gets one of 256 bytes. --out must "
          "not\n"
          "hold a model yet.\n"
          "\n"
          "Ctrl-C ends it with exit code 2 and leaves no file.\n",
      .examples = {"md2-worker datagen model --sizes nano --tokenizer tokenizer.json --out nano",
                   "md2-worker datagen model --sizes real --seed 7 --out real",
                   "md2-worker datagen model --sizes other/config.json --dtype f32 --out twin"},
      .settings = {Required(Flag("sizes", "real|middle|nano|FILE", "sizes of the model")),
                   Flag("tokenizer", "FILE", "its tokenizer.json, and nano's vocabulary"),
                   WithDefault("0", Flag("seed", "S",
                                         SettingKind::Int(0, std::numeric_limits<int64_t>::max()),
                                         "other weights for each seed")),
                   WithDefault("f16", Flag("dtype", "f16|f32", SettingKind::Choice({"f16", "f32"}),
                                           "type of the weights")),
                   Required(Flag("out", "DIR", "the folder, made when missing")), ThreadsSetting(),
                   OutputSetting()},
      .run = Run,
  };
}

}  // namespace md2::worker
