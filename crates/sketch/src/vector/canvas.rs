//! A canvas that draws shapes under the scene's light, with outlines of uniform width.

use tiny_skia::{
    FillRule, GradientStop, LineCap, LineJoin, LinearGradient, Paint, Path, PixmapMut, Point,
    Shader, SpreadMode, Stroke, Transform,
};

use super::color::{Rgb, WHITE};
use super::shape::{self, Pt};

/// The fill of a shape.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Fill {
    /// One colour.
    Flat(Rgb),
    /// A subtle vertical gradient around one colour, from slightly lighter to slightly darker.
    Soft(Rgb),
    /// A vertical gradient from the first colour (top) to the second (bottom).
    Gradient(Rgb, Rgb),
    /// One colour with an opacity from 0 to 1.
    Translucent(Rgb, f32),
}

impl From<Rgb> for Fill {
    fn from(color: Rgb) -> Self {
        Self::Soft(color)
    }
}

/// The light of a scene.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Light {
    /// The colour of the light; white changes nothing.
    pub(crate) color: Rgb,
    /// The strength of the light, from 0 to 1.
    pub(crate) amount: f32,
    /// The colour and opacity of the rim of light around things; set in dark scenes.
    pub(crate) rim: Option<(Rgb, f32)>,
}

impl Light {
    /// White light, which leaves colours unchanged.
    pub(crate) const NEUTRAL: Self = Self {
        color: WHITE,
        amount: 0.0,
        rim: None,
    };
}

/// A drawing surface with a coordinate transform and a light.
pub(crate) struct Canvas<'a> {
    pixels: PixmapMut<'a>,
    transform: Transform,
    /// Pixels per unit of the current coordinates.
    scale: f32,
    /// The outline width, in pixels.
    line: f32,
    light: Light,
    /// Whether the picture is too small for fine detail.
    coarse: bool,
}

impl<'a> Canvas<'a> {
    /// Creates a canvas over `pixels`, in pixel coordinates.
    pub(crate) fn new(pixels: PixmapMut<'a>, light: Light) -> Self {
        let side = pixels.width().min(pixels.height()) as f32;
        Self {
            pixels,
            transform: Transform::identity(),
            scale: 1.0,
            line: (side * 0.0058).max(0.6),
            light,
            coarse: side < 100.0,
        }
    }

    /// Whether the picture is too small for fine detail: its shorter side is below 100 pixels.
    pub(crate) fn is_coarse(&self) -> bool {
        self.coarse
    }

    /// Calls `draw` in local coordinates, with the origin at (x, y), scaled by `scale`, rotated
    /// clockwise by `degrees` and, if `flip` is set, mirrored horizontally.
    pub(crate) fn at(
        &mut self,
        (x, y): Pt,
        scale: f32,
        degrees: f32,
        flip: bool,
        draw: impl FnOnce(&mut Self),
    ) {
        let (sin, cos) = if degrees == 0.0 {
            (0.0, 1.0)
        } else {
            shape::sin_cos(degrees)
        };
        let mirror = if flip { -1.0 } else { 1.0 };
        let local = Transform::from_row(
            scale * cos * mirror,
            scale * sin * mirror,
            -scale * sin,
            scale * cos,
            x,
            y,
        );
        let (outer, outer_scale) = (self.transform, self.scale);
        self.transform = outer.pre_concat(local);
        self.scale = outer_scale * scale;
        draw(self);
        self.transform = outer;
        self.scale = outer_scale;
    }

    /// Calls `draw` with `light` in place of the current light.
    pub(crate) fn with_light(&mut self, light: Light, draw: impl FnOnce(&mut Self)) {
        let outer = self.light;
        self.light = light;
        draw(self);
        self.light = outer;
    }

    /// Calls `draw` with the light's tint disabled, for things that glow.
    pub(crate) fn unlit(&mut self, draw: impl FnOnce(&mut Self)) {
        let light = Light {
            amount: 0.0,
            ..self.light
        };
        self.with_light(light, draw);
    }

    /// Whether the scene is dark.
    pub(crate) fn is_dark(&self) -> bool {
        self.light.rim.is_some()
    }

    /// Whether something of this size is visible (at least 0.7 pixels).
    pub(crate) fn shows(&self, size: f32) -> bool {
        size * self.scale >= 0.7
    }

    /// Whether something of this size is large enough for detail (at least 5 pixels).
    pub(crate) fn shows_detail(&self, size: f32) -> bool {
        size * self.scale >= 5.0
    }

    fn shade(&self, color: Rgb) -> Rgb {
        color.mix(color.multiply(self.light.color), self.light.amount)
    }

