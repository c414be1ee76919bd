#include "tests/unit/core/image/golden_file.h"

#include <cstdlib>
#include <iostream>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "core/base/file_env.h"
#include "core/base/json.h"

namespace md2::image {
namespace {

[[noreturn]] void Exit(const std::string& problem) {
  std::cerr << "cannot read a golden file: " << problem << "\n";
  std::exit(1);
}

std::string ReadGolden(const std::string& file_name) {
  const std::string path = absl::StrCat(MD2_SOURCE_DIR, "/tests/golden/image/", file_name);
  auto content = base::ReadWholeFile(*base::RealFileEnv(), path, 1 << 20);
  if (!content.ok()) Exit(std::string(content.status().message()));
  return *std::move(content);
}

std::string BytesAt(const base::Json& row, const char* key) {
  std::string bytes;
  if (!absl::Base64Unescape(row.at(key).get<std::string>(), &bytes)) Exit(row.dump());
  return bytes;
}

std::string FileOf(const std::string& file_name, const std::string& name) {
  for (GoldenPicture& picture : ReadGoldenPictures(file_name)) {
    if (picture.name == name) return std::move(picture.file);
  }
  Exit(absl::StrCat("no picture ", name, " in ", file_name));
}

}  // namespace

std::vector<GoldenPicture> ReadGoldenPictures(const std::string& file_name) {
  std::vector<GoldenPicture> pictures;
  const std::string content = ReadGolden(file_name);
  for (const absl::string_view line : absl::StrSplit(content, '\n', absl::SkipEmpty())) {
    const auto row = base::ParseJson(line, {}, file_name);
    if (!row.ok()) Exit(std::string(row.status().message()));
    pictures.push_back({row->at("name").get<std::string>(), row->at("width").get<int>(),
                        row->at("height").get<int>(), BytesAt(*row, "file"), BytesAt(*row, "rgb")});
  }
  return pictures;
}

std::string GoldenPng(const std::string& name) { return FileOf("png.jsonl", name); }
std::string GoldenJpeg(const std::string& name) { return FileOf("jpeg.jsonl", name); }

std::vector<std::vector<std::string>> ReadGoldenLines(const std::string& file_name) {
  std::vector<std::vector<std::string>> lines;
  const std::string content = ReadGolden(file_name);
  for (const absl::string_view line : absl::StrSplit(content, '\n', absl::SkipEmpty())) {
    lines.push_back(absl::StrSplit(line, ' '));
  }
  return lines;
}

}  // namespace md2::image
