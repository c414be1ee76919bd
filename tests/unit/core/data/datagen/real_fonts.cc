#include "tests/unit/core/data/datagen/real_fonts.h"

#include <string>

namespace md2::datagen {

const Fonts& RealFonts() {
  static const auto* const fonts = new Fonts(LoadFonts(*base::RealFileEnv()).value());
  return *fonts;
}

void PutRealFonts(testing::MemFileEnv& env) {
  for (const std::string& path : FontPaths()) {
    env.Put(path, base::ReadWholeFile(*base::RealFileEnv(), path, 20'000'000).value());
  }
}

}  // namespace md2::datagen
