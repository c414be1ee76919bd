#include "core/model/safetensors_header.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/quoted.h"
#include "core/base/status_macros.h"

namespace md2::model {
namespace {

using base::Json;

constexpr char kKnownDtypes[] = "F64 F32 F16 BF16 I64 I32 I16 I8 U8 BOOL";

uint64_t ReadLittleEndian(absl::Span<const uint8_t> bytes) {
  uint64_t value = 0;
  for (size_t i = 0; i < kHeaderLengthBytes; ++i) value |= uint64_t{bytes[i]} << (8 * i);
  return value;
}

absl::Status Invalid(absl::string_view what, absl::string_view problem) {
  base::ErrorList errors;
  errors.Add(std::string(problem));
  return errors.ToStatus(absl::StatusCode::kInvalidArgument, base::Reason::kModelWeightsInvalid,
                         absl::StrCat("invalid safetensors file ", what));
}

// The header's text, or why its length cannot be.
absl::StatusOr<absl::string_view> HeaderText(absl::Span<const uint8_t> file,
                                             absl::string_view what) {
  if (file.size() < kHeaderLengthBytes) {
    return Invalid(what, absl::StrCat("expected 8 bytes that say the length of the header, found ",
                                      file.size()));
  }
  const uint64_t length = ReadLittleEndian(file);
  if (length > kMaxHeaderBytes) {
    return Invalid(what, absl::StrCat("expected a header of at most ", kMaxHeaderBytes,
                                      " bytes, found a length of ", length));
  }
  if (length > file.size() - kHeaderLengthBytes) {
    return Invalid(
        what, absl::StrCat("truncated within the header: expected ", length,
                           " bytes after the first 8, found ", file.size() - kHeaderLengthBytes));
  }
  return absl::string_view(reinterpret_cast<const char*>(file.data()) + kHeaderLengthBytes, length);
}

absl::StatusOr<Json> ParseHeaderJson(absl::string_view text, absl::string_view what) {
  base::JsonLimits limits;
  limits.max_bytes = kMaxHeaderBytes;
  limits.max_depth = 3;
  limits.max_values = 16 * kMaxTensors;
  absl::StatusOr<Json> json = base::ParseJson(text, limits, "the header");
  if (!json.ok()) return Invalid(what, json.status().message());
  if (!json->is_object()) return Invalid(what, "expected a JSON object as the header");
  if (json->size() > kMaxTensors) {
    return Invalid(
        what, absl::StrCat("expected at most ", kMaxTensors, " tensors, found ", json->size()));
  }
  return json;
}

// A non-negative integer below 2^63.
bool ReadCount(const Json& value, uint64_t& out) {
  if (!value.is_number_unsigned()) return false;
  out = value.get<uint64_t>();
  return out <= static_cast<uint64_t>(std::numeric_limits<int64_t>::max());
}

// Where a tensor lies, counted from the first byte of data.
struct Range {
  uint64_t begin = 0;
  uint64_t end = 0;
  bool valid = false;
};

// Reads one member of the header; problems go to the list.
class EntryReader {
 public:
  EntryReader(const std::string& name, const Json& fields, base::ErrorList& errors)
      : name_(name), fields_(fields), errors_(errors) {}

  void Read(TensorEntry& entry, Range& range) {
    entry.name = name_;
    if (!fields_.is_object()) return Problem("expected an object of dtype, shape and data_offsets");
    const bool known_dtype = ReadDtype(entry.dtype);
    const bool known_shape = ReadShape(entry.shape);
    ReadRange(range);
    RefuseOthers();
    if (known_shape) CheckSize(known_dtype, entry, range);
  }

 private:
  // REQUIRES: the shape is known.
  void CheckSize(bool known_dtype, TensorEntry& entry, const Range& range) {
    // The element of an unknown type is at least a byte, so an overflow shows all the same.
    const std::optional<uint64_t> num_bytes =
        TensorBytes(known_dtype ? entry.dtype : Dtype::kU8, entry.shape);
    if (!num_bytes.has_value()) {
      return Problem(absl::StrCat("expected a size below 2^63 bytes, found the shape ",
                                  ShapeText(entry.shape)));
    }
    entry.num_bytes = *num_bytes;
    if (known_dtype && range.valid && range.end - range.begin != *num_bytes) {
      Problem(absl::StrCat("expected ", *num_bytes, " bytes for ", DtypeName(entry.dtype), " ",
                           ShapeText(entry.shape), ", found ", range.end - range.begin));
    }
  }

  void Problem(absl::string_view text) {
    errors_.Add(absl::StrCat("tensor ", base::Quoted(name_), ": ", text));
  }

  // Null when there is none, which is a problem.
  const Json* Require(const char* key) {
    const auto found = fields_.find(key);
    if (found != fields_.end()) return &*found;
    Problem(absl::StrCat("expected a ", key, ", found none"));
    return nullptr;
  }

  bool ReadDtype(Dtype& out) {
    const Json* value = Require("dtype");
    if (value == nullptr) return false;
    if (!value->is_string()) {
      Problem("expected a string as dtype");
      return false;
    }
    const std::optional<Dtype> dtype = FindDtype(value->get_ref<const std::string&>());
    if (dtype.has_value()) {
      out = *dtype;
      return true;
    }
    Problem(absl::StrCat("unknown dtype: expected one of ", kKnownDtypes, ", found ",
                         base::Quoted(value->get_ref<const std::string&>())));
    return false;
  }

