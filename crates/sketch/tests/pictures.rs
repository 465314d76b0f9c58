//! Layouts and pictures of scenes: positions, visibility and colours.

#![expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::float_cmp,
    reason = "pixels are counted, and compared as fractions"
)]

use fluxhop_sketch::{
    Accessory, Backdrop, Bounds, Color, Layout, Paint, Painter, Picture, Place, Placed, Relation,
    Rng, Scene, Size, Step, Subject, Support, Time, Weather, Worn, draw, kinds, layout, parse,
    random_scene,
};

fn scene(text: &str) -> Scene {
    parse(text).expect("failed to parse the prompt").scene
}

/// The positions of the pixels that differ between two pictures.
fn changed_pixels(a: &Picture, b: &Picture) -> Vec<(u32, u32)> {
    a.rgb
        .chunks_exact(3)
        .zip(b.rgb.chunks_exact(3))
        .enumerate()
        .filter(|(_, (x, y))| x.iter().zip(*y).any(|(p, q)| p.abs_diff(*q) > 6))
        .map(|(i, _)| (i as u32 % a.width, i as u32 / a.width))
        .collect()
}

/// The visible pixels of a thing: those that change when it is removed.
fn visible_pixels(full: &Layout, item: usize) -> Vec<(u32, u32)> {
    let mut without = full.clone();
    without.placed.remove(item);
    changed_pixels(&draw(full), &draw(&without))
}

fn is_inside(bounds: &Bounds, full: &Layout, slack: f32) -> bool {
    bounds.left >= -slack
        && bounds.top >= -slack
        && bounds.right <= full.width as f32 + slack
        && bounds.bottom <= full.height as f32 + slack
}

/// The bounds of all things of a subject.
fn subject_bounds(full: &Layout, subject: usize) -> Bounds {
    full.placed
        .iter()
        .filter(|p| p.subject == subject)
        .map(|p| p.bounds)
        .reduce(|a, b| a.union(&b))
        .expect("subject is not in the layout")
}

fn relation_holds(full: &Layout, relation: &Relation) -> bool {
    let (a, b) = (
        subject_bounds(full, relation.subject),
        subject_bounds(full, relation.object),
    );
    let (ac, bc) = (a.center(), b.center());
    let near = |p: &Placed, q: &Placed| {
        let (px, qx) = (p.bounds.center().0, q.bounds.center().0);
        px > q.bounds.left - q.height * 0.3
            && px < q.bounds.right + q.height * 0.3
            && (px - qx).abs() < q.height * 2.0
    };
    let each = |test: &dyn Fn(&Placed, &Placed) -> bool| {
        full.placed
            .iter()
            .filter(|p| p.subject == relation.subject)
            .all(|p| {
                full.placed
                    .iter()
                    .filter(|q| q.subject == relation.object)
                    .any(|q| test(p, q))
            })
    };
    match relation.place {
        Place::LeftOf => a.right <= b.left + 1.0,
        Place::RightOf => a.left >= b.right - 1.0,
        Place::Above => a.bottom <= b.top + 1.0,
        Place::Below => ac.1 > bc.1,
        Place::On => each(&|p, q| {
            near(p, q)
                && p.bounds.bottom < q.bounds.bottom
                && p.bounds.bottom < q.bounds.bottom - 0.2 * q.height
        }),
        Place::In => each(&|p, q| {
            near(p, q) && p.bounds.bottom <= q.bounds.bottom + 1.0 && p.height < q.height * 1.6
        }),
        Place::InFrontOf => {
            let order = |s: usize, last: bool| {
                let mut at = (0..full.placed.len()).filter(|&i| full.placed[i].subject == s);
                if last { at.next_back() } else { at.next() }
            };
            a.bottom > b.bottom
                && a.left < b.right
                && a.right > b.left
                && order(relation.subject, false) > order(relation.object, true)
        }
        Place::NextTo => a.right <= b.left + 1.0 || a.left >= b.right - 1.0,
        Place::Between => {
            let c =
                subject_bounds(full, relation.other.expect("`between` needs two objects")).center();
            (bc.0 < ac.0 && ac.0 < c.0) || (c.0 < ac.0 && ac.0 < bc.0)
        }
        place => panic!("no check for {place:?}"),
    }
}

