#include "core/base/json.h"

#include <cstdint>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "core/base/error.h"
#include "core/base/quoted.h"

namespace md2::base {
namespace {

// Walks over the text and says how far the parser has come.
class TrackedIterator {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  TrackedIterator(const char* at, const char** reached) : at_(at), reached_(reached) {}

  reference operator*() const { return *at_; }
  TrackedIterator& operator++() {
    *reached_ = ++at_;
    return *this;
  }
  bool operator==(const TrackedIterator& other) const { return at_ == other.at_; }
  bool operator!=(const TrackedIterator& other) const { return at_ != other.at_; }

 private:
  const char* at_;
  const char** reached_;
};

// The parser's own words, without its prefix and with nothing in them that a terminal or a protocol
// buffer would not take.
std::string PlainProblem(absl::string_view what) {
  const size_t column = what.find(", column ");
  if (column != absl::string_view::npos) {
    const size_t colon = what.find(": ", column);
    if (colon != absl::string_view::npos) what.remove_prefix(colon + 2);
  } else if (what.find("] ") != absl::string_view::npos) {
    what.remove_prefix(what.find("] ") + 2);
  }
  std::string plain;
  for (const char c : what.substr(0, kMaxQuotedBytes)) {
    if (absl::ascii_isprint(static_cast<unsigned char>(c))) {
      plain.push_back(c);
    } else {
      absl::StrAppend(&plain, "\\x", absl::Hex(static_cast<unsigned char>(c), absl::kZeroPad2));
    }
  }
  return plain;
}

// Builds the value from the parser's events and refuses what the limits do not allow. The method
// names are those that the parser calls.
class LimitedBuilder {
 public:
  LimitedBuilder(const JsonLimits& limits, const char* begin, const char* const* reached)
      : limits_(limits), begin_(begin), reached_(reached) {}

  const std::string& problem() const { return problem_; }
  size_t problem_offset() const { return problem_offset_; }
  Json TakeRoot() { return std::move(root_); }

  bool null() { return AddScalar(nullptr); }
  bool boolean(bool value) { return AddScalar(value); }
  bool number_integer(int64_t value) { return AddScalar(value); }
  bool number_unsigned(uint64_t value) { return AddScalar(value); }
  bool number_float(double value, const std::string& text) {
    const bool is_integer = text.find_first_of(".eE") == std::string::npos;
    if (!is_integer || !limits_.keep_long_integers) return AddScalar(value);
    return AddScalar(Json::binary({text.begin(), text.end()}));
  }
  bool string(std::string& value) { return AddScalar(std::move(value)); }
  bool binary(Json::binary_t& /*value*/) { return Refuse("binary values are not JSON"); }

  bool start_object(size_t /*count*/) { return Open(Json::value_t::object); }
  bool start_array(size_t /*count*/) { return Open(Json::value_t::array); }
  bool end_object() { return Close(); }
  bool end_array() { return Close(); }

  bool key(std::string& key) {
    auto& object = open_.back()->get_ref<Json::object_t&>();
    const auto [slot, is_new] = object.emplace(std::move(key), nullptr);
    if (!is_new) {
      return Refuse(absl::StrCat("expected each key once in an object, found this one again: ",
                                 Quoted(slot->first)));
    }
    member_ = &slot->second;
    return true;
  }

  bool parse_error(size_t position, const std::string& /*last_token*/,
                   const nlohmann::detail::exception& error) {
    problem_ = PlainProblem(error.what());
    problem_offset_ = position == 0 ? 0 : position - 1;
    return false;
  }

 private:
  bool Refuse(std::string problem) {
    problem_ = std::move(problem);
    problem_offset_ = static_cast<size_t>(*reached_ - begin_);
    return false;
  }

  bool CountValue() {
    if (++num_values_ <= limits_.max_values) return true;
    return Refuse(absl::StrCat("expected at most ", limits_.max_values, " values, found more"));
  }

  // Where the next value goes: the root, the end of an array, or the member whose key was just
  // read.
  Json* Place(Json&& value) {
    if (open_.empty()) {
      root_ = std::move(value);
      return &root_;
    }
    if (open_.back()->is_array()) {
      auto& array = open_.back()->get_ref<Json::array_t&>();
      array.push_back(std::move(value));
      return &array.back();
    }
    *member_ = std::move(value);
    return member_;
  }

  template <typename T>
  bool AddScalar(T&& value) {
    if (!CountValue()) return false;
    Place(Json(std::forward<T>(value)));
    return true;
  }

  bool Open(Json::value_t kind) {
    if (!CountValue()) return false;
    if (open_.size() >= limits_.max_depth) {
      return Refuse(
          absl::StrCat("expected at most ", limits_.max_depth, " nested levels, found more"));
    }
    open_.push_back(Place(Json(kind)));
    return true;
  }

  bool Close() {
    open_.pop_back();
    return true;
  }

  const JsonLimits& limits_;
  const char* begin_;
  const char* const* reached_;
  Json root_;
  std::vector<Json*> open_;  // objects and arrays not closed yet, outermost first
  Json* member_ = nullptr;
  size_t num_values_ = 0;
  std::string problem_;
  size_t problem_offset_ = 0;
};

absl::Status InvalidJson(absl::string_view what, size_t offset, absl::string_view problem) {
  return MakeError(absl::StatusCode::kInvalidArgument, Reason::kJsonInvalid,
                   absl::StrCat("invalid JSON in ", what, " at byte ", offset, ": ", problem));
}

}  // namespace

absl::StatusOr<Json> ParseJson(absl::string_view text, const JsonLimits& limits,
                               absl::string_view what) {
  if (text.size() > limits.max_bytes) {
    return InvalidJson(
        what, limits.max_bytes,
        absl::StrCat("expected at most ", limits.max_bytes, " bytes, found ", text.size()));
  }
  // The parser takes a zero byte for the end of the text.
  if (const size_t zero = text.find('\0'); zero != absl::string_view::npos) {
    return InvalidJson(what, zero, "expected text, found a zero byte");
  }
  const char* const begin = text.data();
  const char* const end = begin + text.size();
  const char* reached = begin;
  LimitedBuilder builder(limits, begin, &reached);
  if (!Json::sax_parse(TrackedIterator(begin, &reached), TrackedIterator(end, &reached),
                       &builder)) {
    return InvalidJson(what, builder.problem_offset(), builder.problem());
  }
  return builder.TakeRoot();
}

}  // namespace md2::base
