// Any bytes as a safetensors file: refused, or every byte of data belongs to one tensor, and what
// was read can be written and read again.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "core/model/safetensors_reader.h"
#include "core/model/safetensors_writer.h"
#include "tests/testing/mem_file_env.h"

namespace {

using md2::model::SafetensorsHeader;
using md2::model::SafetensorsReader;
using md2::model::SafetensorsWriter;
using md2::model::TensorDeclaration;
using md2::model::TensorEntry;

void Require(bool condition) {
  if (!condition) std::abort();
}

void CheckPlaces(const SafetensorsHeader& header, size_t file_bytes) {
  uint64_t reached = header.data_begin;
  for (const TensorEntry& entry : header.entries) {
    Require(entry.offset == reached);
    Require(md2::model::TensorBytes(entry.dtype, entry.shape) == entry.num_bytes);
    Require(entry.num_elements() >= 0);
    reached += entry.num_bytes;
  }
  Require(reached == file_bytes);
}

// Nothing when a name is one that the writer does not take.
std::unique_ptr<SafetensorsWriter> CreateWriter(md2::testing::MemFileEnv& env,
                                                const SafetensorsReader& reader) {
  std::vector<TensorDeclaration> tensors;
  for (const TensorEntry& entry : reader.entries()) {
    if (entry.name.empty()) return nullptr;
    tensors.push_back({entry.name, entry.dtype, entry.shape});
  }
  auto writer = SafetensorsWriter::Create(env, "/out", std::move(tensors), reader.metadata());
  Require(writer.ok());
  return *std::move(writer);
}

void CheckRoundTrip(absl::string_view file) {
  md2::testing::MemFileEnv env;
  env.Put("/in", file);
  const auto in = SafetensorsReader::OpenFile(env, "/in");
  Require(in.ok());
  const std::unique_ptr<SafetensorsWriter> writer = CreateWriter(env, **in);
  if (writer == nullptr) return;
  for (const TensorEntry& entry : (*in)->entries()) {
    Require(writer->Append(entry.name, (*in)->Bytes(entry)).ok());
  }
  Require(writer->Finish().ok());
  const auto out = SafetensorsReader::OpenFile(env, "/out");
  Require(out.ok());
  Require((*out)->metadata() == (*in)->metadata());
  Require((*out)->entries().size() == (*in)->entries().size());
  for (const TensorEntry& entry : (*in)->entries()) {
    const TensorEntry* copy = (*out)->Find(entry.name);
    Require(copy != nullptr && copy->dtype == entry.dtype && copy->shape == entry.shape);
    Require((*out)->Bytes(*copy) == (*in)->Bytes(entry));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto header = md2::model::ParseSafetensorsHeader({data, size}, "the input");
  if (!header.ok()) return 0;
  CheckPlaces(*header, size);
  CheckRoundTrip({reinterpret_cast<const char*>(data), size});
  return 0;
}
