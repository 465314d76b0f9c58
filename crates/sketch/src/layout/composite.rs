//! Composites: a subject's things together with the things on, in, under or in front of them.

use super::Support;
use crate::rng::Rng;
use crate::scene::{Place, Relation, Scene, Size, Subject};
use crate::world::{Anchor, Habitat, Interior, accessory};

/// One thing of a composite. Lengths are in units of the picture's shorter side; positions are
/// relative to the foot of the composite.
#[derive(Debug, Clone)]
pub(super) struct Item {
    /// Its subject, an index into [`Scene::subjects`].
    pub(super) subject: usize,
    /// Its index among the things of its subject.
    pub(super) index: usize,
    pub(super) x: f32,
    pub(super) y: f32,
    /// Its height, without accessories.
    pub(super) height: f32,
    pub(super) flip: bool,
    pub(super) support: Support,
    /// Left, top, right and bottom including accessories, in units of its height.
    pub(super) extent: [f32; 4],
    /// How much nearer to the viewer it is than the first thing of the composite.
    pub(super) z: f32,
}

/// A subject's things with everything attached to them.
#[derive(Debug, Clone)]
pub(super) struct Composite {
    pub(super) items: Vec<Item>,
    pub(super) habitat: Habitat,
    /// The number of leading `items` that are the subject's own things.
    pub(super) roots: usize,
}

/// Left, top, right and bottom of a thing of height 1, including accessories.
fn extent(subject: &Subject) -> [f32; 4] {
    let thing = subject.kind.thing();
    let anchors = thing.anchors();
    let half = thing.width / 2.0;
    let mut all = [-half, -1.0, half, 0.0];
    let has_headwear = accessory::has_headwear(subject);
    for worn in &subject.worn {
        if let Some(more) = accessory::bounds(worn.item, &anchors, has_headwear) {
            all = [
                all[0].min(more[0]),
                all[1].min(more[1]),
                all[2].max(more[2]),
                all[3].max(more[3]),
            ];
        }
    }
    all
}

/// The height of the subject's things, if nothing changes their scale.
fn natural_height(subject: &Subject) -> f32 {
    let factor = match subject.size {
        Size::Small => 0.6,
        Size::Medium => 1.0,
        Size::Big => 1.4,
    };
    subject.kind.thing().height * factor
}

fn item(subject: &Subject, number: usize, index: usize, height: f32, rng: &mut Rng) -> Item {
    let mut extent = extent(subject);
    let flip = rng.chance(0.5);
    if flip {
        extent = [-extent[2], extent[1], -extent[0], extent[3]];
    }
    Item {
        subject: number,
        index,
        x: 0.0,
        y: 0.0,
        height,
        flip,
        support: Support::Nothing,
        extent,
        z: 0.0,
    }
}

impl Composite {
    /// Builds the composite of the subject `root` and of the subjects that `tight` attaches to it.
    pub(super) fn build(scene: &Scene, root: usize, tight: &[Relation], rng: &Rng) -> Self {
        let subject = &scene.subjects[root];
        let height = natural_height(subject);
        let has_attached = tight.iter().any(|r| r.object == root);
        let items = group(subject, root, height, has_attached, rng);
        let mut all = Self {
            roots: items.len(),
            items,
            habitat: subject.kind.habitat(),
        };
        all.attach(scene, root, tight, rng);
        all
    }

    fn attach(&mut self, scene: &Scene, base: usize, tight: &[Relation], rng: &Rng) {
        for relation in tight.iter().filter(|r| r.object == base) {
            let child = relation.subject;
            match relation.place {
                Place::InFrontOf => self.attach_in_front(scene, child, base, rng),
                place => self.attach_to(scene, child, base, place, rng),
            }
            self.attach(scene, child, tight, rng);
        }
    }