#[test]
fn relations_hold_in_random_scenes_of_every_shape() {
    let shapes = [
        (64, 64),
        (256, 256),
        (512, 256),
        (192, 640),
        (2048, 64),
        (64, 2048),
    ];
    for seed in 0..4000 {
        let scene = random_scene(&mut Rng::new(seed));
        let (width, height) = shapes[seed as usize % shapes.len()];
        let full = layout(&scene, seed, width, height);
        for (i, subject) in scene.subjects.iter().enumerate() {
            let count = full.placed.iter().filter(|p| p.subject == i).count();
            assert_eq!(count, usize::from(subject.count), "seed {seed}");
        }
        for placed in &full.placed {
            assert!(
                is_inside(&placed.extent, &full, 1.5),
                "seed {seed} {width}x{height}: {placed:?}"
            );
            assert!(placed.height > 1.0, "seed {seed}: {placed:?}");
        }
        for relation in &scene.relations {
            assert!(
                relation_holds(&full, relation),
                "seed {seed} {width}x{height}: {relation:?} in {:?}",
                full.placed
            );
        }
    }
}

#[test]
fn unrelated_things_do_not_overlap() {
    for seed in 0..600 {
        let scene = random_scene(&mut Rng::new(seed));
        let full = layout(&scene, seed, 256, 256);
        let tight = |a: usize, b: usize| {
            scene.relations.iter().any(|r| {
                matches!(
                    r.place,
                    Place::On | Place::In | Place::InFrontOf | Place::Below
                ) && ((r.subject == a && r.object == b) || (r.subject == b && r.object == a))
            })
        };
        // With more relations, unrelated things can overlap through a third one.
        if scene.relations.len() > 1 {
            continue;
        }
        for (i, a) in full.placed.iter().enumerate() {
            for b in &full.placed[i + 1..] {
                if tight(a.subject, b.subject) {
                    continue;
                }
                let w = a.bounds.right.min(b.bounds.right) - a.bounds.left.max(b.bounds.left);
                let h = a.bounds.bottom.min(b.bounds.bottom) - a.bounds.top.max(b.bounds.top);
                let smaller = |p: &Placed| {
                    (p.bounds.right - p.bounds.left) * (p.bounds.bottom - p.bounds.top)
                };
                let share = w.max(0.0) * h.max(0.0) / smaller(a).min(smaller(b));
                assert!(share < 0.35, "seed {seed}: {share} of {a:?} and {b:?}");
            }
        }
    }
}

#[test]
fn every_thing_of_random_scenes_is_visible_within_its_bounds() {
    for seed in 0..250 {
        let scene = random_scene(&mut Rng::new(seed));
        let full = layout(&scene, seed, 128, 128);
        for (i, placed) in full.placed.iter().enumerate() {
            let seen = visible_pixels(&full, i);
            let area = (placed.bounds.right - placed.bounds.left)
                * (placed.bounds.bottom - placed.bounds.top);
            assert!(
                seen.len() as f32 > area * 0.1,
                "seed {seed}: {} of {area} for {placed:?}",
                seen.len()
            );
            // A shadow, support or glow may extend a little further.
            let reach = placed.height * 0.75 + 3.0;
            let far = seen
                .iter()
                .filter(|(x, y)| {
                    let (x, y) = (*x as f32, *y as f32);
                    x < placed.extent.left - reach
                        || x > placed.extent.right + reach
                        || y < placed.extent.top - reach
                        || y > placed.extent.bottom + reach
                })
                .count();
            assert_eq!(far, 0, "seed {seed}: {placed:?}");
        }
    }
}

