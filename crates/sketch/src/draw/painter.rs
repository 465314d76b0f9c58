//! Draws a layout step by step, so that a caller can report progress and cancel.

use tiny_skia::Pixmap;

use super::{backdrop, light, support, weather};
use crate::layout::{Layout, Placed, Support};
use crate::rng::Rng;
use crate::scene::{Accessory, Color, Paint, Shade, Subject, Weather};
use crate::vector::canvas::Canvas;
use crate::vector::color::{Rgb, rgb};
use crate::world::{Art, Habitat, Look, accessory};

/// An 8-bit sRGB picture: rows from top to bottom, three bytes (red, green, blue) per pixel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// `width * height * 3` bytes.
    pub rgb: Vec<u8>,
}

/// What a step of the [`Painter`] drew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Step {
    /// Sky, land and sea.
    Backdrop,
    /// The thing with this index in [`Layout::placed`].
    Thing(usize),
    /// Rain, snow or fog in front of everything.
    Foreground,
}

/// Draws a layout, one [`Step`] per call of [`Iterator::next`].
pub struct Painter<'a> {
    layout: &'a Layout,
    pixmap: Pixmap,
    next: usize,
}

impl<'a> Painter<'a> {
    /// Creates a painter with an empty picture.
    ///
    /// # Panics
    /// If the layout's size exceeds the limits of a pixmap, which never happens for one from
    /// [`crate::layout()`].
    pub fn new(layout: &'a Layout) -> Self {
        let pixmap = Pixmap::new(layout.width.max(1), layout.height.max(1))
            .expect("the layout's size is valid for a pixmap");
        Self {
            layout,
            pixmap,
            next: 0,
        }
    }

    /// The total number of steps.
    pub fn steps(&self) -> usize {
        let foreground = self.layout.scene.setting.weather != Weather::Clear;
        1 + self.layout.placed.len() + usize::from(foreground)
    }

    /// Returns a copy of the picture as drawn so far.
    pub fn picture(&self) -> Picture {
        let mut rgb = Vec::with_capacity(self.pixmap.data().len() / 4 * 3);
        for pixel in self.pixmap.data().chunks_exact(4) {
            rgb.extend_from_slice(&pixel[..3]);
        }
        Picture {
            width: self.layout.width,
            height: self.layout.height,
            rgb,
        }
    }
}

impl Iterator for Painter<'_> {
    type Item = Step;

    fn next(&mut self) -> Option<Step> {
        if self.next >= self.steps() {
            return None;
        }
        let setting = self.layout.scene.setting;
        let mut canvas = Canvas::new(self.pixmap.as_mut(), light::of(setting));
        let step = match self.next {
            0 => {
                backdrop::draw(&mut canvas, self.layout);
                Step::Backdrop
            }
            n if n <= self.layout.placed.len() => {
                thing(&mut canvas, self.layout, &self.layout.placed[n - 1]);
                Step::Thing(n - 1)
            }
            _ => {
                weather::draw(&mut canvas, self.layout);
                Step::Foreground
            }
        };
        self.next += 1;
        Some(step)
    }
}

/// Draws a layout completely and returns the picture.
pub fn draw(layout: &Layout) -> Picture {
    let mut painter = Painter::new(layout);
    painter.by_ref().for_each(drop);
    painter.picture()
}

fn thing(canvas: &mut Canvas<'_>, layout: &Layout, placed: &Placed) {
    let subject = &layout.scene.subjects[placed.subject];
    let mut rng = Rng::new(placed.seed);
    // All things of a subject share the colours that the seed chooses.
    let mut shared = Rng::new(layout.seed).fork(60 + placed.subject as u64);
    let color = main_color(subject, &mut shared);
    let colors: Vec<Rgb> = worn_colors(subject, color, &mut shared);
    support::draw_behind(canvas, layout, placed, &mut rng.fork(1));
    let thing = placed.kind.thing();
    let anchors = thing.anchors();
    let has_headwear = accessory::has_headwear(subject);
    let holds = subject.worn.iter().any(|w| w.item.is_held());
    let mut look = Look {
        color,
        natural: subject.paint.is_none(),
        mood: subject.mood,
        airborne: placed.support == Support::Nothing
            && placed.kind.habitat() == Habitat::Air
            && !is_carried(layout, placed),
        holds,
        rng: rng.fork(2),
    };
    // Flying things are tilted slightly, unless they can wear a hat.
    let is_tilted = placed.support == Support::Nothing
        && placed.kind.habitat() == Habitat::Air
        && anchors.head.is_none();
    let tilt = if is_tilted { rng.range(-5.0, 5.0) } else { 0.0 };
    canvas.at(
        (placed.x, placed.y),
        placed.height,
        tilt,
        placed.flip,
        |canvas| {
            match thing.art {
                Art::Rig(rig) => rig.draw(canvas, &mut look),
                Art::Custom(draw) => draw(canvas, &mut look),
            }
            for (worn, color) in subject.worn.iter().zip(&colors) {
                accessory::draw(canvas, worn.item, &anchors, has_headwear, *color);
            }
        },
    );
    support::draw_in_front(canvas, layout, placed);
}

/// Whether the thing is on or in another thing.
fn is_carried(layout: &Layout, placed: &Placed) -> bool {
    use crate::scene::Place;
    layout
        .scene
        .relations
        .iter()
        .any(|r| r.subject == placed.subject && matches!(r.place, Place::On | Place::In))
}

fn main_color(subject: &Subject, rng: &mut Rng) -> Rgb {
    let natural = subject.kind.thing().colors;
    let paint = subject.paint.unwrap_or_else(|| {
        if natural.is_empty() {
            Paint::new(Color::Yellow)
        } else {
            rng.pick(natural)
        }
    });
    rgb(paint)
}

/// The colours of the accessories: those of the scene, or colours that contrast with the wearer.
fn worn_colors(subject: &Subject, wearer: Rgb, rng: &mut Rng) -> Vec<Rgb> {
    const CANDIDATES: [Color; 6] = [
        Color::Red,
        Color::Blue,
        Color::Turquoise,
        Color::Yellow,
        Color::Purple,
        Color::Green,
    ];
    subject
        .worn
        .iter()
        .map(|worn| {
            if let Some(paint) = worn.paint {
                return rgb(paint);
            }
            match worn.item {
                Accessory::Crown => rgb(Paint::new(Color::Yellow)),
                Accessory::Glasses => rgb(Paint::shaded(Color::Black, Shade::Plain)),
                _ => {
                    let distance = |c: &Color| {
                        let other = rgb(Paint::new(*c));
                        (other.r - wearer.r).abs()
                            + (other.g - wearer.g).abs()
                            + (other.b - wearer.b).abs()
                    };
                    let start = rng.below(CANDIDATES.len());
                    let choice = (0..CANDIDATES.len())
                        .map(|i| CANDIDATES[(start + i) % CANDIDATES.len()])
                        .find(|c| distance(c) > 0.6);
                    rgb(Paint::new(choice.unwrap_or(Color::Red)))
                }
            }
        })
        .collect()
}