    /// Distributes the things of `child` evenly over those of `base`, on, in or under them.
    fn attach_to(&mut self, scene: &Scene, child: usize, base: usize, place: Place, rng: &Rng) {
        let subject = &scene.subjects[child];
        let natural = natural_height(subject);
        let hosts: Vec<usize> = (0..self.items.len())
            .filter(|&i| self.items[i].subject == base)
            .collect();
        let count = usize::from(subject.count.max(1));
        let per_host = count.div_ceil(hosts.len());
        let mut rng = rng.fork(40 + child as u64);
        let (anchor, ceiling, behind) =
            space_at(&scene.subjects[base], place, per_host > 1, &mut rng);
        let sample = item(subject, child, 0, 1.0, &mut rng.clone());
        let (w, h) = (sample.extent[2] - sample.extent[0], -sample.extent[1]);
        let host_height = self.items[hosts[0]].height;
        // The base grows to make room: up to twice its size for things under it, up to 1.5 times for
        // things inside it.
        if place == Place::Below || (place == Place::In && !behind) {
            let wanted = (natural * h / ceiling).max(natural * w * per_host as f32 / anchor.w);
            let grow =
                (wanted / host_height).clamp(1.0, if place == Place::Below { 2.0 } else { 1.5 });
            for entry in &mut self.items {
                entry.x *= grow;
                entry.y *= grow;
                entry.height *= grow;
            }
        }
        let host_height = self.items[hosts[0]].height;
        let room = anchor.w * host_height / per_host as f32;
        let s = natural
            .min(room * if place == Place::On { 1.3 } else { 1.0 } / w)
            .min(ceiling * host_height / h)
            .max(host_height * 0.17);
        let step = if place == Place::On {
            (w * s * 1.04).max(room * 0.9)
        } else {
            w * s * 1.04
        };
        for k in 0..count {
            let host = self.items[hosts[k * hosts.len() / count]].clone();
            let first = (0..k)
                .filter(|&j| j * hosts.len() / count == k * hosts.len() / count)
                .count();
            let on_this_host = (0..count)
                .filter(|&j| j * hosts.len() / count == k * hosts.len() / count)
                .count();
            let mut entry = item(subject, child, k, s, &mut rng);
            let mirror = if host.flip { -1.0 } else { 1.0 };
            let middle = f32::midpoint(entry.extent[0], entry.extent[2])
                * s
                * f32::from(u8::from(on_this_host > 1 || place == Place::In));
            entry.x = host.x
                + anchor.x * host.height * mirror
                + (first as f32 - (on_this_host as f32 - 1.0) / 2.0) * step
                - middle;
            entry.y = host.y
                + anchor.y * host.height
                + if place == Place::Below {
                    0.03 * host.height
                } else {
                    0.0
                };
            entry.z = host.z
                + if behind && place == Place::In {
                    -0.01
                } else {
                    0.01
                };
            if place == Place::Below {
                entry.support = Support::Ground;
            }
            self.items.push(entry);
        }
    }

    /// Puts the things of `child` in front of those of `base`, which are enlarged to stay visible.
    fn attach_in_front(&mut self, scene: &Scene, child: usize, base: usize, rng: &Rng) {
        let subject = &scene.subjects[child];
        let mut front = group(subject, child, natural_height(subject), true, rng);
        let tall = front
            .iter()
            .map(|i| -i.extent[1] * i.height)
            .fold(0.0, f32::max);
        let base_height = self
            .items
            .iter()
            .filter(|i| i.subject == base)
            .map(|i| i.height)
            .fold(0.0, f32::max);
        let grow = (1.3 * tall / base_height.max(1e-3)).clamp(1.0, 6.0);
        for entry in &mut self.items {
            entry.x *= grow;
            entry.y *= grow;
            entry.height *= grow;
        }
        let behind = footprint(scene, self.items.iter().filter(|i| i.subject == base));
        let ahead = footprint(scene, front.iter());
        let floor = span(self.items.iter().filter(|i| i.subject == base))[3];
        let (wa, wb) = (ahead.1 - ahead.0, behind.1 - behind.0);
        let side = if rng.fork(50 + child as u64).chance(0.5) {
            1.0
        } else {
            -1.0
        };
        let offset = (wb * 0.3).max(f32::midpoint(wa, wb) - wb * 0.42);
        let middle = f32::midpoint(behind.0, behind.1) - f32::midpoint(ahead.0, ahead.1);
        for entry in &mut front {
            entry.x += middle + side * offset;
            entry.y += floor + 0.12 * tall;
            entry.z = 0.03;
            entry.support = Support::Ground;
        }
        self.items.append(&mut front);
    }

    /// Left, top, right and bottom of all items, including accessories and supports.
    pub(super) fn span(&self) -> [f32; 4] {
        span(self.items.iter())
    }
}

/// The left and right edges of `items`, without accessories.
fn footprint<'a>(scene: &Scene, items: impl Iterator<Item = &'a Item>) -> (f32, f32) {
    items.fold((f32::MAX, f32::MIN), |(left, right), item| {
        let half = scene.subjects[item.subject].kind.thing().width / 2.0 * item.height;
        (left.min(item.x - half), right.max(item.x + half))
    })
}