    fn paint(&self, fill: Fill, path: &Path) -> Paint<'static> {
        let bounds = path.bounds();
        let visible = bounds.height() * self.scale > if self.coarse { 34.0 } else { 14.0 };
        let vertical = |top: Rgb, bottom: Rgb| {
            LinearGradient::new(
                Point::from_xy(0.0, bounds.top()),
                Point::from_xy(0.0, bounds.bottom()),
                vec![
                    GradientStop::new(0.0, self.shade(top).skia(1.0)),
                    GradientStop::new(1.0, self.shade(bottom).skia(1.0)),
                ],
                SpreadMode::Pad,
                Transform::identity(),
            )
            .unwrap_or(Shader::SolidColor(self.shade(top).skia(1.0)))
        };
        let shader = match fill {
            Fill::Translucent(color, alpha) => Shader::SolidColor(self.shade(color).skia(alpha)),
            Fill::Soft(color) if visible => vertical(color.lighter(0.13), color.darker(0.13)),
            Fill::Flat(color) | Fill::Soft(color) => {
                Shader::SolidColor(self.shade(color).skia(1.0))
            }
            Fill::Gradient(top, bottom) if visible => vertical(top, bottom),
            Fill::Gradient(top, bottom) => {
                Shader::SolidColor(self.shade(top.mix(bottom, 0.5)).skia(1.0))
            }
        };
        Paint {
            shader,
            anti_alias: true,
            ..Paint::default()
        }
    }

    /// Fills a shape without an outline.
    pub(crate) fn fill(&mut self, path: &Path, fill: impl Into<Fill>) {
        let bounds = path.bounds();
        if !self.shows(bounds.width().max(bounds.height())) {
            return;
        }
        let paint = self.paint(fill.into(), path);
        self.pixels
            .fill_path(path, &paint, FillRule::Winding, self.transform, None);
    }

    /// Fills several shapes with one outline around their union.
    pub(crate) fn body(&mut self, parts: &[(Path, Fill)]) {
        for (path, fill) in parts {
            self.outline(path, *fill);
        }
        for (path, fill) in parts {
            self.fill(path, *fill);
        }
    }

    /// Fills a shape with an outline.
    pub(crate) fn shape(&mut self, path: &Path, fill: impl Into<Fill>) {
        let fill = fill.into();
        self.outline(path, fill);
        self.fill(path, fill);
    }

    fn outline(&mut self, path: &Path, fill: Fill) {
        let color = match fill {
            Fill::Flat(color)
            | Fill::Soft(color)
            | Fill::Gradient(_, color)
            | Fill::Translucent(color, _) => color.outline(),
        };
        let bounds = path.bounds();
        // An outline would cover a shape of only a few pixels.
        if !self.shows(bounds.width().max(bounds.height()) * 0.17) {
            return;
        }
        if self.coarse {
            self.fill_enlarged(path, color);
            return;
        }
        let width = 2.0 * self.line / self.scale;
        self.stroke(path, color, width, 1.0);
    }

    /// Fills a path enlarged by the outline width. In a small picture this passes for an outline and
    /// takes a third of the time of a stroke.
    fn fill_enlarged(&mut self, path: &Path, color: Rgb) {
        let bounds = path.bounds();
        let growth = 2.0 * self.line / self.scale;
        let (w, h) = (bounds.width().max(1e-4), bounds.height().max(1e-4));
        let (sx, sy) = ((w + growth) / w, (h + growth) / h);
        let (x, y) = (bounds.left() + w / 2.0, bounds.top() + h / 2.0);
        let grow = Transform::from_row(sx, 0.0, 0.0, sy, x - sx * x, y - sy * y);
        let paint = self.paint(Fill::Flat(color), path);
        self.pixels.fill_path(
            path,
            &paint,
            FillRule::Winding,
            self.transform.pre_concat(grow),
            None,
        );
    }

    /// Strokes a silhouette with the rim light, which sets dark things off from a dark background.
    /// Does nothing if the scene has no rim light.
    pub(crate) fn rim(&mut self, paths: &[&Path]) {
        if let Some((color, strength)) = self.light.rim {
            let width = 4.4 * self.line / self.scale;
            let outer = self.light;
            self.light.amount = 0.0;
            for path in paths {
                self.stroke(path, color, width, strength);
            }
            self.light = outer;
        }
    }

    /// Strokes a path. `width` is in the current units; lines are at least 0.55 pixels wide.
    pub(crate) fn line(&mut self, path: &Path, color: Rgb, width: f32) {
        self.stroke(path, color, width, 1.0);
    }

    /// The outline width in the current units.
    pub(crate) fn outline_width(&self) -> f32 {
        self.line / self.scale
    }

    /// Strokes a path with one and a half times the outline width.
    pub(crate) fn pen(&mut self, path: &Path, color: Rgb) {
        let width = 1.5 * self.line / self.scale;
        self.stroke(path, color, width, 1.0);
    }

    /// Strokes a path with opacity `alpha`; see [`Self::line`] for `width`.
    pub(crate) fn stroke(&mut self, path: &Path, color: Rgb, width: f32, alpha: f32) {
        let bounds = path.bounds();
        if !self.shows(bounds.width().max(bounds.height())) {
            return;
        }
        let width = width.max(0.55 / self.scale);
        let paint = Paint {
            shader: Shader::SolidColor(self.shade(color).skia(alpha)),
            anti_alias: true,
            ..Paint::default()
        };
        // Round caps are invisible on a thin line, but take most of the time.
        let thin = width * self.scale < 1.8;
        let stroke = Stroke {
            width,
            line_cap: if thin { LineCap::Butt } else { LineCap::Round },
            line_join: if thin {
                LineJoin::Bevel
            } else {
                LineJoin::Round
            },
            ..Stroke::default()
        };
        self.pixels
            .stroke_path(path, &paint, &stroke, self.transform, None);
    }

    /// Fills a small circle. Below one pixel in diameter it becomes fainter instead of smaller.
    pub(crate) fn dot(&mut self, x: f32, y: f32, r: f32, color: Rgb, alpha: f32) {
        let pixels = r * self.scale;
        let (r, alpha) = if pixels < 0.5 {
            (0.5 / self.scale, alpha * (pixels * 2.0).max(0.35))
        } else {
            (r, alpha)
        };
        let path = shape::circle(x, y, r);
        let paint = self.paint(Fill::Translucent(color, alpha), &path);
        self.pixels
            .fill_path(&path, &paint, FillRule::Winding, self.transform, None);
    }

    /// Draws an elliptical glow or shadow that fades out towards its edge. The current rotation is
    /// ignored.
    pub(crate) fn glow(&mut self, x: f32, y: f32, rx: f32, ry: f32, color: Rgb, strength: f32) {
        let color = self.shade(color);
        let rgb = [color.r, color.g, color.b].map(|v| v.clamp(0.0, 1.0) * 255.0);
        let mut center = Point::from_xy(x, y);
        self.transform.map_point(&mut center);
        let (rx, ry) = (rx * self.scale, ry * self.scale);
        if rx.min(ry) < 0.7 {
            return;
        }
        let (width, height) = (self.pixels.width() as usize, self.pixels.height() as usize);
        let clip = |at: f32, end: usize| (at.max(0.0) as usize).min(end);
        let columns = clip(center.x - rx, width)..clip(center.x + rx + 1.0, width);
        let rows = clip(center.y - ry, height)..clip(center.y + ry + 1.0, height);
        let pixels = self.pixels.data_mut();
        for row in rows {
            let dy = (row as f32 + 0.5 - center.y) / ry;
            let line =
                &mut pixels[(row * width + columns.start) * 4..(row * width + columns.end) * 4];
            for (column, pixel) in columns.clone().zip(line.chunks_exact_mut(4)) {
                let dx = (column as f32 + 0.5 - center.x) / rx;
                let falloff = 1.0 - dx * dx - dy * dy;
                if falloff > 0.0 {
                    let alpha = strength * falloff * falloff;
                    for (out, value) in pixel.iter_mut().zip(rgb) {
                        let old = f32::from(*out);
                        *out = (old + (value - old) * alpha + 0.5) as u8;
                    }
                }
            }
        }
    }

    /// Fills the entire picture with a vertical gradient. Each stop is a position (0 at the top, 1 at
    /// the bottom) and a colour; stops are sorted by position.
    pub(crate) fn backdrop(&mut self, stops: &[(f32, Rgb)]) {
        let (width, height) = (self.pixels.width() as usize, self.pixels.height() as usize);
        let pixels = self.pixels.data_mut();
        for (row, line) in pixels.chunks_exact_mut(width * 4).enumerate() {
            let at = (row as f32 + 0.5) / height as f32;
            let color = gradient_color(stops, at);
            let byte = |v: f32| (v.clamp(0.0, 1.0) * 255.0 + 0.5) as u8;
            let pixel = [byte(color.r), byte(color.g), byte(color.b), 255];
            for out in line.chunks_exact_mut(4) {
                out.copy_from_slice(&pixel);
            }
        }
    }
}

/// The colour at position `at` of a gradient with sorted `stops`.
pub(crate) fn gradient_color(stops: &[(f32, Rgb)], at: f32) -> Rgb {
    let after = stops.iter().position(|stop| stop.0 >= at);
    match after {
        None => stops[stops.len() - 1].1,
        Some(0) => stops[0].1,
        Some(i) => {
            let (a, b) = (stops[i - 1], stops[i]);
            a.1.mix(b.1, (at - a.0) / (b.0 - a.0))
        }
    }
}
