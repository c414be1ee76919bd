#include "core/data/datagen/font_files.h"

#include <array>
#include <cstdint>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/error.h"

namespace md2::datagen {
namespace {

constexpr uint64_t kMaxFontBytes = 20'000'000;

constexpr std::array<const char*, 4> kFontPaths = {
    "/usr/share/fonts/truetype/dejavu/DejaVuSans-Bold.ttf",
    "/usr/share/fonts/truetype/dejavu/DejaVuSansMono.ttf",
    "/usr/share/fonts/truetype/liberation/LiberationSans-Bold.ttf",
    "/usr/share/fonts/truetype/liberation/LiberationSerif-Bold.ttf",
};

}  // namespace

std::vector<std::string> FontPaths() { return {kFontPaths.begin(), kFontPaths.end()}; }

absl::StatusOr<Fonts> LoadFonts(base::FileEnv& env) {
  Fonts fonts;
  base::ErrorList problems;
  for (const std::string& path : FontPaths()) {
    absl::StatusOr<std::string> bytes = base::ReadWholeFile(env, path, kMaxFontBytes);
    if (!bytes.ok()) {
      problems.Add(std::string(bytes.status().message()));
      continue;
    }
    fonts.push_back(Font::FromBytes(*std::move(bytes)));
    if (fonts.back() == nullptr) {
      problems.Add(absl::StrCat("expected a TrueType font with digits, found none: ", path));
    }
  }
  if (problems.empty()) return fonts;
  return problems.ToStatus(absl::StatusCode::kNotFound, base::Reason::kFileNotFound,
                           "expected the fonts of Debian's packages fonts-dejavu-core and "
                           "fonts-liberation; install both");
}

}  // namespace md2::datagen
