#include "server/worker/datagen_captcha_command.h"

#include <cstdint>
#include <limits>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "absl/types/optional.h"
#include "core/base/error.h"
#include "core/base/status_macros.h"
#include "core/data/datagen/captcha_set.h"
#include "server/worker/fields.h"
#include "server/worker/json_line.h"
#include "server/worker/progress_line.h"
#include "server/worker/stopwatch.h"

namespace md2::worker {
namespace {

using base::SettingKind;
using datagen::CaptchaSetOptions;

constexpr char kAuto[] = "auto";  // the family's own

bool IsWithin(int value, int min, int max) { return min <= value && value <= max; }

// "4-6" and, where `separator` may be missing, "6" for "6-6".
absl::optional<std::pair<int, int>> ReadPair(absl::string_view text, char separator,
                                             bool may_be_one) {
  const std::vector<absl::string_view> parts = absl::StrSplit(text, separator);
  std::pair<int, int> pair;
  if (parts.size() != (may_be_one && parts.size() == 1 ? 1 : 2)) return absl::nullopt;
  if (!absl::SimpleAtoi(parts.front(), &pair.first)) return absl::nullopt;
  if (!absl::SimpleAtoi(parts.back(), &pair.second)) return absl::nullopt;
  return pair;
}

absl::optional<std::pair<int, int>> ReadSize(absl::string_view text) {
  auto size = ReadPair(text, 'x', false);
  if (!size.has_value() ||
      !IsWithin(size->first, datagen::kMinCaptchaWidth, datagen::kMaxCaptchaWidth) ||
      !IsWithin(size->second, datagen::kMinCaptchaHeight, datagen::kMaxCaptchaHeight)) {
    return absl::nullopt;
  }
  return size;
}

absl::optional<std::pair<int, int>> ReadDigits(absl::string_view text) {
  auto digits = ReadPair(text, '-', true);
  if (!digits.has_value() || !IsWithin(digits->first, 1, digits->second) ||
      digits->second > datagen::kMaxCaptchaDigits) {
    return absl::nullopt;
  }
  return digits;
}

SettingKind SizeKind() {
  return SettingKind::Checked(
             absl::StrCat("width x height in pixels, such as 200x50, from ",
                          datagen::kMinCaptchaWidth, "x", datagen::kMinCaptchaHeight, " to ",
                          datagen::kMaxCaptchaWidth, "x", datagen::kMaxCaptchaHeight),
             [](absl::string_view text) { return ReadSize(text).has_value(); })
      .OrWords({kAuto});
}

SettingKind DigitsKind() {
  return SettingKind::Checked(
             absl::StrCat("a number of digits such as 6, or a range such as 4-6, from 1 to ",
                          datagen::kMaxCaptchaDigits),
             [](absl::string_view text) { return ReadDigits(text).has_value(); })
      .OrWords({kAuto});
}

std::vector<std::string> FamilyNames() {
  std::vector<std::string> names;
  for (const datagen::CaptchaFamily& family : datagen::kCaptchaFamilies) {
    names.emplace_back(family.name);
  }
  return names;
}

absl::Status ReadShape(const base::ResolvedSettings& settings, datagen::CaptchaShape& shape) {
  MD2_ASSIGN_OR_RETURN(const std::string size, settings.GetString("size"));
  MD2_ASSIGN_OR_RETURN(const std::string digits, settings.GetString("digits"));
  if (const auto given = ReadSize(size)) {
    shape.width = given->first;
    shape.height = given->second;
  }
  if (const auto given = ReadDigits(digits)) {
    shape.min_digits = given->first;
    shape.max_digits = given->second;
  }
  return absl::OkStatus();
}

absl::Status CheckRows(const CaptchaSetOptions& options) {
  const int train = options.rows[0];
  std::string problem;
  if (std::accumulate(options.rows.begin(), options.rows.end(), 0) == 0) {
    problem = "expected at least one row of --train, --val and --test, found none";
  } else if (options.subset > train) {
    problem = absl::StrCat("expected a --subset of at most ", train,
                           ", the rows of --train, found ", options.subset);
  }
  if (problem.empty()) return absl::OkStatus();
  return base::MakeError(absl::StatusCode::kInvalidArgument, base::Reason::kUsageInvalid, problem);
}

absl::StatusOr<CaptchaSetOptions> ReadOptions(const base::ResolvedSettings& settings) {
  CaptchaSetOptions options;
  MD2_ASSIGN_OR_RETURN(options.out, settings.GetString("out"));
  MD2_ASSIGN_OR_RETURN(const std::string family, settings.GetString("family"));
  options.family = *datagen::FindFamily(family);
  options.shape = datagen::ShapeOf(options.family);
  MD2_RETURN_IF_ERROR(ReadShape(settings, options.shape));
  for (size_t split = 0; split < options.rows.size(); ++split) {
    MD2_ASSIGN_OR_RETURN(const int64_t rows, settings.GetInt(datagen::kSplitNames[split]));
    options.rows[split] = static_cast<int>(rows);
  }
  MD2_ASSIGN_OR_RETURN(const int64_t subset, settings.GetInt("subset"));
  options.subset = static_cast<int>(subset);
  MD2_ASSIGN_OR_RETURN(const int64_t seed, settings.GetInt("seed"));
  options.seed = static_cast<uint64_t>(seed);
  MD2_ASSIGN_OR_RETURN(options.contact_sheet, settings.GetString("contact_sheet"));
  MD2_RETURN_IF_ERROR(CheckRows(options));
  return options;
}

void WriteReport(const CaptchaSetOptions& options, absl::Duration took, bool as_json,
                 Surroundings& surroundings) {
  const datagen::CaptchaShape& shape = options.shape;
  const int train = options.subset > 0 ? options.subset : options.rows[0];
  const int images = train + options.rows[1] + options.rows[2];
  const double seconds = absl::ToDoubleSeconds(took);
  if (as_json) {
    surroundings.out << JsonLine({{"out", options.out},
                                  {"family", options.family.name},
                                  {"width", shape.width},
                                  {"height", shape.height},
                                  {"digits", {shape.min_digits, shape.max_digits}},
                                  {"seed", options.seed},
                                  {"train", train},
                                  {"val", options.rows[1]},
                                  {"test", options.rows[2]},
                                  {"images", images},
                                  {"seconds", seconds}});
    return;
  }
  const std::vector<Field> fields = {
      {.name = "out", .value = options.out},
      {.name = "family", .value = options.family.name},
      {.name = "size", .value = absl::StrCat(shape.width, "x", shape.height)},
      {.name = "digits", .value = absl::StrCat(shape.min_digits, "-", shape.max_digits)},
      {.name = "seed", .value = absl::StrCat(options.seed)},
      {.name = "train", .value = absl::StrCat(train), .shown = WithThousands(train)},
      {.name = "val",
       .value = absl::StrCat(options.rows[1]),
       .shown = WithThousands(options.rows[1])},
      {.name = "test",
       .value = absl::StrCat(options.rows[2]),
       .shown = WithThousands(options.rows[2])},
      {.name = "seconds", .value = absl::StrFormat("%.3f", seconds)},
  };
  surroundings.out << FieldsText(fields, surroundings.out_is_terminal);
}

absl::Status Run(const base::ResolvedSettings& settings, Surroundings& surroundings) {
  MD2_ASSIGN_OR_RETURN(CaptchaSetOptions options, ReadOptions(settings));
  MD2_ASSIGN_OR_RETURN(const bool as_json, WantsJson(settings));
  const base::CancelToken cancel = surroundings.catch_interrupt();
  const absl::Duration begin = surroundings.clock.MonotonicNow();
  {
    ProgressLine line(surroundings, "captchas");
    options.progress = [&line](int64_t done, int64_t total) {
      line.UpdateCount(done, total, "pictures");
    };
    MD2_RETURN_IF_ERROR(datagen::WriteCaptchaSet(surroundings.files, options, cancel));
  }
  WriteReport(options, surroundings.clock.MonotonicNow() - begin, as_json, surroundings);
  return absl::OkStatus();
}

CommandSetting RowsFlag(absl::string_view split, absl::string_view by_default) {
  return WithDefault(by_default, Flag(split, "N", SettingKind::Int(0, datagen::kMaxRows),
                                      absl::StrCat("rows of ", split, ".jsonl")));
}

std::vector<CommandSetting> Settings() {
  return {
      Required(Flag("out", "DIR", "the folder, new or empty")),
      RowsFlag("train", "8000"),
      RowsFlag("val", "500"),
      RowsFlag("test", "500"),
      WithDefault("0", Flag("seed", "S", SettingKind::Int(0, std::numeric_limits<int64_t>::max()),
                            "other captchas for each seed")),
      WithDefault(datagen::kCaptchaFamilies[0].name,
                  Flag("family", "NAME", SettingKind::Choice(FamilyNames()), "the looks")),
      WithDefault(kAuto, Flag("size", "WxH", SizeKind(), "of the pictures, in pixels")),
      WithDefault(kAuto, Flag("digits", "N|MIN-MAX", DigitsKind(), "in each picture")),
      WithDefault("0", Flag("subset", "N", SettingKind::Int(0, datagen::kMaxRows),
                            "write only so many rows for training; 0: all")),
      Flag("contact_sheet", "FILE", "a PNG of the first pictures with their answers"),
      OutputSetting()};
}

}  // namespace

Command DatagenCaptchaCommand() {
  return {
      .name = "datagen captcha",
      .summary = "writes pictures of digits and what they say, to train on",
      .description =
          "Writes train.jsonl, val.jsonl and test.jsonl, and the PNG files that they name. The\n"
          "bytes depend on family, size, digits and seed alone: each picture on those, its split\n"
          "and its index, so that a larger --train begins with the rows of a smaller one. With\n"
          "--subset N row i of train.jsonl is row floor(i * train / N) of all, under its own "
          "name.\n"
          "A split of no rows has no file; train.jsonl is the last one written.\n"
          "\n"
          "Families:\n"
          "  classic200  200x50, 6 digits, each with its own colour and height; dots and a curve\n"
          "  k           160x60, 4 to 6 digits of one colour, turned by up to 15 degrees; dots "
          "and\n"
          "              two curves\n"
          "  v           as k, turned by up to 25 degrees and warped more\n"
          "  classic     as v, turned by up to 30 degrees, warped most, digits overlap; fewer "
          "dots,\n"
          "              a thin curve\n"
          "Another --size keeps the proportions of the family to the height.\n",
      .examples = {"md2-worker datagen captcha --out captchas --train 8000 --seed 1",
                   "md2-worker datagen captcha --out k --family k --contact-sheet sheet.png",
                   "md2-worker datagen captcha --out wide --size 300x80 --digits 4-8"},
      .settings = Settings(),
      .run = Run,
  };
}

}  // namespace md2::worker
