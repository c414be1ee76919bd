#include "core/data/datagen/contact_sheet.h"

#include <algorithm>
#include <cstddef>

#include "absl/strings/string_view.h"
#include "core/data/datagen/paint.h"

namespace md2::datagen {
namespace {

constexpr int kSheetWidth = 1000;
constexpr int kGap = 8;
constexpr int kCaptionHeight = 20;
constexpr double kCaptionEm = 15;
constexpr Colour kWhite = {255, 255, 255};
constexpr Colour kBlack = {0, 0, 0};

void CopyInto(const image::Image& picture, int left, int top, image::Image& sheet) {
  for (int y = 0; y < picture.height(); ++y) {
    std::copy_n(picture.row(y), picture.row_bytes(),
                sheet.mutable_row(top + y) + ptrdiff_t{image::kChannels} * left);
  }
}

// The point is the left end of the line that letters stand on.
void WriteCaption(absl::string_view text, Point at, int max_width, const Font& font,
                  image::Image& sheet) {
  const double end = at.x + max_width;
  for (const char character : text) {
    const double advance = font.Advance(character, kCaptionEm);
    if (at.x + advance > end) return;
    Outline outline = font.Glyph(character, kCaptionEm);
    MoveBy(at, outline);
    Paint(outline, kBlack, sheet);
    at.x += advance;
  }
}

}  // namespace

image::Image ContactSheet(const std::vector<CaptionedPicture>& pictures, const Font& font) {
  int width = 1;
  int height = 1;
  for (const CaptionedPicture& picture : pictures) {
    width = std::max(width, picture.picture.width());
    height = std::max(height, picture.picture.height());
  }
  const int cell_width = width + kGap;
  const int cell_height = height + kCaptionHeight + kGap;
  const int count = static_cast<int>(pictures.size());
  const int columns = std::clamp((kSheetWidth - kGap) / cell_width, 1, count);
  const int rows = (count + columns - 1) / columns;

  image::Image sheet(kGap + columns * cell_width, kGap + rows * cell_height);
  FillImage(kWhite, sheet);
  for (int i = 0; i < count; ++i) {
    const int left = kGap + (i % columns) * cell_width;
    const int top = kGap + (i / columns) * cell_height;
    CopyInto(pictures[i].picture, left, top, sheet);
    const double line = top + height + 0.75 * kCaptionHeight;
    WriteCaption(pictures[i].caption, {static_cast<double>(left), line}, width, font, sheet);
  }
  return sheet;
}

}  // namespace md2::datagen
