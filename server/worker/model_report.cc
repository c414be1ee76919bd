#include "server/worker/model_report.h"

#include <cstdint>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/base/status_macros.h"
#include "core/model/model_folder.h"
#include "server/worker/fields.h"
#include "server/worker/json_line.h"

namespace md2::worker {
namespace {

Field Count(std::string name, int64_t value) {
  return {.name = std::move(name), .value = absl::StrCat(value), .shown = WithThousands(value)};
}

// A field for each number, named by its path in `sizes` of the JSON.
void AppendPlainSizes(const std::string& path, const base::Json& json, std::vector<Field>& fields) {
  for (const auto& [key, value] : json.items()) {
    const std::string name = absl::StrCat(path, ".", key);
    if (value.is_object()) {
      AppendPlainSizes(name, value, fields);
    } else {
      fields.push_back({.name = name, .value = value.dump()});
    }
  }
}

void AppendShownSizes(const model::Sizes& sizes, std::vector<Field>& fields) {
  const model::VisionSizes& vision = sizes.vision;
  const model::TextSizes& text = sizes.text;
  fields.push_back({.name = "vision",
                    .value = absl::StrCat(vision.depth, " blocks of ", vision.dim, ", ",
                                          vision.heads, " heads, MLP ", vision.mlp_dim, ", crop ",
                                          vision.crop, ", patch ", vision.patch)});
  fields.push_back({.name = "projector", .value = absl::StrCat(sizes.projector_dim)});
  fields.push_back({.name = "text",
                    .value = absl::StrCat(text.layers, " layers of ", text.dim, ", ", text.heads,
                                          " heads, MLP ", text.mlp_dim, ", vocabulary ", text.vocab,
                                          ", ", text.max_positions, " positions")});
}

std::vector<Field> FieldsOf(const model::ModelDescription& description, bool is_terminal) {
  std::vector<Field> fields = {
      {.name = "revision", .value = description.revision},
      Count("parameters", description.parameters),
      Count("tensors", description.tensors),
      {.name = "bytes",
       .value = absl::StrCat(description.bytes),
       .shown = ShownBytes(static_cast<uint64_t>(description.bytes))},
      {.name = "dtype", .value = description.dtype},
      Count("image_tokens", description.image_tokens),
  };
  if (is_terminal) {
    AppendShownSizes(description.sizes, fields);
  } else {
    AppendPlainSizes("sizes", model::SizesToJson(description.sizes), fields);
  }
  return fields;
}

}  // namespace

absl::Status WriteModelReport(const std::string& model_dir, bool as_json,
                              Surroundings& surroundings) {
  MD2_ASSIGN_OR_RETURN(const model::ModelFolder folder,
                       model::OpenModelFolder(surroundings.files, model_dir, {}));
  const model::ModelDescription description = model::Describe(folder);
  if (as_json) {
    surroundings.out << JsonLine(model::DescriptionToJson(description));
  } else {
    const bool is_terminal = surroundings.out_is_terminal;
    surroundings.out << FieldsText(FieldsOf(description, is_terminal), is_terminal);
  }
  return absl::OkStatus();
}

}  // namespace md2::worker
