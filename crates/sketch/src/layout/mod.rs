//! Lays out a scene: chooses the position, size and support of each thing.

mod column;
mod composite;

use crate::rng::Rng;
use crate::rules::Groups;
use crate::scene::{Backdrop, Kind, Place, Scene, Setting, Size};
use crate::world::Habitat;
use column::Column;
use composite::{Composite, Item};

/// A rectangle, in pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bounds {
    /// The left edge.
    pub left: f32,
    /// The top edge.
    pub top: f32,
    /// The right edge.
    pub right: f32,
    /// The bottom edge.
    pub bottom: f32,
}

impl Bounds {
    /// Returns the centre as (x, y).
    pub fn center(&self) -> (f32, f32) {
        (
            f32::midpoint(self.left, self.right),
            f32::midpoint(self.top, self.bottom),
        )
    }

    /// Returns the smallest rectangle that contains both.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        Self {
            left: self.left.min(other.left),
            top: self.top.min(other.top),
            right: self.right.max(other.right),
            bottom: self.bottom.max(other.bottom),
        }
    }
}

/// What a thing stands on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Support {
    /// The ground.
    Ground,
    /// No support: the thing flies, floats, or is on or in another thing.
    Nothing,
    /// A cloud.
    Cloud,
    /// A small island.
    Island,
    /// A pool of water.
    Pool,
    /// A rock floating in space.
    Rock,
    /// Waves of the surrounding sea.
    Waves,
}

/// A thing with its position and size. Lengths are in pixels.
#[derive(Debug, Clone)]
pub struct Placed {
    /// The thing's subject, an index into [`Scene::subjects`].
    pub subject: usize,
    /// The kind of thing.
    pub kind: Kind,
    /// The horizontal position of the thing's foot.
    pub x: f32,
    /// The vertical position of the thing's foot.
    pub y: f32,
    /// The thing's height, without accessories.
    pub height: f32,
    /// The thing's bounds, without accessories and support.
    pub bounds: Bounds,
    /// The thing's bounds including accessories.
    pub extent: Bounds,
    /// What the thing stands on.
    pub support: Support,
    pub(crate) flip: bool,
    pub(crate) seed: u64,
}

/// A scene with the position and size of everything in it.
#[derive(Debug, Clone)]
pub struct Layout {
    /// The scene.
    pub scene: Scene,
    /// The seed for everything the scene does not specify.
    pub seed: u64,
    /// The picture's width in pixels.
    pub width: u32,
    /// The picture's height in pixels.
    pub height: u32,
    /// The things, from back to front.
    pub placed: Vec<Placed>,
    /// The position of the horizon, in pixels from the top.
    pub horizon: f32,
}

/// The minimum width and height of a picture, in pixels.
pub const MIN_SIDE: u32 = 64;
/// The maximum width and height of a picture, in pixels.
pub const MAX_SIDE: u32 = 2048;

/// The margin at the picture's edges, in units of its shorter side.
const MARGIN: f32 = 0.035;

/// Lays out a scene in a picture of `width` by `height` pixels.
///
/// The sides are clamped to [`MIN_SIDE`] and [`MAX_SIDE`]; [`Layout::width`] and [`Layout::height`]
/// hold the result. The layout satisfies every relation that [`Scene::relate`] accepts and ignores
/// others.
pub fn layout(scene: &Scene, seed: u64, width: u32, height: u32) -> Layout {
    let (width, height) = (
        width.clamp(MIN_SIDE, MAX_SIDE),
        height.clamp(MIN_SIDE, MAX_SIDE),
    );
    let unit = width.min(height) as f32;
    let (w, h) = (width as f32 / unit, height as f32 / unit);
    let rng = Rng::new(seed).fork(1);
    let horizon = h * horizon(scene.setting, &mut rng.fork(2));

    let mut columns = arrange(scene, &rng);
    for column in &mut columns {
        column.choose_supports(scene.setting.backdrop);
    }
    let upscale = ideal_scale(scene);
    let total: f32 = columns.iter().map(Column::width).sum();
    let tallest = columns.iter().map(Column::height).fold(0.0, f32::max);
    let gap = 0.03;
    let free_w = w - 2.0 * MARGIN - gap * columns.len().saturating_sub(1) as f32;
    let free_h = h - 2.0 * MARGIN - 0.03;
    // A single subject fills only part of the picture unless it is big, so that its size shows even
    // if it is wide.
    let share = match scene.subjects.as_slice() {
        [only] => match only.size {
            Size::Small => 0.6,
            Size::Medium => 0.84,
            Size::Big => 1.0,
        },
        _ => 1.0,
    };
    let scale = upscale
        .min(share * free_w / total.max(1e-3))
        .min(share * free_h / tallest.max(1e-3));

    let mut rng = rng.fork(3);
    let slack = (free_w - total * scale).max(0.0);
    let shares: Vec<f32> = (0..=columns.len()).map(|_| rng.range(0.35, 1.0)).collect();
    let total_share: f32 = shares.iter().sum();
    let mut x = MARGIN;
    let mut placed: Vec<(f32, Placed)> = Vec::new();
    for (i, column) in columns.iter().enumerate() {
        x += slack * shares[i] / total_share;
        let width = column.width() * scale;
        let slot = column::Slot {
            left: x,
            width,
            picture_height: h,
            horizon,
            scale,
            margin: MARGIN,
        };
        for (item, depth) in column.place(&slot, scene.setting.backdrop, &mut rng) {
            placed.push((depth, item.into_placed(scene, unit, seed)));
        }
        x += width + gap;
    }
    placed.sort_by(|a, b| a.0.total_cmp(&b.0));
    Layout {
        scene: scene.clone(),
        seed,
        width,
        height,
        placed: placed.into_iter().map(|(_, item)| item).collect(),
        horizon: horizon * unit,
    }
}

