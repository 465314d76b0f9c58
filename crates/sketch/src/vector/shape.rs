//! Path constructors. Coordinates are those of the thing being drawn: x to the right, y down.

use tiny_skia::{Path, PathBuilder, Rect};

/// A point.
pub(crate) type Pt = (f32, f32);

/// The sine and cosine of an angle in degrees, from `libm` so that every platform gives the same
/// result.
pub(crate) fn sin_cos(degrees: f32) -> (f32, f32) {
    let radians = degrees * std::f32::consts::PI / 180.0;
    (libm::sinf(radians), libm::cosf(radians))
}

/// Finishes a path. A degenerate path is replaced by one too small to be visible.
fn finish(builder: PathBuilder) -> Path {
    builder.finish().unwrap_or_else(|| {
        PathBuilder::from_rect(
            Rect::from_xywh(0.0, 0.0, 1e-4, 1e-4).expect("the rectangle is not empty"),
        )
    })
}

/// An ellipse centred at (x, y).
pub(crate) fn ellipse(x: f32, y: f32, rx: f32, ry: f32) -> Path {
    rotated_ellipse(x, y, rx, ry, 0.0)
}

/// A circle centred at (x, y).
pub(crate) fn circle(x: f32, y: f32, r: f32) -> Path {
    ellipse(x, y, r, r)
}

/// An ellipse centred at (x, y), rotated clockwise by `degrees`.
pub(crate) fn rotated_ellipse(x: f32, y: f32, rx: f32, ry: f32, degrees: f32) -> Path {
    // The control point distance with which a cubic best approximates a quarter circle.
    const HANDLE: f32 = 0.552_284_8;
    let (sin, cos) = if degrees == 0.0 {
        (0.0, 1.0)
    } else {
        sin_cos(degrees)
    };
    let at = |px: f32, py: f32| (x + px * cos - py * sin, y + px * sin + py * cos);
    let mut b = PathBuilder::new();
    let start = at(rx, 0.0);
    b.move_to(start.0, start.1);
    for (ax, ay, bx, by) in [
        (1.0, 0.0, 0.0, 1.0),
        (0.0, 1.0, -1.0, 0.0),
        (-1.0, 0.0, 0.0, -1.0),
        (0.0, -1.0, 1.0, 0.0),
    ] {
        let c1 = at((ax + bx * HANDLE) * rx, (ay + by * HANDLE) * ry);
        let c2 = at((bx + ax * HANDLE) * rx, (by + ay * HANDLE) * ry);
        let end = at(bx * rx, by * ry);
        b.cubic_to(c1.0, c1.1, c2.0, c2.1, end.0, end.1);
    }
    b.close();
    finish(b)
}

/// A rectangle with its top left corner at (x, y).
pub(crate) fn rect(x: f32, y: f32, w: f32, h: f32) -> Path {
    poly(&[(x, y), (x + w, y), (x + w, y + h), (x, y + h)])
}

/// A rectangle with corners rounded by radius `r`.
pub(crate) fn rounded_rect(x: f32, y: f32, w: f32, h: f32, r: f32) -> Path {
    rounded_poly(
        &[(x, y), (x + w, y), (x + w, y + h), (x, y + h)],
        r.min(w / 2.0).min(h / 2.0),
    )
}

/// A polygon with sharp corners.
pub(crate) fn poly(points: &[Pt]) -> Path {
    let mut b = PathBuilder::new();
    for (i, &(x, y)) in points.iter().enumerate() {
        if i == 0 {
            b.move_to(x, y);
        } else {
            b.line_to(x, y);
        }
    }
    b.close();
    finish(b)
}

/// A polygon with corners rounded by radius `r`, or by less if an edge is too short.
pub(crate) fn rounded_poly(points: &[Pt], r: f32) -> Path {
    let n = points.len();
    let mut b = PathBuilder::new();
    let towards = |from: Pt, to: Pt| {
        let (dx, dy) = (to.0 - from.0, to.1 - from.1);
        let length = (dx * dx + dy * dy).sqrt().max(1e-6);
        let step = r.min(length / 2.0) / length;
        (from.0 + dx * step, from.1 + dy * step)
    };
    for i in 0..n {
        let corner = points[i];
        let enter = towards(corner, points[(i + n - 1) % n]);
        let leave = towards(corner, points[(i + 1) % n]);
        if i == 0 {
            b.move_to(enter.0, enter.1);
        } else {
            b.line_to(enter.0, enter.1);
        }
        b.quad_to(corner.0, corner.1, leave.0, leave.1);
    }
    b.close();
    finish(b)
}

/// A smooth closed curve through all `points`.
pub(crate) fn blob(points: &[Pt]) -> Path {
    let n = points.len();
    let mut b = PathBuilder::new();
    b.move_to(points[0].0, points[0].1);
    for i in 0..n {
        let at = |k: usize| points[(i + n + k - 1) % n];
        smooth(&mut b, at(0), at(1), at(2), at(3));
    }
    b.close();
    finish(b)
}

