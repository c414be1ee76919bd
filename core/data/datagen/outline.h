// Defines shapes before they are pixels:
//   Point, Box, Contour, Outline
//   BoxOf                        where an outline lies
//   MoveBy, ScaleBy, TurnBy, WarpCorners   change one
//   Polygon, Stroke, Arc         make one

#ifndef MD2_CORE_DATA_DATAGEN_OUTLINE_H_
#define MD2_CORE_DATA_DATAGEN_OUTLINE_H_

#include <array>
#include <vector>

#include "absl/types/span.h"

namespace md2::datagen {

// In pixels; x grows to the right, y downwards.
struct Point {
  double x = 0;
  double y = 0;
};

struct Box {
  Point low;  // left and top
  Point high;

  double width() const { return high.x - low.x; }
  double height() const { return high.y - low.y; }
};

// A closed line: from `start` along quadratic curves, each from where the last one ended.
struct Contour {
  struct Curve {
    Point control;  // the middle of the ends for a straight line
    Point end;
  };

  Point start;
  std::vector<Curve> curves;
};

// All of one colour. Contours turn one way around what they fill and the other way around holes.
struct Outline {
  std::vector<Contour> contours;
};

// The smallest box of all points, control points included. All zero for an empty outline.
Box BoxOf(const Outline& outline);

void MoveBy(Point offset, Outline& outline);
// About the point (0, 0).
void ScaleBy(double x_factor, double y_factor, Outline& outline);
// About the point (0, 0), clockwise as seen. REQUIRES: |degrees| <= 360.
void TurnBy(double degrees, Outline& outline);

// Moves the corners of the outline's box, and what is between them in proportion: bilinear. The
// offsets belong to the corners left top, right top, right bottom, left bottom.
void WarpCorners(const std::array<Point, 4>& offsets, Outline& outline);

Outline Polygon(absl::Span<const Point> corners);
// A straight line with blunt ends. REQUIRES: from and to differ.
Outline Stroke(Point from, Point to, double width_px);
// Part of the ellipse that fills `box`, clockwise from `start_degrees`, 0 being its right end.
// REQUIRES: 0 <= start_degrees < end_degrees <= 360.
Outline Arc(const Box& box, double start_degrees, double end_degrees, double width_px);

}  // namespace md2::datagen

#endif  // MD2_CORE_DATA_DATAGEN_OUTLINE_H_
