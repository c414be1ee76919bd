#include "core/model/weight_table.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace md2::model {
namespace {

class TableBuilder {
 public:
  void Add(std::string name, std::vector<int64_t> shape) {
    table_.push_back({std::move(name), std::move(shape)});
  }
  void Linear(const std::string& name, int64_t out, int64_t in) {
    Add(name + ".weight", {out, in});
    Add(name + ".bias", {out});
  }
  void Norm(const std::string& name, int64_t dim) {
    Add(name + ".weight", {dim});
    Add(name + ".bias", {dim});
  }
  std::vector<WeightSpec> Take() { return std::move(table_); }

 private:
  std::vector<WeightSpec> table_;
};

void AddVision(const VisionSizes& v, TableBuilder& table) {
  const std::string vision = names::kVision;
  table.Add(vision + "pos_embed", {1, v.patches(), v.dim});
  table.Linear(vision + "patch_embed.linear", v.dim, v.patch_values());
  for (int64_t i = 0; i < v.depth; ++i) {
    const std::string block = absl::StrCat(vision, "blocks.", i, ".");
    table.Norm(block + "norm1", v.dim);
    table.Linear(block + "attn.qkv", 3 * v.dim, v.dim);
    table.Linear(block + "attn.proj", v.dim, v.dim);
    table.Norm(block + "norm2", v.dim);
    table.Linear(block + "mlp.fc1", v.mlp_dim, v.dim);
    table.Linear(block + "mlp.fc2", v.dim, v.mlp_dim);
  }
  table.Norm(vision + "norm", v.dim);
}

void AddText(const TextSizes& t, TableBuilder& table) {
  table.Add(absl::StrCat(names::kText, "transformer.embd.wte.weight"), {t.vocab, t.dim});
  for (int64_t i = 0; i < t.layers; ++i) {
    const std::string block = absl::StrCat(names::kTextBlocks, i, ".");
    table.Norm(block + "ln", t.dim);
    table.Linear(block + "mixer.Wqkv", 3 * t.dim, t.dim);
    table.Linear(block + "mixer.out_proj", t.dim, t.dim);
    table.Linear(block + "mlp.fc1", t.mlp_dim, t.dim);
    table.Linear(block + "mlp.fc2", t.dim, t.mlp_dim);
  }
  table.Norm(absl::StrCat(names::kHead, "ln"), t.dim);
  table.Linear(absl::StrCat(names::kHead, "linear"), t.vocab, t.dim);
}

}  // namespace

std::vector<WeightSpec> WeightTable(const Sizes& sizes) {
  TableBuilder table;
  AddVision(sizes.vision, table);
  const std::string projector = names::kProjector;
  table.Linear(projector + "fc1", sizes.projector_dim, 2 * sizes.vision.dim);
  table.Linear(projector + "fc2", sizes.text.dim, sizes.projector_dim);
  AddText(sizes.text, table);
  return table.Take();
}

int64_t CountElements(const WeightSpec& spec) {
  int64_t count = 1;
  for (const int64_t size : spec.shape) count *= size;
  return count;
}

int64_t CountParameters(const std::vector<WeightSpec>& table) {
  int64_t count = 0;
  for (const WeightSpec& spec : table) count += CountElements(spec);
  return count;
}

}  // namespace md2::model
