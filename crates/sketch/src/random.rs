//! Random scenes for training data.

use crate::rng::Rng;
use crate::scene::{
    Accessory, Backdrop, Color, Kind, Mood, Paint, Place, Relation, Scene, Setting, Size, Subject,
    Time, Weather, Worn,
};
use crate::words::lexicon::Lexicon;
use crate::words::tables::COLORS;
use crate::world::kinds;

/// Returns a random scene with one to three subjects. Parsing its caption gives the same scene.
pub fn random_scene(rng: &mut Rng) -> Scene {
    let all: Vec<Kind> = kinds().collect();
    let mut scene = Scene::default();
    let count = match rng.below(20) {
        0..=8 => 1,
        9..=16 => 2,
        _ => 3,
    };
    while scene.subjects.len() < count {
        let kind = rng.pick(&all);
        if scene.subjects.iter().all(|s| s.kind != kind) {
            scene.subjects.push(subject(kind, rng));
        }
    }
    relations(&mut scene, rng);
    scene.setting = setting(rng);
    scene
}

fn paint(rng: &mut Rng) -> Paint {
    if rng.chance(0.72) {
        return Paint::new(rng.pick(Color::ALL));
    }
    COLORS[rng.below(COLORS.len())].means
}

fn subject(kind: Kind, rng: &mut Rng) -> Subject {
    let mut subject = Subject::new(kind);
    if rng.chance(0.3) {
        subject.count = 2 + rng.below(4) as u8;
    }
    if rng.chance(0.6) {
        subject.paint = Some(paint(rng));
    }
    subject.size = match rng.below(10) {
        0 | 1 => Size::Small,
        2 | 3 => Size::Big,
        _ => Size::Medium,
    };
    if kind.has_face() && rng.chance(0.15) {
        subject.mood = rng.pick(&Mood::ALL[1..]);
    }
    for item in Accessory::ALL {
        if kind.can_wear(*item) && rng.chance(0.12) {
            let paint = rng.chance(0.65).then(|| paint(rng));
            subject.wear(Worn { item: *item, paint });
        }
    }
    subject
}

fn relations(scene: &mut Scene, rng: &mut Rng) {
    let count = scene.subjects.len();
    if count < 2 || rng.chance(0.15) {
        return;
    }
    if count == 3 && rng.chance(0.4) {
        scene.relate(Relation {
            subject: 0,
            place: Place::Between,
            object: 1,
            other: Some(2),
        });
        // "between a boy in a scarf and a hat" is ambiguous.
        if Lexicon::get().is_accessory_too(scene.subjects[2].kind) {
            scene.subjects[1].worn.clear();
        }
        return;
    }
    let links = if count == 3 && rng.chance(0.5) {
        1
    } else {
        count - 1
    };
    for subject in 0..links {
        let place = Place::ALL[rng.below(Place::ALL.len() - 1)];
        let holds = |i: usize| scene.subjects[i].kind.thing().inside.is_some();
        let place = if place == Place::In && !holds(subject + 1) {
            Place::NextTo
        } else {
            place
        };
        scene.relate(Relation {
            subject,
            place,
            object: subject + 1,
            other: None,
        });
    }
}

fn setting(rng: &mut Rng) -> Setting {
    let backdrop = if rng.chance(0.3) {
        Backdrop::Plain
    } else {
        rng.pick(Backdrop::ALL)
    };
    let time = match rng.below(10) {
        0 | 1 => Time::Night,
        2 | 3 => Time::Sunset,
        _ => Time::Day,
    };
    let weather = match rng.below(16) {
        0 => Weather::Rain,
        1 => Weather::Snow,
        2 => Weather::Fog,
        _ => Weather::Clear,
    };
    Setting {
        backdrop,
        time,
        weather,
    }
}
