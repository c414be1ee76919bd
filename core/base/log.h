// Defines the one door to logging:
//   Logger      writes lines; passed in by whoever starts a component
//   LogField    a key and a value beside a line's fixed words
//   MakeLogger  a logger on a stream
//
// A line is "2024-07-23T10:11:12.131Z info message key=value", or one JSON object with "time",
// "level", "message" and the fields. Whatever a value holds, a line stays one line.
//
// What belongs where: the message is fixed words, all that varies is a field. What users own
// (questions, answers, rows, image bytes, names of their files) is never logged at info or above,
// only at debug; secrets never at all.

#ifndef MD2_CORE_BASE_LOG_H_
#define MD2_CORE_BASE_LOG_H_

#include <cstdint>
#include <cstdio>
#include <initializer_list>
#include <memory>
#include <ostream>
#include <string>
#include <type_traits>
#include <variant>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "core/base/clock.h"

namespace md2::base {

enum class LogLevel { kDebug, kInfo, kWarning, kError, kOff };
enum class LogFormat { kText, kJson };

struct LogOptions {
  LogLevel level = LogLevel::kInfo;  // lower ones are dropped
  LogFormat format = LogFormat::kText;
};

// "debug", "info", "warning", "error", "off". Other words are SETTING_INVALID (InvalidArgument).
absl::StatusOr<LogLevel> ParseLogLevel(absl::string_view word);
// "text", "json". Other words are SETTING_INVALID (InvalidArgument).
absl::StatusOr<LogFormat> ParseLogFormat(absl::string_view word);

// Views its key and text: use it in the call only.
struct LogField {
  using Value = std::variant<bool, int64_t, uint64_t, double, absl::string_view>;

  LogField(absl::string_view field_key, absl::string_view text) : key(field_key), value(text) {}
  LogField(absl::string_view field_key, const std::string& text)
      : LogField(field_key, absl::string_view(text)) {}
  LogField(absl::string_view field_key, const char* text)
      : LogField(field_key, absl::string_view(text)) {}
  template <typename Number, typename = std::enable_if_t<std::is_arithmetic_v<Number>>>
  LogField(absl::string_view field_key, Number number) : key(field_key), value(ToValue(number)) {}

  absl::string_view key;
  Value value;

 private:
  template <typename Number>
  static Value ToValue(Number number) {
    if constexpr (std::is_same_v<Number, bool>)
      return Value(number);
    else if constexpr (std::is_floating_point_v<Number>)
      return Value(static_cast<double>(number));
    else if constexpr (std::is_signed_v<Number>)
      return Value(static_cast<int64_t>(number));
    else
      return Value(static_cast<uint64_t>(number));
  }
};

// Lines of several threads do not mix; each is flushed. A stream that cannot be written loses
// lines, never the caller. Safe for concurrent use.
class Logger {
 public:
  using Fields = std::initializer_list<LogField>;

  virtual ~Logger() = default;
  virtual bool enabled(LogLevel level) const = 0;

  // REQUIRES: level is not kOff.
  virtual void Log(LogLevel level, absl::string_view message,
                   absl::Span<const LogField> fields) const = 0;

  // A logger on the same stream whose lines all carry `fields` first, such as a job's id. It may
  // outlive this one.
  virtual std::unique_ptr<Logger> With(absl::Span<const LogField> fields) const = 0;

  void Debug(absl::string_view message, Fields fields = {}) const {
    Log(LogLevel::kDebug, message, fields);
  }
  void Info(absl::string_view message, Fields fields = {}) const {
    Log(LogLevel::kInfo, message, fields);
  }
  void Warning(absl::string_view message, Fields fields = {}) const {
    Log(LogLevel::kWarning, message, fields);
  }
  void Error(absl::string_view message, Fields fields = {}) const {
    Log(LogLevel::kError, message, fields);
  }
};

// The stream and the clock must outlive the logger and those made from it.
std::unique_ptr<Logger> MakeLogger(const LogOptions& options, std::FILE* stream,
                                   const Clock& clock);
std::unique_ptr<Logger> MakeLogger(const LogOptions& options, std::ostream& stream,
                                   const Clock& clock);

}  // namespace md2::base

#endif  // MD2_CORE_BASE_LOG_H_
