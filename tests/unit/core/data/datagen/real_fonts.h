// Defines the fonts of the machine for tests:
//   RealFonts      loaded once
//   PutRealFonts   copied to where LoadFonts finds them on another disk

#ifndef MD2_TESTS_UNIT_CORE_DATA_DATAGEN_REAL_FONTS_H_
#define MD2_TESTS_UNIT_CORE_DATA_DATAGEN_REAL_FONTS_H_

#include "core/data/datagen/font_files.h"
#include "tests/testing/mem_file_env.h"

namespace md2::datagen {

const Fonts& RealFonts();
void PutRealFonts(testing::MemFileEnv& env);

}  // namespace md2::datagen

#endif  // MD2_TESTS_UNIT_CORE_DATA_DATAGEN_REAL_FONTS_H_
