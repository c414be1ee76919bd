#include "core/model/adapter_folder.h"

#include <ATen/ops/empty.h>

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/json_fields.h"
#include "core/base/quoted.h"
#include "core/base/status_macros.h"
#include "core/model/revision_table.h"
#include "core/model/safetensors_reader.h"
#include "core/model/torch_status.h"
#include "core/model/weights.h"

namespace md2::model {
namespace {

using base::ErrorList;
using base::FieldReader;
using base::Json;

constexpr uint64_t kMaxAdapterConfigBytes = uint64_t{1} << 20;

std::string Join(const std::string& dir, const char* file) { return absl::StrCat(dir, "/", file); }

void ReadConfig(const Json& json, Adapter& adapter, ErrorList& problems) {
  FieldReader fields(json, "", problems);
  const std::string type = fields.RequiredString("peft_type");
  if (!type.empty() && type != "LORA") {
    fields.Problem("peft_type", absl::StrCat("only LORA is supported, found ", base::Quoted(type)));
  }
  adapter.rank = fields.RequiredCount("r");
  const double alpha = fields.RequiredNumber("lora_alpha");
  if (adapter.rank > 0) adapter.scale = alpha / static_cast<double>(adapter.rank);
  // What else would change the sum; other members say how it was trained, or who reads it.
  fields.OnlySupported("bias", {"none"});
  const Json object = Json::object();
  const Json list = Json::array();
  for (const char* key : {"use_rslora", "use_dora", "fan_in_fan_out", "lora_bias"}) {
    fields.OnlySupported(key, {false, nullptr});
  }
  for (const char* key : {"rank_pattern", "alpha_pattern"}) {
    fields.OnlySupported(key, {object, nullptr});
  }
  for (const char* key : {"modules_to_save", "trainable_token_indices", "target_parameters"}) {
    fields.OnlySupported(key, {nullptr, list, object});
  }
}

// The tensor's name in a model, of a name in the file; empty when it is no adapter's.
std::string NameInModel(absl::string_view name) {
  if (!absl::ConsumePrefix(&name, kPeftPrefix)) return "";
  for (const char* ending : {kAdapterA, kAdapterB}) {
    absl::string_view layer = name;
    if (!absl::ConsumeSuffix(&layer, ending)) continue;
    // Weights have names that are translated, layers have not.
    const std::string weight = CanonicalName(absl::StrCat(layer, ".weight"));
    return absl::StrCat(absl::StripSuffix(weight, ".weight"), ending);
  }
  return "";
}

at::ScalarType FileType(Dtype dtype) {
  if (dtype == Dtype::kF16) return at::kHalf;
  return dtype == Dtype::kBF16 ? at::kBFloat16 : at::kFloat;
}

absl::StatusOr<at::Tensor> ReadTensor(const SafetensorsReader& reader, const TensorEntry& entry) {
  at::Tensor tensor;
  MD2_RETURN_IF_ERROR(CatchTorch("reading an adapter", [&] {
    const at::Tensor stored = at::empty(entry.shape, FileType(entry.dtype));
    auto* bytes = static_cast<uint8_t*>(stored.mutable_data_ptr());
    absl::Status read = reader.Read(entry, 0, absl::MakeSpan(bytes, entry.num_bytes));
    if (read.ok()) tensor = stored.to(at::kFloat);
    return read;
  }));
  return tensor;
}

absl::Status ReadTensors(const SafetensorsReader& reader, Adapter& adapter, ErrorList& problems) {
  for (const TensorEntry& entry : reader.entries()) {
    const std::string name = NameInModel(entry.name);
    const bool is_a = absl::EndsWith(name, kAdapterA);
    const bool fits = !name.empty() && entry.shape.size() == 2 && IsWeightDtype(entry.dtype) &&
                      entry.shape[is_a ? 0 : 1] == adapter.rank;
    if (!fits) {
      problems.Add(absl::StrCat(base::Quoted(entry.name), ": expected ", kPeftPrefix, "LAYER with ",
                                kAdapterA, " [", adapter.rank, ", in] or ", kAdapterB, " [out, ",
                                adapter.rank, "] of floats, found ", DtypeName(entry.dtype), " ",
                                ShapeText(entry.shape)));
      continue;
    }
    MD2_ASSIGN_OR_RETURN(adapter.tensors[name], ReadTensor(reader, entry));
  }
  return absl::OkStatus();
}

void CheckPairs(const Adapter& adapter, ErrorList& problems) {
  if (adapter.tensors.empty()) problems.Add("no tensor of an adapter");
  for (const auto& [name, tensor] : adapter.tensors) {
    const bool is_a = absl::EndsWith(name, kAdapterA);
    const absl::string_view layer = absl::StripSuffix(name, is_a ? kAdapterA : kAdapterB);
    const std::string other = absl::StrCat(layer, is_a ? kAdapterB : kAdapterA);
    if (adapter.tensors.count(other) == 0) {
      problems.Add(absl::StrCat("missing: ", kPeftPrefix, other));
    }
  }
}

}  // namespace

absl::StatusOr<Adapter> ReadAdapter(base::FileEnv& env, const std::string& dir) {
  const std::string config_path = Join(dir, kAdapterConfigFile);
  MD2_ASSIGN_OR_RETURN(const std::string text,
                       base::ReadWholeFile(env, config_path, kMaxAdapterConfigBytes));
  MD2_ASSIGN_OR_RETURN(const Json config, base::ParseJson(text, {}, config_path));
  MD2_ASSIGN_OR_RETURN(const auto reader,
                       SafetensorsReader::OpenFile(env, Join(dir, kAdapterWeightsFile)));
  Adapter adapter;
  ErrorList problems;
  ReadConfig(config, adapter, problems);
  MD2_RETURN_IF_ERROR(ReadTensors(*reader, adapter, problems));
  CheckPairs(adapter, problems);
  MD2_RETURN_IF_ERROR(problems.ToStatus(absl::StatusCode::kInvalidArgument,
                                        base::Reason::kAdapterInvalid,
                                        absl::StrCat("an adapter that cannot be used, ", dir)));
  return adapter;
}

absl::Status CheckAdapterFits(const Adapter& adapter, const std::vector<WeightSpec>& table,
                              absl::string_view what) {
  std::map<absl::string_view, const WeightSpec*> by_name;
  for (const WeightSpec& spec : table) by_name.emplace(spec.name, &spec);
  ErrorList problems;
  for (const auto& [name, tensor] : adapter.tensors) {
    const bool is_a = absl::EndsWith(name, kAdapterA);
    const absl::string_view layer = absl::StripSuffix(name, is_a ? kAdapterA : kAdapterB);
    const std::string weight = absl::StrCat(layer, ".weight");
    const auto found = by_name.find(weight);
    if (found == by_name.end() || found->second->shape.size() != 2) {
      problems.Add(absl::StrCat(name, ": the model has no layer ", layer));
      continue;
    }
    const std::vector<int64_t>& shape = found->second->shape;  // [out, in]
    const std::vector<int64_t> expected = is_a ? std::vector<int64_t>{adapter.rank, shape[1]}
                                               : std::vector<int64_t>{shape[0], adapter.rank};
    if (tensor.sizes().vec() == expected) continue;
    problems.Add(absl::StrCat(name, ": expected ", ShapeText(expected), ", found ",
                              ShapeText(tensor.sizes().vec())));
  }
  return problems.ToStatus(absl::StatusCode::kFailedPrecondition, base::Reason::kAdapterInvalid,
                           absl::StrCat("an adapter of another model, ", what));
}

}  // namespace md2::model
