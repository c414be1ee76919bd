// How many bytes of text a second the tokenizer takes, on one core:
//   tokenizer_bench [--benchmark_...] TOKENIZER_JSON TEXT_FILE

#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "benchmark/benchmark.h"
#include "core/base/file_env.h"
#include "core/text/stream_decoder.h"
#include "core/text/tokenizer.h"

namespace md2::text {
namespace {

template <typename T>
T OrExit(absl::StatusOr<T> result) {
  if (!result.ok()) {
    std::cerr << result.status().message() << "\n";
    std::exit(1);
  }
  return *std::move(result);
}

void CountBytes(benchmark::State& state, const std::string& text) {
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * text.size()));
}

void Load(benchmark::State& state, const std::string& json) {
  for (auto _ : state) benchmark::DoNotOptimize(OrExit(Tokenizer::FromJson(json, "the tokenizer")));
  CountBytes(state, json);
}

void EncodeWhole(benchmark::State& state, const Tokenizer& tokenizer, const std::string& text) {
  size_t num_ids = 0;
  for (auto _ : state) num_ids = OrExit(tokenizer.Encode(text)).size();
  CountBytes(state, text);
  state.counters["ids"] = static_cast<double>(num_ids);
}

void EncodeLines(benchmark::State& state, const Tokenizer& tokenizer, const std::string& text) {
  std::vector<std::string> lines = absl::StrSplit(text, '\n');
  for (size_t i = 0; i + 1 < lines.size(); ++i) lines[i] += '\n';
  size_t num_ids = 0;
  for (auto _ : state) {
    num_ids = 0;
    for (const std::string& line : lines) num_ids += OrExit(tokenizer.Encode(line)).size();
  }
  CountBytes(state, text);
  state.counters["ids"] = static_cast<double>(num_ids);
}

void Decode(benchmark::State& state, const Tokenizer& tokenizer, const std::string& text) {
  const std::vector<TokenId> ids = OrExit(tokenizer.Encode(text));
  for (auto _ : state) benchmark::DoNotOptimize(tokenizer.Decode(ids));
  CountBytes(state, text);
}

void DecodeStream(benchmark::State& state, const Tokenizer& tokenizer, const std::string& text) {
  const std::vector<TokenId> ids = OrExit(tokenizer.Encode(text));
  StreamDecoder decoder(tokenizer);
  for (auto _ : state) {
    for (const TokenId id : ids) benchmark::DoNotOptimize(decoder.Feed(id));
    benchmark::DoNotOptimize(decoder.Finish());
  }
  CountBytes(state, text);
}

int Run(const std::string& tokenizer_path, const std::string& text_path) {
  base::FileEnv& env = *base::RealFileEnv();
  const std::string json = OrExit(base::ReadWholeFile(env, tokenizer_path, 64 << 20));
  const std::string text = OrExit(base::ReadWholeFile(env, text_path, kMaxTextBytes));
  const std::unique_ptr<const Tokenizer> tokenizer =
      OrExit(Tokenizer::FromJson(json, tokenizer_path));
  const auto add = [](const char* name, auto function) {
    benchmark::RegisterBenchmark(name, function)->Unit(benchmark::kMillisecond);
  };
  add("Load", [&](benchmark::State& state) { Load(state, json); });
  add("EncodeWhole", [&](benchmark::State& state) { EncodeWhole(state, *tokenizer, text); });
  add("EncodeLines", [&](benchmark::State& state) { EncodeLines(state, *tokenizer, text); });
  add("Decode", [&](benchmark::State& state) { Decode(state, *tokenizer, text); });
  add("DecodeStream", [&](benchmark::State& state) { DecodeStream(state, *tokenizer, text); });
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}

}  // namespace
}  // namespace md2::text

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (argc != 3) {
    std::cerr << "usage: tokenizer_bench [--benchmark_...] TOKENIZER_JSON TEXT_FILE\n";
    return 3;
  }
  return md2::text::Run(argv[1], argv[2]);
}
