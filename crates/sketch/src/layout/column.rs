//! Arranges composites in columns, from left to right and from top to bottom.

use super::Support;
use super::composite::{Composite, Item};
use crate::rng::Rng;
use crate::scene::Backdrop;
use crate::world::Habitat;

/// The order of subjects as established by the relations so far. A part is a list of columns from
/// left to right, and a column is a list of subjects from top to bottom. The order of the parts is
/// undecided.
pub(super) struct Order {
    parts: Vec<Vec<Vec<usize>>>,
}

impl Order {
    /// Starts with each root subject in its own part.
    pub(super) fn new(root: &[usize]) -> Self {
        Self {
            parts: (0..root.len())
                .filter(|&i| root[i] == i)
                .map(|i| vec![vec![i]])
                .collect(),
        }
    }

    /// Removes and returns the part that contains `subject`.
    fn take(&mut self, subject: usize) -> Vec<Vec<usize>> {
        let at = self
            .parts
            .iter()
            .position(|part| part.iter().flatten().any(|&i| i == subject));
        at.map_or_else(Vec::new, |at| self.parts.remove(at))
    }

    /// Puts the part of `left` to the left of the part of `right`.
    pub(super) fn beside(&mut self, left: usize, right: usize) {
        let mut part = self.take(left);
        part.extend(self.take(right));
        self.parts.push(part);
    }

    /// Puts `a` and `b` in neighbouring columns.
    pub(super) fn next_to(&mut self, a: usize, b: usize, a_first: bool) {
        let (mut one, mut two) = (self.take(a), self.take(b));
        let at = |part: &[Vec<usize>], subject| {
            part.iter()
                .position(|column| column.contains(&subject))
                .unwrap_or(0)
        };
        let (i, j) = (at(&one, a), at(&two, b));
        let a_then_b = i + 1 == one.len() && j == 0;
        let b_then_a = j + 1 == two.len() && i == 0;
        let part = if a_then_b && (a_first || !b_then_a) {
            one.extend(two);
            one
        } else if b_then_a {
            two.extend(one);
            two
        } else if j == 0 {
            one.splice(i + 1..=i, two);
            one
        } else {
            one.splice(i..i, two);
            one
        };
        self.parts.push(part);
    }

    /// Puts the column of `upper` on top of the column of `lower`.
    pub(super) fn above(&mut self, upper: usize, lower: usize) {
        let (one, two) = (self.take(upper), self.take(lower));
        let at = |part: &[Vec<usize>], subject| {
            part.iter()
                .position(|column| column.contains(&subject))
                .unwrap_or(0)
        };
        let (i, j) = (at(&one, upper), at(&two, lower));
        let mut part: Vec<Vec<usize>> = one[..i].to_vec();
        part.extend_from_slice(&two[..j]);
        let mut merged = one.get(i).cloned().unwrap_or_default();
        merged.extend(two.get(j).cloned().unwrap_or_default());
        part.push(merged);
        part.extend_from_slice(one.get(i + 1..).unwrap_or_default());
        part.extend_from_slice(two.get(j + 1..).unwrap_or_default());
        self.parts.push(part);
    }

    /// Returns the columns from left to right, with the parts in random order.
    pub(super) fn finish(mut self, rng: &mut Rng) -> Vec<Vec<usize>> {
        rng.shuffle(&mut self.parts);
        self.parts.into_iter().flatten().collect()
    }
}

/// A stack of composites, from top to bottom.
pub(super) struct Column {
    stack: Vec<Composite>,
}

/// The space for a column. Lengths are in units of the picture's shorter side.
pub(super) struct Slot {
    pub(super) left: f32,
    pub(super) width: f32,
    pub(super) picture_height: f32,
    pub(super) horizon: f32,
    /// The factor applied to the composites' sizes.
    pub(super) scale: f32,
    pub(super) margin: f32,
}

/// The minimum distance between the composites of a column, at scale 1.
const GAP: f32 = 0.035;

impl Column {
    pub(super) fn new(stack: Vec<Composite>) -> Self {
        Self { stack }
    }