/// The position of the horizon, from 0 at the top to 1 at the bottom.
fn horizon(setting: Setting, rng: &mut Rng) -> f32 {
    match setting.backdrop {
        Backdrop::Sky => 1.0,
        Backdrop::Sea => rng.range(0.4, 0.48),
        Backdrop::Beach => rng.range(0.44, 0.5),
        Backdrop::City | Backdrop::Forest => rng.range(0.68, 0.72),
        Backdrop::Space => rng.range(0.7, 0.76),
        Backdrop::Plain | Backdrop::Meadow | Backdrop::Snow | Backdrop::Desert => {
            rng.range(0.58, 0.66)
        }
    }
}

/// The factor by which things may exceed their usual heights, so that small things still fill the
/// picture.
fn ideal_scale(scene: &Scene) -> f32 {
    let tallest = scene
        .subjects
        .iter()
        .map(|s| s.kind.thing().height)
        .fold(0.0, f32::max);
    (0.64 / tallest.max(0.1)).clamp(1.0, 1.5)
}

/// Groups the subjects into columns, from left to right, according to the relations.
fn arrange(scene: &Scene, rng: &Rng) -> Vec<Column> {
    let count = scene.subjects.len();
    let mut groups = Groups::new(count);
    let relations: Vec<_> = scene
        .relations
        .iter()
        .copied()
        .filter(|r| groups.accept(scene, *r))
        .collect();
    let tight: Vec<_> = relations
        .iter()
        .copied()
        .filter(|r| r.is_tight(scene))
        .collect();
    // The subject whose composite each one belongs to: its own, unless it is on, in, under or in
    // front of another.
    let mut root: Vec<usize> = (0..count).collect();
    for _ in 0..count {
        for relation in &tight {
            root[relation.subject] = root[relation.object];
        }
    }
    for _ in 0..count {
        for i in 0..count {
            root[i] = root[root[i]];
        }
    }
    let mut order = column::Order::new(&root);
    let mut rng = rng.fork(7);
    for relation in relations.iter().filter(|r| !r.is_tight(scene)) {
        let (a, b) = (root[relation.subject], root[relation.object]);
        match relation.place {
            Place::LeftOf => order.beside(a, b),
            Place::RightOf => order.beside(b, a),
            Place::NextTo => order.next_to(a, b, rng.chance(0.5)),
            Place::Above => order.above(a, b),
            Place::Below => order.above(b, a),
            Place::Between => {
                let c = root[relation.other.unwrap_or(relation.object)];
                let (left, right) = if rng.chance(0.5) { (b, c) } else { (c, b) };
                order.beside(left, a);
                order.beside(a, right);
            }
            Place::On | Place::In | Place::InFrontOf => {}
        }
    }
    let mut rows = order.finish(&mut rng);
    lift_flyers(scene, &mut rows, &relations, &mut rng);
    rows.into_iter()
        .map(|stack| {
            Column::new(
                stack
                    .into_iter()
                    .map(|r| Composite::build(scene, r, &tight, &rng))
                    .collect(),
            )
        })
        .collect()
}

/// Moves flying things without relations above things that do not fly, which looks natural and
/// saves space.
fn lift_flyers(
    scene: &Scene,
    rows: &mut Vec<Vec<usize>>,
    relations: &[crate::scene::Relation],
    rng: &mut Rng,
) {
    let related = |i: usize| {
        relations
            .iter()
            .any(|r| r.subject == i || r.object == i || r.other == Some(i))
    };
    let flies = |i: usize| scene.subjects[i].kind.habitat() == Habitat::Air;
    let mut at = 0;
    while at < rows.len() {
        let lone = rows[at].len() == 1 && flies(rows[at][0]) && !related(rows[at][0]);
        let hosts: Vec<usize> = (0..rows.len())
            .filter(|&j| j != at && rows[j].len() == 1 && !flies(rows[j][0]))
            .collect();
        // Two columns fit side by side.
        if lone && !hosts.is_empty() && rows.len() > 2 {
            let host = rng.pick(&hosts);
            let flyer = rows[at][0];
            rows[host].insert(0, flyer);
            rows.remove(at);
        } else {
            at += 1;
        }
    }
}

impl Item {
    fn into_placed(self, scene: &Scene, unit: f32, seed: u64) -> Placed {
        let kind = scene.subjects[self.subject].kind;
        let px = |b: [f32; 4]| Bounds {
            left: (self.x + b[0] * self.height) * unit,
            top: (self.y + b[1] * self.height) * unit,
            right: (self.x + b[2] * self.height) * unit,
            bottom: (self.y + b[3] * self.height) * unit,
        };
        let half = kind.thing().width / 2.0;
        Placed {
            subject: self.subject,
            kind,
            x: self.x * unit,
            y: self.y * unit,
            height: self.height * unit,
            bounds: px([-half, -1.0, half, 0.0]),
            extent: px(self.extent),
            support: self.support,
            flip: self.flip,
            seed: Rng::new(seed)
                .fork(100 + self.subject as u64 * 16 + self.index as u64)
                .next_u64(),
        }
    }
}