/// The named colour closest to a pixel, by hue, brightness and saturation.
fn closest_color(pixel: [u8; 3]) -> Color {
    let [r, g, b] = pixel.map(|v| f32::from(v) / 255.0);
    let (max, min) = (r.max(g).max(b), r.min(g).min(b));
    let chroma = max - min;
    if chroma < 0.12 {
        return if max < 0.36 {
            Color::Black
        } else if max > 0.84 {
            Color::White
        } else {
            Color::Grey
        };
    }
    let hue = 60.0
        * if max == r {
            ((g - b) / chroma).rem_euclid(6.0)
        } else if max == g {
            (b - r) / chroma + 2.0
        } else {
            (r - g) / chroma + 4.0
        };
    match hue {
        h if h < 12.0 && max > 0.55 => Color::Red,
        h if h < 38.0 && max < 0.76 => Color::Brown,
        h if h < 36.0 => Color::Orange,
        h if h < 62.0 => Color::Yellow,
        h if h < 160.0 => Color::Green,
        h if h < 192.0 => Color::Turquoise,
        h if h < 245.0 => Color::Blue,
        h if h < 290.0 => Color::Purple,
        h if h < 350.0 => Color::Pink,
        _ => Color::Red,
    }
}

fn color_share(full: &Layout, seen: &[(u32, u32)], color: Color) -> f32 {
    let picture = draw(full);
    let hits = seen
        .iter()
        .filter(|(x, y)| {
            let at = ((y * picture.width + x) * 3) as usize;
            closest_color([picture.rgb[at], picture.rgb[at + 1], picture.rgb[at + 2]]) == color
        })
        .count();
    hits as f32 / seen.len().max(1) as f32
}

#[test]
fn each_thing_shows_its_colour() {
    for kind in kinds() {
        for color in Color::ALL {
            let mut scene = Scene::default();
            let mut subject = Subject::new(kind);
            subject.paint = Some(Paint::new(*color));
            scene.subjects.push(subject);
            let full = layout(&scene, 5, 96, 96);
            let seen = visible_pixels(&full, 0);
            let share = color_share(&full, &seen, *color);
            // Only part of a thing has the colour: the clothes of a person, the shade of a lamp.
            assert!(share > 0.12, "{kind:?} in {color:?}: {share}");
        }
    }
}

#[test]
fn each_accessory_is_visible_on_each_kind_that_can_wear_it() {
    for kind in kinds() {
        for item in Accessory::ALL.iter().filter(|item| kind.can_wear(**item)) {
            let mut subject = Subject::new(kind);
            let worn = Worn {
                item: *item,
                paint: Some(Paint::new(Color::Green)),
            };
            assert!(subject.wear(worn));
            let mut scene = Scene::default();
            scene.subjects.push(subject);
            let dressed = layout(&scene, 3, 128, 128);
            let mut bare = dressed.clone();
            bare.scene.subjects[0].worn.clear();
            let seen = changed_pixels(&draw(&dressed), &draw(&bare));
            assert!(seen.len() > 25, "{item:?} on {kind:?}: {}", seen.len());
            let extent = dressed.placed[0].extent;
            let out = seen
                .iter()
                .filter(|(x, y)| {
                    (*x as f32) < extent.left - 4.0
                        || (*x as f32) > extent.right + 4.0
                        || (*y as f32) < extent.top - 4.0
                        || (*y as f32) > extent.bottom + 4.0
                })
                .count();
            assert_eq!(out, 0, "{item:?} on {kind:?} leaves {extent:?}");
        }
    }
}

#[test]
fn a_picture_depends_on_its_seed() {
    for text in [
        "a cat",
        "три рыбы в море",
        "a plain background",
        "rocket in space at night in the snow",
    ] {
        let scene = scene(text);
        let one = draw(&layout(&scene, 7, 96, 64));
        assert_eq!(one, draw(&layout(&scene, 7, 96, 64)), "{text}");
        assert_ne!(one, draw(&layout(&scene, 8, 96, 64)), "{text}");
        assert_eq!(one.rgb.len(), 96 * 64 * 3);
    }
}