    /// Chooses the support of each composite.
    pub(super) fn choose_supports(&mut self, backdrop: Backdrop) {
        let last = self.stack.len().saturating_sub(1);
        for (level, composite) in self.stack.iter_mut().enumerate() {
            let grounded = level == last;
            let support = match (composite.habitat, grounded, backdrop) {
                (Habitat::Air, _, _) | (Habitat::Water, true, Backdrop::Sky | Backdrop::Space) => {
                    Support::Nothing
                }
                (_, false, Backdrop::Space) => Support::Rock,
                (_, false, _) | (Habitat::Ground, true, Backdrop::Sky) => Support::Cloud,
                (Habitat::Ground, true, Backdrop::Sea) => Support::Island,
                (Habitat::Ground, true, _) => Support::Ground,
                (Habitat::Water, true, Backdrop::Sea) => Support::Waves,
                (Habitat::Water, true, _) => Support::Pool,
            };
            let roots = composite.roots;
            for item in &mut composite.items[..roots] {
                item.support = support;
            }
            for item in &mut composite.items[roots..] {
                if item.support == Support::Ground && support != Support::Ground {
                    item.support = match support {
                        // The base is on water or in the air, so the item in front of it needs a
                        // support of its own.
                        Support::Waves if backdrop == Backdrop::Sea => Support::Island,
                        Support::Nothing if backdrop == Backdrop::Space => Support::Rock,
                        Support::Nothing => Support::Cloud,
                        Support::Pool => Support::Ground,
                        other => other,
                    };
                }
            }
        }
    }

    /// The width at scale 1.
    pub(super) fn width(&self) -> f32 {
        self.stack
            .iter()
            .map(|c| {
                let span = c.span();
                span[2] - span[0]
            })
            .fold(0.0, f32::max)
    }

    /// The height at scale 1.
    pub(super) fn height(&self) -> f32 {
        self.stack
            .iter()
            .map(|c| {
                let span = c.span();
                span[3] - span[1] + GAP
            })
            .sum()
    }

    /// Returns the items in picture coordinates, each with its drawing order: items with greater
    /// values are nearer and drawn later.
    pub(super) fn place(&self, slot: &Slot, backdrop: Backdrop, rng: &mut Rng) -> Vec<(Item, f32)> {
        let heights: Vec<f32> = self
            .stack
            .iter()
            .map(|c| {
                let span = c.span();
                (span[3] - span[1]) * slot.scale
            })
            .collect();
        let mut all = Vec::new();
        // The lowest position left: composites are placed from the bottom up.
        let mut floor = slot.picture_height - slot.margin;
        for (level, composite) in self.stack.iter().enumerate().rev() {
            let is_lowest = level + 1 == self.stack.len();
            let above: f32 = heights[..level].iter().map(|h| h + GAP * slot.scale).sum();
            let lowest = floor;
            let highest = (slot.margin + above + heights[level]).min(lowest);
            let flies = composite.habitat == Habitat::Air;
            let bottom = if is_lowest && !flies && backdrop != Backdrop::Sky {
                let near = (slot.picture_height - slot.margin)
                    - 0.085 * slot.picture_height * rng.unit()
                    - 0.02;
                near.clamp(highest, lowest)
            } else if is_lowest && self.stack.len() > 1 {
                lowest - (lowest - highest) * rng.range(0.0, 0.25)
            } else if level == 0 && flies && !is_lowest {
                highest + (lowest - highest) * rng.range(0.1, 0.6)
            } else if flies && backdrop != Backdrop::Sky {
                // A flying thing without a column below it: above the horizon if it fits there.
                let sky = slot
                    .horizon
                    .max(heights[level] + slot.margin + 0.05)
                    .min(lowest);
                highest + (sky - highest).max(0.0) * rng.range(0.3, 0.9)
            } else {
                highest + (lowest - highest) * rng.range(0.3, 0.7)
            };
            let span = composite.span();
            let width = (span[2] - span[0]) * slot.scale;
            let left = slot.left + (slot.width - width) * 0.5;
            for item in &composite.items {
                let mut entry = item.clone();
                entry.x = left + (item.x - span[0]) * slot.scale;
                entry.y = bottom + (item.y - span[3]) * slot.scale;
                entry.height = item.height * slot.scale;
                let depth = if flies { -1.0 } else { bottom } + item.z + level as f32 * 1e-3;
                all.push((entry, depth));
            }
            floor = bottom - heights[level] - GAP * slot.scale;
        }
        all
    }
}
