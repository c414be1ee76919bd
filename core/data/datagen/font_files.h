// Defines the fonts that samples are drawn with:
//   Fonts       those four
//   LoadFonts   from where Debian's packages put them

#ifndef MD2_CORE_DATA_DATAGEN_FONT_FILES_H_
#define MD2_CORE_DATA_DATAGEN_FONT_FILES_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "core/base/file_env.h"
#include "core/data/datagen/font.h"

namespace md2::datagen {

// DejaVu Sans Bold, DejaVu Sans Mono, Liberation Sans Bold, Liberation Serif Bold. A sample's bytes
// depend on this order.
using Fonts = std::vector<std::unique_ptr<const Font>>;

// Where they are, in that order.
std::vector<std::string> FontPaths();

// FILE_NOT_FOUND (NotFound) when any is missing or is no font: one error that names each of them
// and the packages that bring them.
absl::StatusOr<Fonts> LoadFonts(base::FileEnv& env);

}  // namespace md2::datagen

#endif  // MD2_CORE_DATA_DATAGEN_FONT_FILES_H_