/// A smooth open curve through all `points`.
pub(crate) fn curve(points: &[Pt]) -> Path {
    let mut b = PathBuilder::new();
    curve_into(&mut b, points);
    finish(b)
}

/// A hill: a smooth curve through `points`, closed by straight lines down to `floor`.
pub(crate) fn hill(points: &[Pt], floor: f32) -> Path {
    let mut b = PathBuilder::new();
    curve_into(&mut b, points);
    if let (Some(first), Some(last)) = (points.first(), points.last()) {
        b.line_to(last.0, floor);
        b.line_to(first.0, floor);
    }
    b.close();
    finish(b)
}

fn curve_into(b: &mut PathBuilder, points: &[Pt]) {
    let n = points.len();
    b.move_to(points[0].0, points[0].1);
    // Beyond each end, the spline continues straight.
    let beyond = |end: Pt, inner: Pt| (2.0 * end.0 - inner.0, 2.0 * end.1 - inner.1);
    for i in 0..n - 1 {
        let (p1, p2) = (points[i], points[i + 1]);
        let p0 = if i == 0 {
            beyond(p1, p2)
        } else {
            points[i - 1]
        };
        let p3 = points.get(i + 2).map_or_else(|| beyond(p2, p1), |p| *p);
        smooth(b, p0, p1, p2, p3);
    }
}

/// One segment of a Catmull-Rom spline, from `p1` to `p2`.
fn smooth(b: &mut PathBuilder, p0: Pt, p1: Pt, p2: Pt, p3: Pt) {
    b.cubic_to(
        p1.0 + (p2.0 - p0.0) / 6.0,
        p1.1 + (p2.1 - p0.1) / 6.0,
        p2.0 - (p3.0 - p1.0) / 6.0,
        p2.1 - (p3.1 - p1.1) / 6.0,
        p2.0,
        p2.1,
    );
}

/// An open path of straight lines through `points`.
pub(crate) fn polyline(points: &[Pt]) -> Path {
    let mut b = PathBuilder::new();
    for (i, &(x, y)) in points.iter().enumerate() {
        if i == 0 {
            b.move_to(x, y);
        } else {
            b.line_to(x, y);
        }
    }
    finish(b)
}

/// An arc of an ellipse between two angles, in degrees clockwise from the positive x axis.
pub(crate) fn arc(x: f32, y: f32, rx: f32, ry: f32, from: f32, to: f32) -> Path {
    let pieces = ((to - from).abs() / 60.0).ceil().max(1.0);
    let step = (to - from) / pieces;
    // The control point distance with which a cubic approximates the arc.
    let (sin, cos) = sin_cos(step / 2.0);
    let handle = 4.0 / 3.0 * (1.0 - cos) / sin;
    let mut b = PathBuilder::new();
    for piece in 0..pieces as u16 {
        let start = from + step * f32::from(piece);
        let ((s0, c0), (s1, c1)) = (sin_cos(start), sin_cos(start + step));
        if piece == 0 {
            b.move_to(x + rx * c0, y + ry * s0);
        }
        b.cubic_to(
            x + rx * (c0 - handle * s0),
            y + ry * (s0 + handle * c0),
            x + rx * (c1 + handle * s1),
            y + ry * (s1 - handle * c1),
            x + rx * c1,
            y + ry * s1,
        );
    }
    finish(b)
}

/// A star with `n` points, rounded by radius `corner`.
pub(crate) fn star(x: f32, y: f32, outer: f32, inner: f32, n: u8, corner: f32) -> Path {
    let points: Vec<Pt> = (0..2 * n)
        .map(|i| {
            let (sin, cos) = sin_cos(-90.0 + 180.0 * f32::from(i) / f32::from(n));
            let r = if i % 2 == 0 { outer } else { inner };
            (x + r * cos, y + r * sin)
        })
        .collect();
    rounded_poly(&points, corner)
}

/// A heart that fits into a square of side `w` centred at (x, y).
pub(crate) fn heart(x: f32, y: f32, w: f32) -> Path {
    let p = |px: f32, py: f32| (x + px * w, y + py * w);
    let mut b = PathBuilder::new();
    let (start, tip) = (p(0.0, -0.26), p(0.0, 0.46));
    b.move_to(start.0, start.1);
    for side in [1.0, -1.0] {
        let (c1, c2) = (p(0.16 * side, -0.56), p(0.56 * side, -0.5));
        let (mid, c3, c4) = (
            p(0.5 * side, -0.1),
            p(0.46 * side, 0.14),
            p(0.12 * side, 0.34),
        );
        if side > 0.0 {
            b.cubic_to(c1.0, c1.1, c2.0, c2.1, mid.0, mid.1);
            b.cubic_to(c3.0, c3.1, c4.0, c4.1, tip.0, tip.1);
        } else {
            b.cubic_to(c4.0, c4.1, c3.0, c3.1, mid.0, mid.1);
            b.cubic_to(c2.0, c2.1, c1.0, c1.1, start.0, start.1);
        }
    }
    b.close();
    finish(b)
}
