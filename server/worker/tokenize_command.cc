#include "server/worker/tokenize_command.h"

#include <cstdint>
#include <limits>
#include <memory>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/quoted.h"
#include "core/base/status_macros.h"
#include "core/model/model_folder.h"
#include "core/text/tokenizer.h"
#include "server/worker/line_reader.h"

namespace md2::worker {
namespace {

using base::Json;
using text::TokenId;

// JSON writes one byte of text with at most six, one id with at most twelve.
constexpr size_t kMaxLineBytes = 12 * text::kMaxTextBytes;

struct TokenizeOptions {
  std::string model_dir;
  bool decode = false;
  bool json_texts = false;
  bool clean_up = false;
};

absl::StatusOr<TokenizeOptions> ReadOptions(const base::ResolvedSettings& settings) {
  TokenizeOptions options;
  MD2_ASSIGN_OR_RETURN(options.model_dir, settings.GetString("model"));
  MD2_ASSIGN_OR_RETURN(options.decode, settings.GetBool("decode"));
  MD2_ASSIGN_OR_RETURN(options.json_texts, settings.GetBool("json_texts"));
  MD2_ASSIGN_OR_RETURN(options.clean_up, settings.GetBool("clean_up"));
  MD2_ASSIGN_OR_RETURN(const bool as_json, WantsJson(settings));
  // The ids are JSON in any case, so only texts can become it.
  options.json_texts = options.json_texts || (as_json && options.decode);
  return options;
}

absl::StatusOr<Json> ParseLine(const std::string& line) {
  base::JsonLimits limits;
  limits.max_bytes = kMaxLineBytes;
  limits.max_depth = 1;
  limits.max_values = text::kMaxTextBytes + 1;
  return base::ParseJson(line, limits, "the line");
}

absl::Status Expected(absl::string_view what, absl::string_view found) {
  return base::MakeError(absl::StatusCode::kInvalidArgument, base::Reason::kUsageInvalid,
                         absl::StrCat("expected ", what, ", found ", base::Quoted(found)));
}

absl::StatusOr<std::string> ReadText(const std::string& line, bool json_texts) {
  if (!json_texts) return line;
  MD2_ASSIGN_OR_RETURN(const Json json, ParseLine(line));
  if (!json.is_string()) return Expected("a JSON string, such as \"two\\nlines\"", line);
  return json.get<std::string>();
}

absl::StatusOr<std::vector<TokenId>> ReadIds(const std::string& line) {
  constexpr char kExpected[] = "a JSON list of token ids, such as [15496,995]";
  MD2_ASSIGN_OR_RETURN(const Json json, ParseLine(line));
  if (!json.is_array()) return Expected(kExpected, line);
  std::vector<TokenId> ids;
  ids.reserve(json.size());
  for (const Json& id : json) {
    if (!id.is_number_unsigned() ||
        id.get<uint64_t>() > uint64_t{std::numeric_limits<TokenId>::max()}) {
      return Expected(kExpected, id.dump());
    }
    ids.push_back(id.get<TokenId>());
  }
  return ids;
}

// The line of results for a line of input, without its "\n".
absl::StatusOr<std::string> Convert(const text::Tokenizer& tokenizer,
                                    const TokenizeOptions& options, const std::string& line) {
  if (!options.decode) {
    MD2_ASSIGN_OR_RETURN(const std::string text, ReadText(line, options.json_texts));
    MD2_ASSIGN_OR_RETURN(const std::vector<TokenId> ids, tokenizer.Encode(text));
    return absl::StrCat("[", absl::StrJoin(ids, ","), "]");
  }
  MD2_ASSIGN_OR_RETURN(const std::vector<TokenId> ids, ReadIds(line));
  std::string text =
      tokenizer.Decode(ids, {.skip_special = options.clean_up, .clean_up = options.clean_up});
  return options.json_texts ? Json(text).dump() : text;
}

absl::Status ConvertLines(const text::Tokenizer& tokenizer, const TokenizeOptions& options,
                          Surroundings& surroundings) {
  LineReader lines(surroundings.in, kMaxLineBytes);
  while (surroundings.out.good()) {
    MD2_ASSIGN_OR_RETURN(const absl::optional<std::string> line, lines.Next());
    if (!line.has_value()) break;
    const absl::StatusOr<std::string> result = Convert(tokenizer, options, *line);
    if (!result.ok()) {
      return base::WithContext(result.status(), absl::StrCat("line ", lines.line_number()));
    }
    surroundings.out << *result << "\n";
    // Whoever sends a line and waits for its ids must not wait for a full buffer.
    if (lines.MayBlock()) surroundings.out.flush();
  }
  return absl::OkStatus();
}

absl::Status Run(const base::ResolvedSettings& settings, Surroundings& surroundings) {
  MD2_ASSIGN_OR_RETURN(const TokenizeOptions options, ReadOptions(settings));
  const std::string path = absl::StrCat(options.model_dir, "/", model::kTokenizerFile);
  MD2_ASSIGN_OR_RETURN(const std::unique_ptr<const text::Tokenizer> tokenizer,
                       text::Tokenizer::Load(surroundings.files, path));
  return ConvertLines(*tokenizer, options, surroundings);
}

}  // namespace

Command TokenizeCommand() {
  return {
      .name = "tokenize",
      .summary = "turns lines of text into token ids, and back",
      .description =
          "Reads lines from stdin. For each line of text it writes a JSON list of ids; with "
          "--decode\n"
          "it is the other way, and exactly so: special tokens and all spaces come back. Only the\n"
          "\"\\n\" that ends a line is left out. To give a text that holds a newline, use "
          "--json-texts:\n"
          "each line is then a JSON string, such as \"two\\nlines\", and so is each text that "
          "--decode\n"
          "writes. Stops at the first line that cannot be read.\n",
      .examples = {"echo 'What is this?' | md2-worker tokenize --model base",
                   "echo '\"two\\nlines\"' | md2-worker tokenize --model base --json-texts",
                   "echo '[2061,318,428,30]' | md2-worker tokenize --model base --decode"},
      .settings = {ModelSetting("only tokenizer.json is read"), Switch("decode", "ids to text"),
                   Switch("json_texts", "texts are JSON strings"),
                   Switch("clean_up", "decode as answers are: no special tokens, tidy spaces"),
                   OutputSetting()},
      .run = Run,
  };
}

}  // namespace md2::worker
