#include "core/data/datagen/outline.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>

#include "core/data/datagen/direction.h"

namespace md2::datagen {
namespace {

// Calls change(point) for each point.
template <typename Change>
void ForEachPoint(Outline& outline, const Change& change) {
  for (Contour& contour : outline.contours) {
    change(contour.start);
    for (Contour::Curve& curve : contour.curves) {
      change(curve.control);
      change(curve.end);
    }
  }
}

void Include(Point point, Box& box) {
  box.low = {std::min(box.low.x, point.x), std::min(box.low.y, point.y)};
  box.high = {std::max(box.high.x, point.x), std::max(box.high.y, point.y)};
}

Point Middle(Point a, Point b) { return {(a.x + b.x) / 2, (a.y + b.y) / 2}; }

}  // namespace

Box BoxOf(const Outline& outline) {
  if (outline.contours.empty()) return {};
  const Point first = outline.contours.front().start;
  Box box = {first, first};
  for (const Contour& contour : outline.contours) {
    Include(contour.start, box);
    for (const Contour::Curve& curve : contour.curves) {
      Include(curve.control, box);
      Include(curve.end, box);
    }
  }
  return box;
}

void MoveBy(Point offset, Outline& outline) {
  ForEachPoint(outline, [offset](Point& point) {
    point.x += offset.x;
    point.y += offset.y;
  });
}

void ScaleBy(double x_factor, double y_factor, Outline& outline) {
  ForEachPoint(outline, [=](Point& point) {
    point.x *= x_factor;
    point.y *= y_factor;
  });
}

void TurnBy(double degrees, Outline& outline) {
  const Direction turn = DirectionOf(degrees);
  ForEachPoint(outline, [turn](Point& point) {
    point = {point.x * turn.cosine - point.y * turn.sine,
             point.x * turn.sine + point.y * turn.cosine};
  });
}

void WarpCorners(const std::array<Point, 4>& offsets, Outline& outline) {
  const Box box = BoxOf(outline);
  if (box.width() <= 0 || box.height() <= 0) return;
  ForEachPoint(outline, [&](Point& point) {
    const double right = (point.x - box.low.x) / box.width();
    const double down = (point.y - box.low.y) / box.height();
    const std::array<double, 4> shares = {(1 - right) * (1 - down), right * (1 - down),
                                          right * down, (1 - right) * down};
    for (size_t corner = 0; corner < offsets.size(); ++corner) {
      point.x += shares[corner] * offsets[corner].x;
      point.y += shares[corner] * offsets[corner].y;
    }
  });
}

Outline Polygon(absl::Span<const Point> corners) {
  if (corners.empty()) return {};
  Contour contour = {.start = corners.front(), .curves = {}};
  contour.curves.reserve(corners.size());
  Point last = contour.start;
  for (const Point corner : corners.subspan(1)) {
    contour.curves.push_back({.control = Middle(last, corner), .end = corner});
    last = corner;
  }
  contour.curves.push_back({.control = Middle(last, contour.start), .end = contour.start});
  Outline outline;
  outline.contours.push_back(std::move(contour));
  return outline;
}

Outline Stroke(Point from, Point to, double width_px) {
  const double along_x = to.x - from.x;
  const double along_y = to.y - from.y;
  const double half = width_px / 2 / std::sqrt(along_x * along_x + along_y * along_y);
  const Point aside = {-along_y * half, along_x * half};
  return Polygon({{from.x + aside.x, from.y + aside.y},
                  {from.x - aside.x, from.y - aside.y},
                  {to.x - aside.x, to.y - aside.y},
                  {to.x + aside.x, to.y + aside.y}});
}

Outline Arc(const Box& box, double start_degrees, double end_degrees, double width_px) {
  constexpr int kNumSteps = 48;
  const Point centre = Middle(box.low, box.high);
  std::vector<Point> corners;
  corners.reserve(2 * (kNumSteps + 1));
  const auto add = [&](int step, double further_px) {
    const Direction direction =
        DirectionOf(start_degrees + (end_degrees - start_degrees) * step / kNumSteps);
    corners.push_back({centre.x + direction.cosine * (box.width() / 2 + further_px),
                       centre.y + direction.sine * (box.height() / 2 + further_px)});
  };
  for (int step = 0; step <= kNumSteps; ++step) add(step, width_px / 2);
  for (int step = kNumSteps; step >= 0; --step) add(step, -width_px / 2);
  return Polygon(corners);
}

}  // namespace md2::datagen
