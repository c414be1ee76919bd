#include "core/base/log.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "core/base/error.h"
#include "core/base/json.h"
#include "spdlog/logger.h"
#include "spdlog/pattern_formatter.h"
#include "spdlog/sinks/ostream_sink.h"
#include "spdlog/sinks/stdout_sinks.h"

namespace md2::base {
namespace {

constexpr char kTextPattern[] = "%Y-%m-%dT%H:%M:%S.%eZ %l %v";
constexpr char kJsonPattern[] = R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l",%v})";

spdlog::level::level_enum ToSpdlog(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return spdlog::level::debug;
    case LogLevel::kInfo:
      return spdlog::level::info;
    case LogLevel::kWarning:
      return spdlog::level::warn;
    case LogLevel::kError:
      return spdlog::level::err;
    case LogLevel::kOff:
      return spdlog::level::off;
  }
  return spdlog::level::off;
}

std::string ToJson(const Json& value) {
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string ToJson(absl::string_view text) { return ToJson(Json(std::string(text))); }

std::string ToJson(const LogField::Value& value) {
  return std::visit(
      [](const auto& held) {
        if constexpr (std::is_same_v<std::decay_t<decltype(held)>, absl::string_view>) {
          return ToJson(held);
        } else {
          return ToJson(Json(held));
        }
      },
      value);
}

// Bare where a reader can tell where it ends, else as a JSON string.
std::string ToTextValue(const LogField::Value& value) {
  const absl::string_view* const text = std::get_if<absl::string_view>(&value);
  if (text == nullptr) return ToJson(value);
  bool is_plain = !text->empty();
  for (const char c : *text)
    is_plain =
        is_plain && absl::ascii_isgraph(static_cast<unsigned char>(c)) && c != '"' && c != '=';
  return is_plain ? std::string(*text) : ToJson(*text);
}

// Control characters would break the line or steer a terminal.
std::string ToTextMessage(absl::string_view message) {
  std::string plain;
  for (const char& c : message) {
    if (absl::ascii_iscntrl(static_cast<unsigned char>(c))) {
      absl::StrAppend(&plain, absl::CEscape(absl::string_view(&c, 1)));
    } else {
      plain.push_back(c);
    }
  }
  return plain;
}

std::string Render(LogFormat format, absl::Span<const LogField> fields) {
  std::string text;
  for (const LogField& field : fields) {
    if (format == LogFormat::kText) {
      absl::StrAppend(&text, " ", field.key, "=", ToTextValue(field.value));
    } else {
      absl::StrAppend(&text, ",", ToJson(field.key), ":", ToJson(field.value));
    }
  }
  return text;
}

class SpdlogLogger : public Logger {
 public:
  SpdlogLogger(std::shared_ptr<spdlog::logger> sink, LogFormat format, const Clock& clock,
               std::string first_fields)
      : sink_(std::move(sink)),
        format_(format),
        clock_(clock),
        first_fields_(std::move(first_fields)) {}

  bool enabled(LogLevel level) const override { return sink_->should_log(ToSpdlog(level)); }

  void Log(LogLevel level, absl::string_view message,
           absl::Span<const LogField> fields) const override {
    if (!enabled(level)) return;
    std::string line = format_ == LogFormat::kText ? ToTextMessage(message)
                                                   : absl::StrCat("\"message\":", ToJson(message));
    absl::StrAppend(&line, first_fields_, Render(format_, fields));
    sink_->log(absl::ToChronoTime(clock_.WallNow()), spdlog::source_loc{}, ToSpdlog(level), line);
  }

  std::unique_ptr<Logger> With(absl::Span<const LogField> fields) const override {
    return std::make_unique<SpdlogLogger>(sink_, format_, clock_,
                                          absl::StrCat(first_fields_, Render(format_, fields)));
  }

 private:
  const std::shared_ptr<spdlog::logger> sink_;
  const LogFormat format_;
  const Clock& clock_;
  const std::string first_fields_;
};

std::unique_ptr<Logger> MakeOnSink(const LogOptions& options, spdlog::sink_ptr sink,
                                   const Clock& clock) {
  auto logger = std::make_shared<spdlog::logger>("md2", std::move(sink));
  logger->set_level(ToSpdlog(options.level));
  logger->flush_on(spdlog::level::trace);
  logger->set_formatter(std::make_unique<spdlog::pattern_formatter>(
      options.format == LogFormat::kText ? kTextPattern : kJsonPattern,
      spdlog::pattern_time_type::utc, "\n"));
  return std::make_unique<SpdlogLogger>(std::move(logger), options.format, clock, "");
}

}  // namespace

absl::StatusOr<LogLevel> ParseLogLevel(absl::string_view word) {
  if (word == "debug") return LogLevel::kDebug;
  if (word == "info") return LogLevel::kInfo;
  if (word == "warning") return LogLevel::kWarning;
  if (word == "error") return LogLevel::kError;
  if (word == "off") return LogLevel::kOff;
  return MakeError(
      absl::StatusCode::kInvalidArgument, Reason::kSettingInvalid,
      absl::StrCat("expected debug, info, warning, error or off as a log level, found \"", word,
                   "\""));
}

absl::StatusOr<LogFormat> ParseLogFormat(absl::string_view word) {
  if (word == "text") return LogFormat::kText;
  if (word == "json") return LogFormat::kJson;
  return MakeError(absl::StatusCode::kInvalidArgument, Reason::kSettingInvalid,
                   absl::StrCat("expected text or json as a log format, found \"", word, "\""));
}

std::unique_ptr<Logger> MakeLogger(const LogOptions& options, std::FILE* stream,
                                   const Clock& clock) {
  using FileSink = spdlog::sinks::stdout_sink_base<spdlog::details::console_mutex>;
  return MakeOnSink(options, std::make_shared<FileSink>(stream), clock);
}

std::unique_ptr<Logger> MakeLogger(const LogOptions& options, std::ostream& stream,
                                   const Clock& clock) {
  return MakeOnSink(options, std::make_shared<spdlog::sinks::ostream_sink_mt>(stream), clock);
}

}  // namespace md2::base