/// The space on, in or under a thing of height 1: its floor, its height, and whether the thing is
/// drawn in front of it.
fn space_at(base: &Subject, place: Place, crowded: bool, rng: &mut Rng) -> (Anchor, f32, bool) {
    let thing = base.kind.thing();
    match place {
        Place::In => {
            let inside = thing.inside.unwrap_or(Interior {
                anchor: Anchor {
                    x: 0.0,
                    y: -0.1,
                    w: thing.width * 0.5,
                },
                height: 0.5,
                behind: false,
            });
            (inside.anchor, inside.height, inside.behind)
        }
        Place::Below => {
            let under = thing.under.unwrap_or(Anchor {
                x: 0.0,
                y: -0.5,
                w: thing.width,
            });
            let aside = if thing.id == "umbrella" || crowded {
                0.0
            } else {
                rng.range(-0.1, 0.1)
            };
            (
                Anchor {
                    x: aside,
                    y: 0.0,
                    w: under.w,
                },
                -under.y * 0.94,
                false,
            )
        }
        _ => {
            let hat = thing
                .anchors()
                .head
                .filter(|_| accessory::has_headwear(base));
            let top = thing.top.unwrap_or(Anchor {
                x: 0.0,
                y: -0.95,
                w: thing.width * 0.6,
            });
            (
                Anchor {
                    w: top.w.max(thing.width * 0.5),
                    // On top of the hat or crown.
                    y: hat.map_or(top.y + 0.015, |head| head.y - 0.46 * head.w),
                    ..top
                },
                3.0,
                false,
            )
        }
    }
}

/// Left, top, right and bottom of `items`, including accessories and supports.
pub(super) fn span<'a>(items: impl Iterator<Item = &'a Item>) -> [f32; 4] {
    let mut all = [f32::MAX, f32::MAX, f32::MIN, f32::MIN];
    for item in items {
        let (low, high) = match item.support {
            Support::Cloud | Support::Island | Support::Rock => (0.62, 0.34),
            Support::Pool | Support::Waves => (0.6, 0.16),
            Support::Ground | Support::Nothing => (0.0, 0.02),
        };
        let wide = item.extent[2] - item.extent[0];
        let wide = wide.min(1.6);
        all[0] = all[0].min(item.x + item.extent[0].min(-low * wide) * item.height);
        all[1] = all[1].min(item.y + item.extent[1] * item.height);
        all[2] = all[2].max(item.x + item.extent[2].max(low * wide) * item.height);
        all[3] = all[3].max(item.y + item.extent[3].max(high * wide) * item.height);
    }
    all
}

/// Arranges the things of a subject in rows, with their common foot at the origin.
fn group(subject: &Subject, number: usize, height: f32, one_row: bool, rng: &Rng) -> Vec<Item> {
    let mut rng = rng.fork(20 + number as u64);
    let count = usize::from(subject.count.max(1));
    let mut items: Vec<Item> = (0..count)
        .map(|i| {
            let height = height * rng.range(0.96, 1.04);
            item(subject, number, i, height, &mut rng)
        })
        .collect();
    let wide = items[0].extent[2] - items[0].extent[0];
    let tall = -items[0].extent[1];
    let rows = if one_row || count == 1 {
        1
    } else {
        // As many rows, up to three, as make the group about 1.3 times as wide as it is high.
        let ideal = (count as f32 * wide / tall / 1.3).sqrt();
        (ideal.round() as usize).clamp(1, 3.min(count))
    };
    let per_row = count.div_ceil(rows);
    let flying = subject.kind.habitat() == Habitat::Air;
    let lift = height * tall * if flying { 1.06 } else { 0.86 };
    // Rows of equal length are staggered; otherwise things would seem to stand on each other.
    let stagger = if rows > 1 && count % per_row == 0 && !flying {
        0.16
    } else {
        0.0
    };
    for (i, entry) in items.iter_mut().enumerate() {
        let row = i / per_row;
        let in_row = per_row.min(count - row * per_row);
        let step = wide * height * 1.06;
        let aside = if row % 2 == 0 { -stagger } else { stagger };
        let at = (i % per_row) as f32 - (in_row as f32 - 1.0) / 2.0 + aside;
        let shift = -(entry.extent[0] + entry.extent[2]) / 2.0 * entry.height;
        entry.x = at * step + shift * f32::from(u8::from(count > 1));
        entry.y = -lift * row as f32
            + if count > 1 {
                rng.range(-0.05, 0.0) * height
            } else {
                0.0
            };
        entry.z = -0.1 * row as f32;
        if flying && count > 1 && !one_row {
            entry.y += rng.range(-0.16, 0.0) * height * if rows == 1 { 2.5 } else { 0.3 };
        }
    }
    items
}
