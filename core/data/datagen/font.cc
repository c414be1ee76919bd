#include "core/data/datagen/font.h"

#include <cmath>
#include <cstdlib>
#include <utility>

#define STB_TRUETYPE_IMPLEMENTATION
#define STBTT_STATIC
#define STBTT_assert(condition) ((void)0)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-function"
#include "stb_truetype.h"
#pragma GCC diagnostic pop

namespace md2::datagen {
namespace {

constexpr double kPointsPerPixel = 64;

// Hands the shape back to stb_truetype when it goes.
struct GlyphShape {
  GlyphShape(const stbtt_fontinfo& of_font, char character)
      : font(of_font), size(stbtt_GetCodepointShape(&of_font, character, &vertices)) {}
  ~GlyphShape() { stbtt_FreeShape(&font, vertices); }
  GlyphShape(const GlyphShape&) = delete;
  GlyphShape& operator=(const GlyphShape&) = delete;

  const stbtt_fontinfo& font;
  stbtt_vertex* vertices = nullptr;
  int size;
};

class TrueTypeFont : public Font {
 public:
  explicit TrueTypeFont(std::string bytes) : bytes_(std::move(bytes)) {
    const auto* data = reinterpret_cast<const unsigned char*>(bytes_.data());
    const int offset = bytes_.size() < 12 ? -1 : stbtt_GetFontOffsetForIndex(data, 0);
    is_valid_ = offset >= 0 && stbtt_InitFont(&info_, data, offset) != 0;
  }

  bool HasDigits() const {
    if (!is_valid_) return false;
    for (char digit = '0'; digit <= '9'; ++digit) {
      if (stbtt_FindGlyphIndex(&info_, digit) == 0) return false;
    }
    return true;
  }

  Outline Glyph(char character, double em_px) const override {
    const double scale = em_px * stbtt_ScaleForMappingEmToPixels(&info_, 1);
    const auto point = [scale](int x, int y) { return Point{x * scale, -y * scale}; };
    const GlyphShape shape(info_, character);
    Outline outline;
    Point last;
    for (int i = 0; i < shape.size; ++i) {
      const stbtt_vertex& vertex = shape.vertices[i];
      const Point end = point(vertex.x, vertex.y);
      if (vertex.type == STBTT_vmove) {
        outline.contours.push_back({.start = end, .curves = {}});
      } else if (vertex.type == STBTT_vcurve) {
        outline.contours.back().curves.push_back(
            {.control = point(vertex.cx, vertex.cy), .end = end});
      } else {
        outline.contours.back().curves.push_back(
            {.control = {(last.x + end.x) / 2, (last.y + end.y) / 2}, .end = end});
      }
      last = end;
    }
    return outline;
  }

  double Advance(char character, double em_px) const override {
    int advance = 0;
    stbtt_GetCodepointHMetrics(&info_, character, &advance, nullptr);
    return advance * em_px * stbtt_ScaleForMappingEmToPixels(&info_, 1);
  }

 private:
  const std::string bytes_;
  stbtt_fontinfo info_{};
  bool is_valid_ = false;
};

int16_t Fixed(double pixels) {
  return static_cast<int16_t>(std::floor(pixels * kPointsPerPixel + 0.5));
}

// Points are written from `centre`.
std::vector<stbtt_vertex> VerticesOf(const Outline& outline, Point centre) {
  std::vector<stbtt_vertex> vertices;
  const auto add = [&](unsigned char type, Point control, Point end) {
    stbtt_vertex vertex{};
    vertex.type = type;
    vertex.x = Fixed(end.x - centre.x);
    vertex.y = Fixed(end.y - centre.y);
    vertex.cx = Fixed(control.x - centre.x);
    vertex.cy = Fixed(control.y - centre.y);
    vertices.push_back(vertex);
  };
  for (const Contour& contour : outline.contours) {
    add(STBTT_vmove, contour.start, contour.start);
    for (const Contour::Curve& curve : contour.curves) add(STBTT_vcurve, curve.control, curve.end);
  }
  return vertices;
}

}  // namespace

std::unique_ptr<const Font> Font::FromBytes(std::string bytes) {
  auto font = std::make_unique<TrueTypeFont>(std::move(bytes));
  if (!font->HasDigits()) return nullptr;
  return font;
}

Coverage Rasterize(const Outline& outline) {
  const Box box = BoxOf(outline);
  Coverage coverage;
  coverage.left = static_cast<int>(std::floor(box.low.x));
  coverage.top = static_cast<int>(std::floor(box.low.y));
  // A 64th of a pixel may round beyond the box.
  coverage.width = static_cast<int>(std::ceil(box.high.x)) - coverage.left + 1;
  coverage.height = static_cast<int>(std::ceil(box.high.y)) - coverage.top + 1;
  coverage.levels.resize(size_t{1} * coverage.width * coverage.height);

  const int half_width = coverage.width / 2;
  const int half_height = coverage.height / 2;
  std::vector<stbtt_vertex> vertices =
      VerticesOf(outline, {static_cast<double>(coverage.left + half_width),
                           static_cast<double>(coverage.top + half_height)});
  stbtt__bitmap bitmap = {.w = coverage.width,
                          .h = coverage.height,
                          .stride = coverage.width,
                          .pixels = coverage.levels.data()};
  constexpr float kFlatnessPx = 0.1F;
  constexpr auto kScale = static_cast<float>(1 / kPointsPerPixel);
  stbtt_Rasterize(&bitmap, kFlatnessPx, vertices.data(), static_cast<int>(vertices.size()), kScale,
                  kScale, static_cast<float>(half_width), static_cast<float>(half_height), 0, 0, 0,
                  nullptr);
  return coverage;
}

}  // namespace md2::datagen