/// The same seed must give the same bytes. If this fails after an intended change of the drawing,
/// update the hash.
#[test]
fn pictures_are_the_same_on_every_machine() {
    let scene =
        scene("a fox in a scarf holding a balloon left of two houses, sunset, forest, rain");
    let picture = draw(&layout(&scene, 42, 256, 256));
    let hash = picture.rgb.iter().fold(0xCBF2_9CE4_8422_2325_u64, |h, b| {
        (h ^ u64::from(*b)).wrapping_mul(0x0100_0000_01B3)
    });
    assert_eq!(format!("{hash:016x}"), "8a35dda8d191ec70");
}

#[test]
fn every_setting_differs_from_every_other() {
    let mut seen: Vec<(String, Picture)> = Vec::new();
    for backdrop in Backdrop::ALL {
        for time in Time::ALL {
            for weather in Weather::ALL {
                // Space looks the same at any time of day.
                if *backdrop == Backdrop::Space && *time != Time::Day {
                    continue;
                }
                let mut scene = scene("a cat");
                (
                    scene.setting.backdrop,
                    scene.setting.time,
                    scene.setting.weather,
                ) = (*backdrop, *time, *weather);
                let picture = draw(&layout(&scene, 1, 64, 64));
                let name = format!("{backdrop:?} {time:?} {weather:?}");
                for (other, before) in &seen {
                    let differ = changed_pixels(&picture, before).len();
                    assert!(differ > 40, "{name} and {other}: {differ}");
                }
                seen.push((name, picture));
            }
        }
    }
}

#[test]
fn big_is_larger_than_small() {
    for kind in kinds() {
        let height = |size| {
            let mut subject = Subject::new(kind);
            subject.size = size;
            let mut scene = Scene::default();
            scene.subjects.push(subject);
            layout(&scene, 11, 256, 256).placed[0].height
        };
        assert!(height(Size::Small) * 1.25 < height(Size::Big), "{kind:?}");
        assert!(height(Size::Small) < height(Size::Medium), "{kind:?}");
    }
}

#[test]
fn things_get_a_support_that_suits_the_setting() {
    let support = |text: &str| layout(&scene(text), 1, 128, 128).placed[0].support;
    assert_eq!(support("a cat"), Support::Ground);
    assert_eq!(support("a cat in the sky"), Support::Cloud);
    assert_eq!(support("a cat at sea"), Support::Island);
    assert_eq!(support("a fish"), Support::Pool);
    assert_eq!(support("a boat on the sea"), Support::Waves);
    assert_eq!(support("a bird in a meadow"), Support::Nothing);
}

#[test]
fn the_painter_draws_step_by_step() {
    let full = layout(&scene("two cats in the rain"), 1, 64, 64);
    let mut painter = Painter::new(&full);
    assert_eq!(painter.steps(), 4);
    assert_eq!(painter.next(), Some(Step::Backdrop));
    let empty = painter.picture();
    assert_eq!(painter.next(), Some(Step::Thing(0)));
    assert!(!changed_pixels(&empty, &painter.picture()).is_empty());
    let rest: Vec<Step> = painter.by_ref().collect();
    assert_eq!(rest, [Step::Thing(1), Step::Foreground]);
    assert_eq!(painter.picture(), draw(&full));
}

#[test]
fn extreme_sizes_are_drawn() {
    let scene = scene("a bear with an umbrella on a hill next to a house in the fog at sunset");
    for (width, height) in [(64, 64), (64, 2048), (2048, 64), (2048, 2048)] {
        let picture = draw(&layout(&scene, 1, width, height));
        assert_eq!((picture.width, picture.height), (width, height));
        let first = &picture.rgb[..3];
        assert!(picture.rgb.chunks_exact(3).any(|p| p != first));
    }
}