  bool ReadShape(std::vector<int64_t>& out) {
    const Json* value = Require("shape");
    if (value == nullptr) return false;
    bool valid = value->is_array() && value->size() <= kMaxRank;
    for (size_t i = 0; valid && i < value->size(); ++i) {
      uint64_t size = 0;
      valid = ReadCount((*value)[i], size);
      out.push_back(static_cast<int64_t>(size));
    }
    if (!valid) {
      Problem(absl::StrCat("expected a shape of at most ", kMaxRank,
                           " integers, each 0 to 2^63 - 1, found ", Shown(*value)));
    }
    return valid;
  }

  void ReadRange(Range& range) {
    const Json* value = Require("data_offsets");
    if (value == nullptr) return;
    range.valid = value->is_array() && value->size() == 2 && ReadCount((*value)[0], range.begin) &&
                  ReadCount((*value)[1], range.end) && range.begin <= range.end;
    if (range.valid) return;
    Problem(
        absl::StrCat("expected two data_offsets from 0 up, the first not beyond the second, "
                     "found ",
                     Shown(*value)));
  }

  void RefuseOthers() {
    for (const auto& [key, value] : fields_.items()) {
      if (key == "dtype" || key == "shape" || key == "data_offsets") continue;
      Problem(absl::StrCat("unknown key ", base::Quoted(key)));
    }
  }

  // A value as it is written, if it is short.
  static std::string Shown(const Json& value) {
    if (!value.is_array()) return value.is_number() ? value.dump() : value.type_name();
    if (value.size() > 2 * kMaxRank) return absl::StrCat("a list of ", value.size());
    return absl::StrCat("[",
                        absl::StrJoin(value, ", ",
                                      [](std::string* out, const Json& item) {
                                        absl::StrAppend(
                                            out, item.is_number() ? item.dump() : item.type_name());
                                      }),
                        "]");
  }

  const std::string& name_;
  const Json& fields_;
  base::ErrorList& errors_;
};

void ReadMetadata(const Json& value, std::map<std::string, std::string>& out,
                  base::ErrorList& errors) {
  bool valid = value.is_object();
  if (valid) {
    for (const auto& [key, text] : value.items()) {
      valid = valid && text.is_string();
      if (text.is_string()) out[key] = text.get_ref<const std::string&>();
    }
  }
  if (!valid) errors.Add(absl::StrCat(kMetadataKey, ": expected an object of strings"));
}

struct PlacedEntry {
  TensorEntry entry;
  Range range;
};

// Every byte of data must belong to exactly one tensor. `placed` is sorted.
void CheckRanges(const std::vector<PlacedEntry>& placed, uint64_t data_bytes,
                 base::ErrorList& errors) {
  const bool all_valid =
      std::all_of(placed.begin(), placed.end(), [](const PlacedEntry& p) { return p.range.valid; });
  uint64_t covered = 0;
  const std::string* last = nullptr;  // the tensor that reaches furthest
  for (const auto& [entry, range] : placed) {
    if (!range.valid) continue;
    const std::string name = absl::StrCat("tensor ", base::Quoted(entry.name));
    if (range.end > data_bytes) {
      errors.Add(absl::StrCat(name, ": truncated: expected ", range.end, " bytes of data, found ",
                              data_bytes));
    }
    if (range.begin < covered && last != nullptr) {
      errors.Add(absl::StrCat(name, ": overlaps tensor ", base::Quoted(*last),
                              ": expected it to begin at byte ", covered, ", found ", range.begin));
    } else if (range.begin > covered && all_valid) {
      errors.Add(absl::StrCat(name, ": ", range.begin - covered,
                              " bytes of no tensor before it: expected it to begin at byte ",
                              covered, ", found ", range.begin));
    }
    if (range.end >= covered) {
      covered = range.end;
      last = &entry.name;
    }
  }
  if (all_valid && covered < data_bytes) {
    errors.Add(absl::StrCat("bytes after the last tensor: expected ", covered,
                            " bytes of data, found ", data_bytes));
  }
}

}  // namespace

std::string ShapeText(absl::Span<const int64_t> shape) {
  return absl::StrCat("[", absl::StrJoin(shape, ", "), "]");
}

absl::StatusOr<SafetensorsHeader> ParseSafetensorsHeader(absl::Span<const uint8_t> file,
                                                         absl::string_view what) {
  MD2_ASSIGN_OR_RETURN(const absl::string_view text, HeaderText(file, what));
  MD2_ASSIGN_OR_RETURN(const Json json, ParseHeaderJson(text, what));
  base::ErrorList errors;
  SafetensorsHeader header;
  header.data_begin = kHeaderLengthBytes + text.size();
  std::vector<PlacedEntry> placed;
  for (const auto& [name, value] : json.items()) {
    if (name == kMetadataKey) {
      ReadMetadata(value, header.metadata, errors);
      continue;
    }
    PlacedEntry& next = placed.emplace_back();
    EntryReader(name, value, errors).Read(next.entry, next.range);
    next.entry.offset = header.data_begin + next.range.begin;
  }
  std::sort(placed.begin(), placed.end(), [](const PlacedEntry& a, const PlacedEntry& b) {
    return std::tie(a.range.begin, a.range.end, a.entry.name) <
           std::tie(b.range.begin, b.range.end, b.entry.name);
  });
  CheckRanges(placed, file.size() - header.data_begin, errors);
  MD2_RETURN_IF_ERROR(errors.ToStatus(absl::StatusCode::kInvalidArgument,
                                      base::Reason::kModelWeightsInvalid,
                                      absl::StrCat("invalid safetensors file ", what)));
  header.entries.reserve(placed.size());
  for (PlacedEntry& p : placed) header.entries.push_back(std::move(p.entry));
  return header;
}

}  // namespace md2::model
