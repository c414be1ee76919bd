// Defines the one door to stb_truetype:
//   Font        a TrueType file: shapes of letters
//   Coverage    how much of each pixel a shape covers
//   Rasterize   an outline as coverage

#ifndef MD2_CORE_DATA_DATAGEN_FONT_H_
#define MD2_CORE_DATA_DATAGEN_FONT_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/data/datagen/outline.h"

namespace md2::datagen {

// What Rasterize takes at most, in pixels of width and height.
inline constexpr int kMaxOutlinePx = 1000;

// Immutable, share freely.
class Font {
 public:
  // Null when the bytes are no TrueType font that has all digits. They must come from a trusted
  // package: stb_truetype does not check offsets.
  static std::unique_ptr<const Font> FromBytes(std::string bytes);
  virtual ~Font() = default;

  // The shape on a line that begins at (0, 0); empty for a character without one. The square of an
  // em has `em_px` pixels a side.
  virtual Outline Glyph(char character, double em_px) const = 0;
  // From the start of a character to that of the next.
  virtual double Advance(char character, double em_px) const = 0;
};

struct Coverage {
  int left = 0;  // of the first pixel in the picture; may be negative, as may be top
  int top = 0;
  int width = 0;
  int height = 0;
  std::vector<uint8_t> levels;  // [height, width], 0 to 255
};

// Points are rounded to 64ths of a pixel. REQUIRES: the outline's box is at most kMaxOutlinePx wide
// and high.
Coverage Rasterize(const Outline& outline);

}  // namespace md2::datagen

#endif  // MD2_CORE_DATA_DATAGEN_FONT_H_
